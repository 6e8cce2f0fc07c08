package server_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"drover/models"
	"drover/rules/id"
	"drover/views/ui"
)

// longLog gives the failed result a log of so many lines, with a crash in it.
func (w *world) longLog(lines, crash int) string {
	w.t.Helper()
	var b strings.Builder
	for i := 1; i <= lines; i++ {
		switch i {
		case crash:
			b.WriteString("[  219.633] BUG: KASAN: slab-use-after-free in tcp_close+0x1f/0x90\n")
		case lines - 1:
			b.WriteString("a Needle near the end\n")
		default:
			fmt.Fprintf(&b, "[%5d.000] line %d\n", i, i)
		}
	}
	key := "job/long/console.log"
	if err := w.store(key, b.String()); err != nil {
		w.t.Fatal(err)
	}
	w.tx(func(tx *models.Tx) error {
		return tx.AddFile(models.File{OwnerKind: "job", OwnerID: w.job.ID, Name: "console.log", Blob: key, Bytes: int64(b.Len())})
	})
	return b.String()
}

func TestLogViewer(t *testing.T) {
	w := quick(t)
	w.longLog(12_000, 7000)
	self := "/results/" + w.failed.ID.String() + "/-/logs/console.log"
	for _, c := range []struct {
		query       string
		first, last int // of the window
		has         string
	}{
		{"", 6500, 8499, `<mark id="L7000" data-m="hit">`}, // opens at the first error
		{"?l=5000", 4500, 6499, `<mark id="L5000" data-m="chosen">`},
		{"?l=806-808", 306, 2305, `<mark id="L808" data-m="chosen">`},
		{"?l=11999", 11499, 12000, "Needle"},
		{"?l=1", 1, 2000, `<mark id="L1" data-m="chosen">`},
		{"?from=3000", 3000, 4999, ""},
		{"?from=999999", 12000, 12000, ""},
		{"?l=999999", 12000, 12000, ""},
		{"?from=-5", 1, 2000, ""},
	} {
		body := w.get(self+c.query, 200)
		if want := fmt.Sprintf("Lines %s to %s of %s", ui.Count(c.first), ui.Count(c.last), ui.Count(12_000)); !strings.Contains(body, want) {
			t.Errorf("%s: no %q", c.query, want)
		}
		if !strings.Contains(body, c.has) {
			t.Errorf("%s: no %q", c.query, c.has)
		}
	}
	if body := w.get(self+"?q=NEEDLE", 200); !strings.Contains(body, `<span class="hit-line">`+ui.Count(11_999)+"</span>") {
		t.Error("a word near the end was not found")
	}
	if body := w.get(self+"?q=line+%5Cd%2B7%24&regexp=1", 200); !strings.Contains(body, ">17</span>") {
		t.Error("an expression found nothing")
	}
	if body := w.get(self+"?q=line", 200); strings.Count(body, `class="hit-line"`) != 1000+1 || !strings.Contains(body, ui.Count(11_998)) {
		t.Errorf("hits listed: %d", strings.Count(body, `class="hit-line"`))
	}
	if body := w.get(self+"?q=(&regexp=1", 200); !strings.Contains(body, "Not a regular expression") {
		t.Error("a broken expression is not told")
	}
	if body := w.get(self+"?q=nothing-like-it", 200); !strings.Contains(body, "No line has") {
		t.Error("an empty search does not say so")
	}
}

func TestOddLines(t *testing.T) {
	w := quick(t)
	body := w.get("/results/"+w.failed.ID.String()+"/-/logs/console.log", 200)
	if !strings.Contains(body, "&lt;b&gt;bold&lt;/b&gt;") || strings.Contains(body, "\x1b") {
		t.Error("a log reached the page as it is")
	}
	if !strings.Contains(body, "red</span>") {
		t.Error("the colour is lost")
	}
}

func TestRawLog(t *testing.T) {
	w := quick(t)
	whole := w.longLog(3000, 7)
	self := "/results/" + w.failed.ID.String() + "/-/logs/console.log.txt"
	if got := w.get(self, 200); got != whole {
		t.Errorf("the raw log has %d bytes, not %d", len(got), len(whole))
	}
	lines := strings.SplitAfter(whole, "\n")
	for query, want := range map[string]string{
		"?l=806-818": strings.Join(lines[805:818], ""), "?l=3000": lines[2999], "?l=2999-9999": lines[2998] + lines[2999], "?l=9999": "", "?l=1": lines[0],
	} {
		if got := w.get(self+query, 200); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	r := w.do(request{path: self, header: map[string]string{"Range": "bytes=0-9"}})
	if part := text(t, r); r.StatusCode != 206 || part != whole[:10] || r.Header.Get("Content-Range") == "" {
		t.Errorf("a range: %d %q", r.StatusCode, part)
	}
	tag := w.do(request{path: self}).Header.Get("ETag")
	if r := w.do(request{path: self, header: map[string]string{"If-None-Match": tag}}); tag == "" || r.StatusCode != 304 {
		t.Errorf("a known log: %d", r.StatusCode)
	}
	if r := w.do(request{path: self + "?download=1"}); !strings.HasPrefix(r.Header.Get("Content-Disposition"), "attachment; filename=console.log") {
		t.Errorf("download: %q", r.Header.Get("Content-Disposition"))
	}
}

func TestLogsThatAreNotThere(t *testing.T) {
	w := quick(t)
	self := "/results/" + w.failed.ID.String() + "/-/logs/console.log"
	if err := w.blobs.Remove("job/" + w.job.ID.String() + "/console.log"); err != nil {
		t.Fatal(err)
	}
	if body := w.get(self, 200); !strings.Contains(body, "The log is gone") {
		t.Error("a log that is gone")
	}
	w.get(self+".txt", 404)
	if body := w.get("/results/"+w.failed.ID.String(), 200); !strings.Contains(body, "The log is gone") || !strings.Contains(body, "not ok 14 fib_nexthop_nongw") {
		t.Error("the result does not stand without its log")
	}
	w.tx(func(tx *models.Tx) error {
		return tx.AddFile(models.File{OwnerKind: "job", OwnerID: w.job.ID, Name: "console.log", Note: "the upload failed 3 times"})
	})
	for _, path := range []string{self, "/results/" + w.failed.ID.String()} {
		if body := w.get(path, 200); !strings.Contains(body, "The log was not stored: the upload failed 3 times.") {
			t.Errorf("%s does not say why there is no log", path)
		}
	}
	running, err := w.s.Results(w.running.ID)
	if err != nil {
		t.Fatal(err)
	}
	if body := w.get("/results/"+running[0].ID.String()+"/-/logs/console.log", 200); !strings.Contains(body, "nothing has run yet") {
		t.Error("the log of a running test")
	}
}

// trim removes every log, as if its time were over.
func (w *world) trim() {
	w.t.Helper()
	later := now.Add(time.Second)
	w.tx(func(tx *models.Tx) error {
		_, err := tx.TrimFiles(models.LogsBefore{Passing: later, Failing: later, Reported: later}, 1000)
		return err
	})
	blobs, err := w.s.TrimmedBlobs(1000)
	if err != nil || len(blobs) == 0 {
		w.t.Fatalf("%d blobs: %v", len(blobs), err)
	}
	var files []id.ID
	for _, b := range blobs {
		if !b.Shared {
			if err := w.blobs.Remove(b.Blob); err != nil {
				w.t.Fatal(err)
			}
		}
		files = append(files, b.ID)
	}
	w.tx(func(tx *models.Tx) error { return tx.ForgetBlobs(files) })
}

// TestTrimmedLogs: pages stand without the logs whose time is over, and say so.
func TestTrimmedLogs(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.trim()
		result, build := "/results/"+w.failed.ID.String(), "/builds/"+w.build.ID.String()
		gone := "was removed on 2026-11-27, 0 days after it was stored, to make room. The result, its first error and the statistics stay."
		for _, c := range []struct {
			path   string
			status int
			want   string
		}{
			{result, 200, "The log " + gone},
			{result + "/-/logs/console.log", 200, "The log " + gone},
			{result + "/-/logs/console.log?l=3", 200, "The log " + gone},
			{result + "/-/logs/console.log.txt", 410, "The log " + gone},
			{build, 200, "removed on 2026-11-27 to make room"},
			{build + "/-/logs/build.log", 200, "The log " + gone},
			{build + "/-/files/kernel", 410, "The file " + gone},
			{build + "/-/files/config", 200, "make"},
			{"/checkouts/" + w.newest.ID.String(), 200, "fib_nexthop_nongw"},
		} {
			if body := w.get(c.path, c.status); !strings.Contains(body, c.want) {
				t.Errorf("%s does not say %q", c.path, c.want)
			}
		}
	})
}

func TestFiles(t *testing.T) {
	w := quick(t)
	if got := w.get("/builds/"+w.build.ID.String()+"/-/files/config", 200); !strings.HasPrefix(got, "make\n") {
		t.Errorf("config: %q", got)
	}
	r := w.do(request{path: "/builds/" + w.build.ID.String() + "/-/files/kernel", header: map[string]string{"Range": "bytes=2-3"}})
	if body, err := io.ReadAll(r.Body); err != nil || r.StatusCode != 206 || string(body) != "ke" {
		t.Errorf("kernel: %d %q %v", r.StatusCode, body, err)
	}
}
