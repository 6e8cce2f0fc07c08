package server_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"drover/jobs"
	"drover/models"
	"drover/models/blob"
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

// shown are the stretches of lines that a page of a log has.
func shown(body string) string {
	var list []string
	first, last := 0, 0
	for _, m := range blockBounds.FindAllStringSubmatch(body, -1) {
		from, _ := strconv.Atoi(m[1])
		to, _ := strconv.Atoi(m[2])
		if from != last+1 || first == 0 {
			if first > 0 {
				list = append(list, fmt.Sprintf("%d-%d", first, last))
			}
			first = from
		}
		last = to
	}
	if first > 0 {
		list = append(list, fmt.Sprintf("%d-%d", first, last))
	}
	return strings.Join(list, " ")
}

var blockBounds = regexp.MustCompile(`class="log-block" data-first="(\d+)" data-last="(\d+)"`)

func TestLogViewer(t *testing.T) {
	w := quick(t)
	w.longLog(12_000, 7000)
	self := "/results/" + w.failed.ID.String() + "/-/logs/console.log"
	for _, c := range []struct {
		query string
		shown string
		has   string
	}{
		{"", "6990-8989", `<mark id="L7000" data-n="7000" data-m="hit">`}, // opens at the first error
		{"?l=5000", "4990-6989", `<mark id="L5000" data-n="5000" data-m="chosen">`},
		{"?l=806-808", "796-2795", `<mark id="L808" data-n="808" data-m="chosen">`},
		{"?l=11999", "11989-12000", "Needle"},
		{"?l=1", "1-2000", `<mark id="L1" data-n="1" data-m="chosen">`},
		{"?from=3000", "3000-4999", `rel="prev"`},
		{"?from=999999", "12000-12000", ""},
		{"?l=999999", "11990-12000", ""},
		{"?from=-5", "6990-8989", ""},
		{"?at=end", "10001-12000", "data-end"},
		{"?q=NEEDLE", "11989-12000", `id="L11999"`},
		{"?only=1", "6998-7002", "data-only"},
		{"?q=line+99%5Cd%24&regexp=1&only=1", "988-1001", "line 990"},
	} {
		body := w.get(self+c.query, 200)
		if got := shown(body); got != c.shown {
			t.Errorf("%s shows %s, want %s", c.query, got, c.shown)
		}
		if !strings.Contains(body, c.has) {
			t.Errorf("%s: no %q", c.query, c.has)
		}
	}
}

func TestLogSearch(t *testing.T) {
	w := quick(t)
	w.longLog(12_000, 7000)
	self := "/results/" + w.failed.ID.String() + "/-/logs/console.log"
	body := w.get(self+"?q=NEEDLE", 200)
	if !strings.Contains(body, `<span class="hit-line">`+ui.Count(11_999)+"</span>") {
		t.Error("a word near the end was not found")
	}
	for _, around := range []string{"[11997.000] line 11997", "[11998.000] line 11998", "[12000.000] line 12000"} {
		if !strings.Contains(body, `<code class="quiet">`+around+"</code>") {
			t.Errorf("no %q around what was found", around)
		}
	}
	if body := w.get(self+"?q=line+%5Cd%2B7%24&regexp=1", 200); !strings.Contains(body, ">1199</span>") {
		t.Error("an expression found nothing")
	}
	if body := w.get(self+"?q=line", 200); strings.Count(body, `class="hit-line"`) != 1000+1 || !strings.Contains(body, ui.Count(11_998)) || !strings.Contains(body, "The first 1000 are listed.") {
		t.Errorf("hits listed: %d", strings.Count(body, `class="hit-line"`))
	}
	if body := w.get(self+"?q=(&regexp=1", 200); !strings.Contains(body, "Not a regular expression") {
		t.Error("a broken expression is not told")
	}
	if body := w.get(self+"?q="+strings.Repeat("a", 1001), 200); !strings.Contains(body, "longer than 1000 characters") {
		t.Error("an endless search is made")
	}
	if body := w.get(self+"?q=nothing-like-it", 200); !strings.Contains(body, "No line has") {
		t.Error("an empty search does not say so")
	}
}

// TestLogLines is what a script asks for: lines alone, and how long the log is.
func TestLogLines(t *testing.T) {
	w := quick(t)
	w.longLog(12_000, 7000)
	self := "/results/" + w.failed.ID.String() + "/-/logs/console.log"
	for query, want := range map[string]string{
		"?from=501&to=1000": "501-1000", "?from=11900&to=99999": "11900-12000", "?from=1&to=12000": "1-5000", "?from=12001&to=12001": "", "?from=x": "", "?from=9&to=3": "",
	} {
		r := w.do(request{path: self + query, header: map[string]string{"X-Fragment": "lines"}})
		body := text(t, r)
		if got := shown(body); r.StatusCode != 200 || got != want || !strings.Contains(body, `data-lines="12000"`) || strings.Contains(body, "<html") || strings.Contains(body, "data-running") {
			t.Errorf("%s: %d, lines %s, want %s", query, r.StatusCode, got, want)
		}
	}
}

// hostileLog is a log that wants to be more than text.
func (w *world) hostileLog() {
	key := "job/hostile/console.log"
	text := "plain\n\x1b[1;31mred\x1b[0m after\n" + "10 %\r50 %\r100 %\r\n" + "nul\x00 bad \xff\xfe end\n" + strings.Repeat("m", 1<<20) + "\n" +
		"<script>alert(1)</script>\n" + "</pre><img src=x onerror=alert(1)>\n" + "\x1b]0;title\x07\u202eoverride\n" + strings.Repeat("1%\r", 1<<20) + "\x1b[32mdone\x1b[0m\n"
	if err := w.store(key, text); err != nil {
		w.t.Fatal(err)
	}
	w.tx(func(tx *models.Tx) error {
		return tx.AddFile(models.File{OwnerKind: "job", OwnerID: w.job.ID, Name: "console.log", Blob: key, Bytes: int64(len(text))})
	})
}

func TestOddLines(t *testing.T) {
	w := quick(t)
	w.hostileLog()
	self := "/results/" + w.failed.ID.String() + "/-/logs/console.log"
	body := w.get(self+"?l=1", 200)
	for _, want := range []string{
		`<span class="a1 ab">red</span> after`, "\n100 %\n", "nul\ufffd bad \ufffd\ufffd end", strings.Repeat("m", 4000) + ` … <a href="` + self + `.txt?l=5">whole line</a>`,
		"&lt;script&gt;alert(1)&lt;/script&gt;", "&lt;/pre&gt;&lt;img src=x onerror=alert(1)&gt;", "\noverride\n", `<span class="a2">done</span>`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %.80q", want)
		}
	}
	for _, never := range []string{"\x1b", "<script>alert", "<img", "\x00", "\u202e", strings.Repeat("m", 4001)} {
		if strings.Contains(body, never) {
			t.Errorf("the page has %.40q", never)
		}
	}
	if len(body) > 40_000 {
		t.Errorf("the page has %d bytes", len(body))
	}
	if raw := w.get(self+".txt?l=5", 200); len(raw) != 1<<20+1 {
		t.Errorf("the whole line has %d bytes", len(raw))
	}
	if body := w.get(self+"?q=script", 200); strings.Contains(body, "<script>alert") || !strings.Contains(body, "&lt;script&gt;alert") {
		t.Error("the list of what was found")
	}
}

func TestLogChoice(t *testing.T) {
	w := quick(t)
	w.longLog(3000, 7)
	self := "/results/" + w.failed.ID.String() + "/-/logs/console.log"
	r := w.do(request{method: "POST", path: "/me/-/actions/log", body: "wrap=on&clock=difference&back=" + self, header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}})
	if r.StatusCode != 303 || r.Header.Get("Location") != self || len(r.Cookies()) != 1 {
		t.Fatalf("%d to %s with %v", r.StatusCode, r.Header.Get("Location"), r.Cookies())
	}
	body := text(t, w.do(request{path: self + "?from=20", cookies: r.Cookies()}))
	if !strings.Contains(body, `<span class="l" data-n="20" data-t="+1.000">`) || !strings.Contains(body, `value="off" aria-pressed="true">Wrap`) {
		t.Error("the choice is forgotten")
	}
	for cookie, want := range map[string]string{"off.kernel": `<pre class="tm">20.000`, "x.y": `<pre class="ln"`, "": `<pre class="ln"`, "on": `class="l" data-n="20">`} {
		body := text(t, w.do(request{path: self + "?from=20", cookies: []*http.Cookie{{Name: "drover_log", Value: cookie}}}))
		if !strings.Contains(body, want) {
			t.Errorf("%q: no %s", cookie, want)
		}
	}
}

// TestRunningLog: the copy of a log that a job still writes is shown, grows,
// and ends.
func TestRunningLog(t *testing.T) {
	w := quick(t)
	builds, err := w.s.Builds(w.running.ID)
	if err != nil {
		t.Fatal(err)
	}
	var job models.Job
	w.tx(func(tx *models.Tx) error {
		job, err = tx.AddJob(models.Job{Kind: "build", CheckoutID: w.running.ID, BuildID: builds[0].ID, Attempt: 9, State: models.JobRunning})
		if err != nil {
			return err
		}
		job.SubmittedAt = &tx.Now
		return tx.SetJob(job)
	})
	self := "/builds/" + builds[0].ID.String() + "/-/logs/build.log"
	if body := w.get(self, 200); strings.Contains(body, "so far") {
		t.Error("a job that said nothing has a log; the one before it has")
	}
	key := jobs.RunningLog(job, "build.log")[0]
	var written strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&written, "CC file%d.o\n", i+1)
	}
	add := func(text string) {
		written.WriteString(text)
		if _, err := w.blobs.Append(key, strings.NewReader(written.String()), 1<<20); err != nil {
			t.Fatal(err)
		}
	}
	add("half a li")
	body := w.get(self, 200)
	for _, want := range []string{"running, 3001 lines so far", "half a li", "data-running", `http-equiv="refresh"`, "log.", "data-end"} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q", want)
		}
	}
	if got := shown(body); got != "1002-3001" {
		t.Errorf("it opens at %s", got)
	}
	add("ne\n##drover section-start link\nnot ok 1 x\n")
	r := w.do(request{path: self + "?from=3001&to=9999", header: map[string]string{"X-Fragment": "lines"}})
	if body := text(t, r); shown(body) != "3001-3003" || !strings.Contains(body, "half a line") || !strings.Contains(body, "data-running") || !strings.Contains(body, `data-lines="3003"`) {
		t.Errorf("new lines: %s", body)
	}
	if raw := w.get(self+".txt?l=3001", 200); raw != "half a line\n" {
		t.Errorf("raw: %q", raw)
	}
	if raw := w.get(self+".txt", 200); raw != written.String() {
		t.Errorf("the raw log has %d bytes", len(raw))
	}
	if body := w.get("/builds/"+builds[0].ID.String(), 200); !strings.Contains(body, "running, 3003 lines so far") {
		t.Error("the page of the build does not show what it says")
	}
	if err := w.blobs.Remove(key); err != nil {
		t.Fatal(err)
	}
	if err := w.store(jobs.RunningLog(job, "build.log")[1], written.String()); err != nil {
		t.Fatal(err)
	}
	if body := w.get(self, 200); !strings.Contains(body, "running, 3003 lines so far") {
		t.Error("while it is collected, it is gone")
	}
	w.get("/builds/"+builds[0].ID.String()+"/-/logs/console.log", 200)
}

// TestLogWithoutIndex: an index that is lost is made anew, once.
func TestLogWithoutIndex(t *testing.T) {
	w := quick(t)
	w.longLog(3000, 700)
	if err := w.blobs.Remove("job/long/console.log.idx"); err != nil {
		t.Fatal(err)
	}
	self := "/results/" + w.failed.ID.String() + "/-/logs/console.log"
	for range 2 {
		if body := w.get(self, 200); shown(body) != "690-2689" || !strings.Contains(body, `data-m="hit"`) {
			t.Errorf("it shows %s", shown(body))
		}
	}
}

func TestLogStorageAway(t *testing.T) {
	w := quick(t)
	folder := t.TempDir()
	var err error
	if w.blobs, err = blob.Open(folder); err != nil {
		t.Fatal(err)
	}
	w.serve(w.settings)
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	self := "/results/" + w.failed.ID.String() + "/-/logs/console.log"
	for path, status := range map[string]int{self: 200, self + ".txt": 503, "/results/" + w.failed.ID.String(): 200} {
		if body := w.get(path, status); !strings.Contains(body, "The log storage cannot be read just now.") {
			t.Errorf("%s does not say so", path)
		}
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
