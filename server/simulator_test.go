package server_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"drover/jobs"
	"drover/models"
	"drover/rules/definition"
)

const triedPatch = "diff --git a/mm/slab.c b/mm/slab.c\n--- a/mm/slab.c\n+++ b/mm/slab.c\n@@ -1 +1 @@\n-a\n+b\ndiff --git a/sound/x.c b/sound/x.c\n--- a/sound/x.c\n+++ b/sound/x.c\n@@ -1 +1 @@\n-a\n+b\n"

// aimed makes mm/slow run for some conditions only.
func (w *world) aimed(when string) {
	w.t.Helper()
	if code, answer, _ := w.sends("apply", "", "a.yaml", "tests:\n  mm/slow:\n    command: x\n    trees: [net-next]\n    when: "+when+"\n"); code != 200 {
		w.t.Fatal(answer)
	}
}

func (w *world) mirrorOf(tree models.Tree) string {
	w.t.Helper()
	sources, err := w.s.TreeSources(tree.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	remote, err := w.s.Remote(sources[0].RemoteID)
	if err != nil {
		w.t.Fatal(err)
	}
	return remote.Mirror
}

// answers stores what a job would find.
func (w *world) answers(kind, key string, found any) {
	w.t.Helper()
	body, err := json.Marshal(found)
	if err != nil {
		w.t.Fatal(err)
	}
	w.tx(func(tx *models.Tx) error {
		l, err := tx.Ask(jobs.LookupAnswer, kind, key, 0)
		if err != nil {
			return err
		}
		l.Answer = string(body)
		return tx.AnswerLookup(l)
	})
}

func holds(t *testing.T, what, body string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(body, part) {
			t.Errorf("%s: no %q in %.2500s", what, part, body)
		}
	}
}

// A patch is tried without anything being stored; owners come from the
// MAINTAINERS that a job read.
func TestTryAPatch(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.aimed("{maintainers: [MEMORY]}")
		try := func(form url.Values) (int, string) {
			r := w.post("/targeting/-/actions/try", form.Encode())
			return r.StatusCode, text(t, r)
		}
		code, body := try(url.Values{"patch": {triedPatch}, "tree": {"net-next"}})
		if code != 200 {
			t.Fatalf("%d %.500s", code, body)
		}
		holds(t, "before MAINTAINERS is read", body, "mm/slow", "MAINTAINERS is being read", "MAINTAINERS has no section")
		newest, err := w.s.BranchTails(w.tree.ID, 1)
		if err != nil || len(newest) == 0 {
			t.Fatal(newest, err)
		}
		key := jobs.CommitKey(w.mirrorOf(w.tree), newest[0].SHA)
		if _, err := w.s.LookupOf(jobs.LookupMaintainers, key); err != nil {
			t.Fatalf("nobody asked for MAINTAINERS: %v", err)
		}
		w.answers(jobs.LookupMaintainers, key, jobs.MaintainersFound{Has: true, Text: "List\n\nMEMORY\nM:\tAndrew Morton <akpm@example.org>\nS:\tMaintained\nF:\tmm/\n"})
		_, body = try(url.Values{"patch": {triedPatch}, "tree": {"net-next"}})
		holds(t, "once it is known", body, "mm/slab.c has changed: the test is for changes of a file of “MEMORY”", "Andrew Morton", "No test")
		if at := strings.Index(body, "sound/x.c</"); at > strings.LastIndex(body, "mm/slab.c</") {
			t.Error("the file that nobody covers is not first")
		}
		if code, body := try(url.Values{"patch": {"hello"}}); code != 422 || !strings.Contains(body, "this changes no file: is it a patch") || !strings.Contains(body, ">hello</textarea>") {
			t.Errorf("no patch: %d %.500s", code, body)
		}
		if code, body := try(url.Values{"patch": {triedPatch}, "tree": {"nope"}}); code != 422 || !strings.Contains(body, "no tree is called") {
			t.Errorf("no tree: %d %.500s", code, body)
		}
		r := w.do(request{method: "POST", path: "/targeting/-/actions/try", body: `{"patch":` + quoted(triedPatch) + `,"arch":"x86_64"}`, header: map[string]string{"Content-Type": "application/json"}})
		answer := text(t, r)
		holds(t, "a visitor's program", answer, `"test":"mm/slow","state"`, `"path":"sound/x.c"`, `"maintainers":"unknown"`)
	})
}

// A file of a patch is read whatever its encoding, and one that is long is not
// sent back to be edited.
func TestTryAFile(t *testing.T) {
	w := quick(t)
	try := func(patch string) (int, string) {
		r := w.do(request{method: "POST", path: "/targeting/-/actions/try", cookies: w.signedIn(),
			body:   "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.patch\"\r\n\r\n" + patch + "\r\n--x--\r\n",
			header: map[string]string{"Content-Type": "multipart/form-data; boundary=x", "Sec-Fetch-Site": "same-origin", "Origin": "http://" + host}})
		return r.StatusCode, text(t, r)
	}
	code, body := try(strings.Replace(triedPatch, "+b", "+\xe7", 1))
	if code != 200 {
		t.Fatalf("Latin-1: %d %.500s", code, body)
	}
	holds(t, "Latin-1", body, "No test is aimed at 2 of", "\n+\uFFFD\n")
	long := strings.Replace(triedPatch, "@@ -1 +1 @@\n-a\n+b\n", "@@ -1 +1,20001 @@\n-a\n+b\n"+strings.Repeat("+"+strings.Repeat("x", 60)+"\n", 20_000), 1)
	if code, body := try(long); code != 200 || strings.Contains(body, "+xxx") || !strings.Contains(body, "No test is aimed at 2 of") {
		t.Errorf("a long one: %d, %d bytes", code, len(body))
	}
	if code, body := try("\x00\xff"); code != 422 || !strings.Contains(body, "no text") {
		t.Errorf("a binary: %d %.500s", code, body)
	}
}

// The preview of the editor judges sections of MAINTAINERS by the newest
// checkout, once a job has read it.
func TestPreviewOfSections(t *testing.T) {
	w := quick(t)
	w.aimed("{paths: [mm/]}")
	preview := func() string {
		r := w.post("/tests/mm/slow/-/actions/preview", "as=fields&maintainers=NETWORKING&tree=net-next")
		return text(t, r)
	}
	holds(t, "at first", preview(), "MAINTAINERS is being read")
	newest, err := w.s.BranchTails(w.tree.ID, 1)
	if err != nil || len(newest) == 0 {
		t.Fatal(newest, err)
	}
	w.answers(jobs.LookupMaintainers, jobs.CommitKey(w.mirrorOf(w.tree), newest[0].SHA), jobs.MaintainersFound{Has: true, Text: "List\n\nNETWORKING\nS:\tMaintained\nF:\tnet/core/\n"})
	body := preview()
	holds(t, "once it is known", body, "has changed: the test is for changes of a file of “NETWORKING”", "newly")
	if strings.Contains(body, "being read") {
		t.Error("what is known is still being read")
	}
}

func quoted(s string) string {
	b, _ := json.Marshal(s) // of a text never fails
	return string(b)
}

// A checkout and commits of a tree have an address, which stores nothing.
func TestTryWhatIsKnown(t *testing.T) {
	w := quick(t)
	w.aimed("{paths: [net/core/]}")
	body := w.get("/targeting?checkout="+w.newest.ID.String()+"&arch=x86_64", 200)
	holds(t, "a checkout", body, "Checkout "+w.newest.ID.String()+" of net-next", "mm/slow", "net/core/", "Files")
	data := decode(t, w.get("/targeting.json?checkout="+w.newest.ID.String(), 200))["data"].(map[string]any)["plan"].(map[string]any)
	if len(data["tests"].([]any)) < 3 || len(data["files"].([]any)) == 0 {
		t.Errorf("%v", data)
	}
	const ranged = "/targeting?tree=net-next&range=v6.12..main"
	holds(t, "commits that nobody asked for", w.get(ranged, 200), "Nobody had these commits read yet")
	key := jobs.RangeKey(w.mirrorOf(w.tree), "v6.12..main")
	if _, err := w.s.LookupOf(jobs.LookupRange, key); err == nil {
		t.Error("a page that was read asks for something")
	}
	r := w.post("/targeting/-/actions/try", "tree=net-next&range=v6.12..main")
	if r.StatusCode != 303 || r.Header.Get("Location") != ranged {
		t.Errorf("%d to %s", r.StatusCode, r.Header.Get("Location"))
	}
	holds(t, "while they are read", w.get(ranged, 200), "are being read in the mirror of net-next")
	w.answers(jobs.LookupRange, key, jobs.RangeFound{Tip: w.newest.SHA, Files: []jobs.FileFound{{Path: "net/core/dev.c", Kind: "modified"}}, Subjects: []string{"net: x"}})
	holds(t, "commits", w.get(ranged, 200), "Commits v6.12..main of net-next.", "net/core/dev.c has changed")
	for query, want := range map[string]string{
		"checkout=zzz": "is not the short name of a checkout", "tree=nope": "no tree is called", "range=a..b": "choose the tree that these commits are in",
		"tree=net-next&range=--x..b": "write A..B, or one commit", "arch=riscv&checkout=" + w.newest.ID.String(): "net-next is not built for riscv",
	} {
		holds(t, query, w.get("/targeting?"+query, 422), want)
	}
	w.tx(func(tx *models.Tx) error {
		tx.Now = now
		test, err := tx.TestByPath("mm/slow")
		if err != nil {
			return err
		}
		return tx.MoveTest(&test, "off", definition.Quarantine{})
	})
	if body := w.get(ranged, 200); strings.Contains(body, ">mm/slow<") {
		t.Error("a test that is off is in the plan")
	}
}
