package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"drover/models/blob"
)

// TestFullDatabase: whoever presses a button while nothing can be stored is
// told what to do; the probe and every page say it too, until there is room.
func TestFullDatabase(t *testing.T) {
	w := quick(t)
	if err := w.s.BoundPages(1); err != nil {
		t.Fatal(err)
	}
	status, answer := 0, ""
	for i := range 500 {
		r := w.api("/trees/net-next/-/actions/test", fmt.Sprintf(`{"revision":"v6.%d","branch":"main"}`, i))
		status, answer = r.StatusCode, text(t, r)
		if status != http.StatusAccepted {
			break
		}
	}
	want := "free some space, then try again. Nothing that was stored is lost; what was asked for here was not stored."
	if status != http.StatusInsufficientStorage || !strings.Contains(answer, want) {
		t.Errorf("a program is told %d %s", status, answer)
	}
	r := w.post("/trees/net-next/-/actions/test", "revision=v7.0&branch=main")
	if page := text(t, r); r.StatusCode != http.StatusInsufficientStorage || !strings.Contains(page, "The disk under ") || !strings.Contains(page, want) {
		t.Errorf("a person is told %d %s", r.StatusCode, page)
	}
	if page := w.get("/trees", 200); !strings.Contains(page, "is full: free some space. Nothing can be stored until then") {
		t.Error("pages do not say that the disk is full")
	}
	if got := w.get("/readyz", 503); !strings.Contains(got, "database: the disk under ") {
		t.Errorf("readyz: %q", got)
	}
	if err := w.s.BoundPages(1 << 30); err != nil {
		t.Fatal(err)
	}
	if r := w.post("/trees/net-next/-/actions/test", "revision=v7.0&branch=main"); r.StatusCode != http.StatusSeeOther {
		t.Errorf("with room again: %d", r.StatusCode)
	}
	w.get("/readyz", 200)
	if page := w.get("/trees", 200); strings.Contains(page, "is full") {
		t.Error("pages say that the disk is full when it is not any more")
	}
}

func TestRoomOnTheDisk(t *testing.T) {
	w := quick(t)
	for _, c := range []struct {
		why      string
		free     int64
		writable bool
		ready    int
		want     string // on pages; "" for nothing
	}{
		{"plenty", 100 << 30, true, 200, ""},
		{"just enough", blob.LowFree, true, 200, ""},
		{"low", blob.LowFree - 1, true, 200, "Only 2047 MiB are free on the disk under %s: free some space. Below 64 MiB builds and tests wait."},
		{"too little for a job", blob.LeastFree - 1, true, 503, "The disk under %s is full (63 MiB are free): free some space; builds and tests wait until then, and nothing that was stored is lost."},
		{"a public site keeps the folder to itself", 0, false, 503, "The disk under DROVER_DATA is full (0 MiB are free)"},
	} {
		settings := writableSettings()
		settings.Writable = c.writable
		w.free = func() (int64, error) { return c.free, nil }
		w.serve(settings)
		page := w.get("/trees", 200)
		if strings.Contains(c.want, "%s") {
			c.want = fmt.Sprintf(c.want, w.settings.DataDir)
		}
		if c.want == "" && strings.Contains(page, "MiB are free") || !strings.Contains(page, c.want) {
			t.Errorf("%s: no %q on the page", c.why, c.want)
		}
		if got := w.get("/readyz", c.ready); strings.Contains(got, "disk: ok") != (c.ready == 200) {
			t.Errorf("%s: readyz says %q", c.why, got)
		}
	}
}
