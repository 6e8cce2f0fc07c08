package report_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"drover/models"
	"drover/models/report"
	"drover/rules/id"
	"drover/rules/notice"
	"drover/rules/status"
)

// result is what all results on the build that works have in common.
func result(test string, number string, r notice.Result) notice.Result {
	r.Kind, r.Test, r.Arch, r.Config, r.Compiler = notice.Test, test, "x86_64", "defconfig", "gcc"
	r.URL = "https://ci.example.org/r/new/" + test + "." + number + "#0"
	r.LogURL = strings.TrimSuffix(r.URL, "0") + "0"
	if r.Signature != "" {
		r.LogURL = strings.TrimSuffix(r.URL, "0") + "6"
	}
	r.BuildURL = "https://ci.example.org/b/new/x86_64"
	return r
}

// facts are the results of the seeded store as a report gets them.
func facts() []notice.Result {
	build := func(arch string, r notice.Result) notice.Result {
		r.Kind, r.Arch, r.Config, r.Compiler = notice.Build, arch, "defconfig", "gcc"
		r.URL = "https://ci.example.org/b/new/" + arch
		r.LogURL, r.BuildURL = r.URL, r.URL
		return r
	}
	since := pushed.Add(20 * time.Minute)
	return []notice.Result{
		build("arm64", notice.Result{
			Status: status.Fail, Shown: status.New, Tries: 2, Failed: 1, Streak: 1, Reason: "ended with exit status 2",
			Signature: "net/a.c:1: error: oops", Lines: shown("net/a.c:1: error: oops"),
		}),
		build("x86_64", notice.Result{Status: status.Pass, Tries: 1}),
		result("beta", "1", notice.Result{
			Status: status.Fail, Shown: status.StillFailing, Tries: 1, Failed: 1, Hosts: 1, Streak: 1, Signature: "beta: no",
			Before: notice.History{Total: 1, Since: since}, Lines: []string{"beta: no"}, // the log is gone, the line is not
		}),
		result("delta", "1", notice.Result{Status: status.Error, Tries: 1, Hosts: 1, Reason: "the disk was full"}),
		result("epsilon", "1", notice.Result{Status: status.Miss, Reason: "the build ended without it"}),
		result("zeta", "1", notice.Result{Status: status.Skip, Tries: 1, Hosts: 1, Reason: "needs root"}),
		result("eta", "1", notice.Result{
			Status: status.Fail, Shown: status.Trial, Tries: 1, Failed: 1, Hosts: 1, Signature: "eta: slow", Lines: shown("eta: slow"),
		}),
		result("suite/one", "1", notice.Result{
			Status: status.Fail, Shown: status.FirstRun, Tries: 1, Failed: 1, Hosts: 1, Signature: "suite: one", Lines: shown("suite: one"),
		}),
		result("alpha", "2", notice.Result{
			Status: status.Fail, Shown: status.New, Tries: 2, Failed: 2, Hosts: 2, Streak: 3, Signature: "alpha: oops",
			Before: notice.History{Passed: 1, Total: 1, Since: since, Back: 3}, Lines: shown("alpha: oops"),
		}),
		result("gamma", "2", notice.Result{Status: status.Pass, Shown: status.Flaky, Tries: 2, Failed: 1, Hosts: 2}),
	}
}

func TestFacts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		got, err := report.Facts(w.s.Query, w.blobs, w.names, w.fresh.ID)
		if err != nil {
			t.Fatal(err)
		}
		header := notice.Header{
			Checkout: w.fresh.ID, Verdict: status.NewFailures, Sentence: "1 new failure", NewCount: 1, FixedCount: 2,
			Tree: "net-next", Branch: "main", Repository: "https://git.example.org/net-next.git",
			Commit:   notice.Commit{SHA: strings.Repeat("b", 40), Subject: "net: new", Describe: "v6.12-new"},
			Compared: &notice.Compared{SHA: strings.Repeat("a", 40), Tested: pushed, Back: 4},
			Finished: pushed.Add(50 * time.Minute), Took: 50 * time.Minute,
			Counts: []notice.Count{{Name: "Builds", Pass: 1, New: 1}, {Name: "Tests", Pass: 1, New: 1, Infra: 1, Miss: 1, Skip: 1, Other: 3}},
			Links:  notice.Links{Checkout: "https://ci.example.org/c/new"},
		}
		if diff := cmp.Diff(header, got.Header); diff != "" {
			t.Errorf("header (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(facts(), got.Results, cmpopts.IgnoreFields(notice.Result{}, "Reproduce")); diff != "" {
			t.Errorf("results (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(repeated, lastCommands(got.Results)); diff != "" {
			t.Errorf("how to repeat (-want +got):\n%s", diff)
		}
	})
}

// repeated is the last command of how a failure is repeated. What did not fail
// is not; a case is repeated with the suite that it is in.
var repeated = map[string]string{
	"build of arm64": "make ARCH=arm64 -j$(nproc)",
	"beta":           "./beta.sh", "eta": "./eta.sh", "alpha": "./alpha.sh", "suite/one": "./suite.sh",
}

func lastCommands(results []notice.Result) map[string]string {
	commands := map[string]string{}
	for _, r := range results {
		if r.Reproduce == nil {
			continue
		}
		name := r.Test
		if r.Kind == notice.Build {
			name = "build of " + r.Arch
		}
		lines := r.Reproduce.Steps[len(r.Reproduce.Steps)-1].Lines
		commands[name] = lines[len(lines)-1]
	}
	return commands
}

// TestHeader changes the checkout and looks at what the header makes of it.
func TestHeader(t *testing.T) {
	type said struct {
		Partial  bool
		Finished time.Time
		Took     time.Duration
		Back     int // -1: compared with nothing
		New      int
	}
	w := quick(t)
	for _, one := range []struct {
		name   string
		change func(c *models.Checkout)
		want   said
		err    string
	}{
		{
			"the deadline passed: the report is of now", func(c *models.Checkout) { c.State, c.FinishedAt = models.CheckoutRunning, nil },
			said{Partial: true, Finished: now, Back: 4, New: 1}, "",
		},
		{
			"after a rebase no distance is told", func(c *models.Checkout) { c.NotAncestor = true },
			said{Finished: pushed.Add(50 * time.Minute), Took: 50 * time.Minute, New: 1}, "",
		},
		{
			"the first of its branch", func(c *models.Checkout) { c.ComparedID, c.ComparedBack = nil, 0 },
			said{Finished: pushed.Add(50 * time.Minute), Took: 50 * time.Minute, Back: -1, New: 1}, "",
		},
		{
			"not judged yet", func(c *models.Checkout) { c.Counts = "" },
			said{Finished: pushed.Add(50 * time.Minute), Took: 50 * time.Minute, Back: 4}, "",
		},
		{"counts that cannot be read", func(c *models.Checkout) { c.Counts = "[" }, said{}, "read the counts of "},
		{"compared with what is not there", func(c *models.Checkout) { c.ComparedID = new(id.ID) }, said{}, "not found"},
	} {
		t.Run(one.name, func(t *testing.T) {
			c := w.fresh
			one.change(&c)
			w.tx(func(tx *models.Tx) error { return tx.SetVerdict(c) })
			got, err := report.Facts(w.s.Query, w.blobs, w.names, c.ID)
			if err != nil || one.err != "" {
				if err == nil || one.err == "" || !strings.Contains(err.Error(), one.err) {
					t.Errorf("got %v, want %q in it", err, one.err)
				}
				return
			}
			found := said{Partial: got.Partial, Finished: got.Finished, Took: got.Took, Back: -1, New: got.NewCount}
			if got.Compared != nil {
				found.Back = got.Compared.Back
			}
			if diff := cmp.Diff(one.want, found); diff != "" {
				t.Error(diff)
			}
		})
	}
	if _, err := report.Facts(w.s.Query, w.blobs, w.names, 7); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("of no checkout: %v", err)
	}
}

func TestExcerpt(t *testing.T) {
	w := quick(t)
	job := w.jobs["new/alpha.2"]
	long := strings.Repeat("x\n", 1000)
	set := func(t *testing.T, text string) {
		if err := w.storeLog(key(job), text); err != nil {
			t.Fatal(err)
		}
	}
	put := func(t *testing.T, name, text string) {
		if _, err := w.blobs.Put(context.Background(), name, strings.NewReader(text)); err != nil {
			t.Fatal(err)
		}
	}
	remove := func(t *testing.T, name string) {
		if err := w.blobs.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	file := func(blob string) {
		w.tx(func(tx *models.Tx) error {
			return tx.AddFile(models.File{OwnerKind: "job", OwnerID: job.ID, Name: "console.log", Blob: blob, Note: "larger than 2 MB"})
		})
	}
	for _, one := range []struct {
		name    string
		prepare func(t *testing.T)
		log     string
		line    int64
		want    []string
		err     string
	}{
		{"four lines before, the rest after", func(t *testing.T) { set(t, "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n") }, "console.log", 6,
			[]string{"2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13"}, ""},
		{"the first line", nil, "console.log", 1, []string{"1", "2", "3", "4", "5", "6", "7", "8"}, ""},
		{"the last line", nil, "console.log", 15, []string{"11", "12", "13", "14", "15"}, ""},
		{"after the end", nil, "console.log", 30, nil, ""},
		{"no line is known", nil, "console.log", 0, nil, ""},
		{"another log", nil, "serial.log", 6, nil, ""},
		{"no control characters, no lines of the runner", func(t *testing.T) { set(t, log("oops")) }, "console.log", 6, shown("oops"), ""},
		{"far into a long log", func(t *testing.T) { set(t, long+"oops") }, "console.log", 1001, []string{"x", "x", "x", "x", "oops"}, ""},
		{"an index of another version is made anew", func(t *testing.T) { put(t, key(job)+".idx", `{"version":0}`) }, "console.log", 1001, []string{"x", "x", "x", "x", "oops"}, ""},
		{"a damaged index", func(t *testing.T) { put(t, key(job)+".idx", "\x00") }, "console.log", 1001, []string{"x", "x", "x", "x", "oops"}, ""},
		{"an index that is gone", func(t *testing.T) { remove(t, key(job)+".idx") }, "console.log", 1001, []string{"x", "x", "x", "x", "oops"}, ""},
		{"a log shorter than its index", func(t *testing.T) { set(t, long); put(t, key(job), "x\n") }, "console.log", 900, nil, "read console.log of job"},
		{"a log that is gone", func(t *testing.T) { remove(t, key(job)) }, "console.log", 6, nil, ""},
		{"a key that is none", func(*testing.T) { file("../etc/passwd") }, "console.log", 6, nil, "is not a key"},
		{"not stored", func(*testing.T) { file("") }, "console.log", 6, nil, ""},
	} {
		t.Run(one.name, func(t *testing.T) {
			if one.prepare != nil {
				one.prepare(t)
			}
			got, err := report.Excerpt(w.s.Query, w.blobs, job.ID, one.log, one.line)
			if (err != nil) != (one.err != "") || err != nil && !strings.Contains(err.Error(), one.err) {
				t.Errorf("error %v, want %q in it", err, one.err)
			}
			if diff := cmp.Diff(one.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
