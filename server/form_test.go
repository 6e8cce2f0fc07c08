package server_test

import (
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"drover/jobs"
	"drover/models"
	"drover/rules/status"
	"drover/views/route"
)

func TestAddTreeAsJSON(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		r := w.api("/trees/new", `{"url":"https://git.example.org/kunit.git","branches":["master"],"builds":"kunit","name":"kunit-tree"}`)
		body := decode(t, text(t, r))
		if r.StatusCode != 201 || body["data"].(map[string]any)["tree"] != "kunit-tree" || r.Header.Get("Location") != "/trees/kunit-tree" ||
			body["links"].(map[string]any)["html"] != "https://ci.example.org/trees/kunit-tree" {
			t.Fatalf("%d %v", r.StatusCode, body)
		}
		tree, err := w.s.TreeByName("kunit-tree")
		if err == nil && tree.State != status.TreeLive {
			t.Errorf("a program adds a tree that is %s", tree.State)
		}
		if err != nil {
			t.Fatal(err)
		}
		tests, err := w.s.TestsOfTree(tree.ID)
		if err != nil || len(tests) != 1 || tests[0].Path != "kunit" || !tests[0].EachCase {
			t.Errorf("its tests are %+v, %v", tests, err)
		}
		for object, fields := range map[string][]string{
			`{}`: {"url"},
			`{"url":"https://git.example.org/net-next.git"}`:                             {"name"},
			`{"url":"https://u:p@x/y","name":"y"}`:                                       {"url"},
			`{"url":"ftp://x/y","name":"y"}`:                                             {"url"},
			`{"url":"-uoops","name":"y"}`:                                                {"url"},
			`{"url":"https://x/y.git","branches":["a b"],"name":"new"}`:                  {"branches", "name"},
			`{"url":"https://x/y.git","builds":"all","policy":"some"}`:                   {"builds", "policy"},
			`{"url":"https://x/y.git","builds":"recipe"}`:                                {"recipe"},
			`{"url":"https://x/y.git","builds":"matrix"}`:                                {"arches"},
			`{"url":"https://x/y.git","tests":["net/fib_tests.sh","nope"]}`:              {"tests"},
			`{"url":"https://x/y.git","mail":"nobody"}`:                                  {"mail"},
			`{"url":"https://x/y.git","name":"a/-/b"}`:                                   {"name"},
			`{"url":"https://x/y.git","name":"` + strings.Repeat("x", 101) + `"}`:        {"name"},
			`{"url":"https://x/y.git","name":"a.json","branches":["refs/heads/master"]}`: {"name", "branches"},
		} {
			r := w.api("/trees/new", object)
			problem := decode(t, text(t, r))
			if problem["fields"] == nil || r.StatusCode != 422 {
				t.Errorf("%s: %d", object, r.StatusCode)
				continue
			}
			for _, field := range fields {
				if problem["fields"].(map[string]any)[field] == nil {
					t.Errorf("%s: nothing is said of %s: %v", object, field, problem)
				}
			}
		}
		for body, want := range map[string]int{`{"color":"red"}`: 400, `{`: 400, `[]`: 400, `{"url":{"a":1}}`: 422, `"` + strings.Repeat("x", 300_000) + `"`: 413} {
			if r := w.api("/trees/new", body); r.StatusCode != want {
				t.Errorf("%.20s: %d, want %d", body, r.StatusCode, want)
			}
		}
	})
}

func TestRefusedFormKeepsWhatWasTyped(t *testing.T) {
	w := quick(t)
	r := w.post("/trees/new", url.Values{"url": {"nonsense " + hostile}}.Encode())
	body := text(t, r)
	if r.StatusCode != 422 || strings.Contains(body, "<script>alert") {
		t.Fatalf("%d", r.StatusCode)
	}
	for _, want := range []string{"nonsense &lt;script&gt;", "an address has no spaces"} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q", want)
		}
	}
}

func TestAddTest(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		r := w.api("/tests/new", `{"name":"ltp/mm","trees":["net-next"],"command":["cd ltp","./run"],"code":["ltp/run","ltp/lib/"],"format":"tap","timeout":"1h30m","each":true}`)
		if body := decode(t, text(t, r)); r.StatusCode != 201 || body["data"].(map[string]any)["state"] != "trial" {
			t.Fatalf("%d %v", r.StatusCode, body)
		}
		got, err := w.s.TestByPath("ltp/mm")
		if err != nil || got.Edition != 1 || got.Command != "cd ltp\n./run" || got.Code != "ltp/run\nltp/lib/" || got.TimeoutS != 5400 || !got.EachCase || got.State != status.TestTrial {
			t.Errorf("stored %+v, %v", got, err)
		}
		ties, err := w.s.TestsOfTree(w.tree.ID)
		if err != nil || len(ties) != 10 {
			t.Errorf("the tree runs %d tests, %v", len(ties), err)
		}
		for body, fields := range map[string]string{
			`{"name":"net/tls.sh","trees":["net-next"],"command":"true","format":"exit"}`:                         "name",
			`{"name":"a//b","trees":["nope"],"code":["tests ../x"],"timeout":"soon","format":"exit","each":true}`: "code command format name timeout",
			`{"name":"net/other","trees":["nope"],"command":"true"}`:                                              "trees",
			`{"name":"new/a/b","command":"true","format":"xml"}`:                                                  "format name trees",
		} {
			r := w.api("/tests/new", body)
			said, _ := decode(t, text(t, r))["fields"].(map[string]any)
			if r.StatusCode != 422 || strings.Join(slices.Sorted(maps.Keys(said)), " ") != fields {
				t.Errorf("%s: %d for %q, want %s", body, r.StatusCode, said, fields)
			}
		}
	})
}

func TestTestRevision(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		self := string(route.Action(route.Tree("net-next"), "test"))
		events := func() int {
			list, err := w.s.Events(w.tree.ID, 100)
			if err != nil {
				t.Fatal(err)
			}
			return len(list)
		}
		before := events()
		r := w.api(self, `{"revision":"v6.12-rc3"}`)
		body := decode(t, text(t, r))
		data := body["data"].(map[string]any)
		if r.StatusCode != 202 || data["fresh"] != true || data["branch"] != "main" {
			t.Fatalf("%d %v", r.StatusCode, body)
		}
		list, err := w.s.Events(w.tree.ID, 1)
		if err != nil {
			t.Fatal(err)
		}
		var push jobs.Push
		if err := json.Unmarshal([]byte(list[0].Body), &push); err != nil || push.Revision != "v6.12-rc3" || push.Branch != "main" || list[0].Source != "api" || list[0].ID.String() != data["event"] {
			t.Errorf("stored %+v, %+v, %v", list[0], push, err)
		}
		if _, err := w.s.Step(jobs.EventRead, list[0].ID); err != nil {
			t.Errorf("nobody reads it: %v", err)
		}
		// The same wish within a minute is one wish, by whatever way.
		if r := w.post(self, "revision=v6.12-rc3&branch=main"); r.StatusCode != 303 || r.Header.Get("Location") != "/trees/net-next?branch=main" || events() != before+1 {
			t.Errorf("again: %d, %d events", r.StatusCode, events())
		}
		for range 2 {
			r := w.do(request{method: "POST", path: self, body: `{"revision":"v6.13"}`, header: map[string]string{
				"Content-Type": "application/json", "Authorization": "Bearer " + token, "Idempotency-Key": "build 7"}})
			if r.StatusCode != 202 || events() != before+2 {
				t.Errorf("with a key: %d, %d events", r.StatusCode, events())
			}
		}
		for _, bad := range []string{"", "-x", "a..b", "a b", "x@{1}", "a:b", "--upload-pack=x", strings.Repeat("a", 201)} {
			object, err := json.Marshal(map[string]string{"revision": bad})
			if err != nil {
				t.Fatal(err)
			}
			if r := w.api(self, string(object)); r.StatusCode != 422 {
				t.Errorf("%q: %d", bad, r.StatusCode)
			}
		}
		r = w.post(self, "revision=a..b")
		if body := text(t, r); r.StatusCode != 422 || !strings.Contains(body, "This is not one revision") || !strings.Contains(body, `value="a..b"`) {
			t.Errorf("the form: %d", r.StatusCode)
		}
		if r := w.api("/trees/quiet/-/actions/test", `{"revision":"v1"}`); r.StatusCode != 422 {
			t.Errorf("a paused tree: %d", r.StatusCode)
		}
		if events() != before+2 {
			t.Errorf("%d events", events()-before)
		}
	})
}

func TestPauseAndCancel(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, step := range []struct {
			verb string
			want status.TreeState
		}{{"pause", status.TreePaused}, {"resume", status.TreeLive}} {
			if r := w.post("/trees/net-next/-/actions/"+step.verb, ""); r.StatusCode != 303 {
				t.Errorf("%s: %d", step.verb, r.StatusCode)
			}
			if got, err := w.s.TreeByName("net-next"); err != nil || got.State != step.want {
				t.Errorf("%s: %q, %v", step.verb, got.State, err)
			}
		}
		var planned, running models.Job
		w.tx(func(tx *models.Tx) error {
			builds, err := tx.Builds(w.running.ID)
			if err != nil {
				return err
			}
			planned, err = tx.AddJob(models.Job{Kind: "build", CheckoutID: w.running.ID, BuildID: builds[0].ID, Attempt: 2})
			if err != nil {
				return err
			}
			running, err = tx.AddJob(models.Job{Kind: "build", CheckoutID: w.running.ID, BuildID: builds[0].ID, Attempt: 3, State: models.JobRunning})
			return err
		})
		r := w.api("/checkouts/"+w.running.ID.String()+"/-/actions/cancel", `{}`)
		if body := decode(t, text(t, r)); r.StatusCode != 200 || body["data"].(map[string]any)["done"] != "cancel" {
			t.Errorf("%d %v", r.StatusCode, body)
		}
		for job, step := range map[models.Job]string{planned: jobs.JobSubmit, running: jobs.JobLook} {
			got, err := w.s.Job(job.ID)
			_, err2 := w.s.Step(step, job.ID)
			if err := errors.Join(err, err2); err != nil || !got.Cancel {
				t.Errorf("%s: cancel %v, %v", step, got.Cancel, err)
			}
		}
		for _, path := range []string{"/trees/net-next/-/actions/explode", "/checkouts/" + w.newest.ID.String() + "/-/actions/x", "/builds/" + w.build.ID.String() + "/-/actions/x", "/mail/" + w.mail.ID.String() + "/-/actions/x", "/tests/mm/ksm/-/actions/x"} {
			if r := w.post(path, ""); r.StatusCode != 404 {
				t.Errorf("%s: %d", path, r.StatusCode)
			}
		}
	})
}

func TestSample(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for range 2 { // a second click finds it there
			if r := w.post("/-/actions/sample", ""); r.StatusCode != 303 || r.Header.Get("Location") != "/trees/sample" {
				t.Fatalf("%d %s", r.StatusCode, text(t, r))
			}
		}
		tree, err := w.s.TreeByName(jobs.SampleName)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.s.Step(jobs.SampleGrow, tree.ID); err != nil {
			t.Errorf("it does not grow: %v", err)
		}
		if changes, err := w.s.Changes("tree", tree.ID, 10); err != nil || len(changes) != 1 {
			t.Errorf("%d changes, %v", len(changes), err)
		}
	})
}
