package report_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"drover/formats/kcidb"
	"drover/models"
	"drover/models/report"
	"drover/rules/status"
)

// kcidbSchema is the published schema. It stands in "shared/data" beside the
// project and is no part of it.
func kcidbSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	name := filepath.Join("..", "..", "..", "shared", "data", "kcidb", "schema-5.3.json")
	text, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("the published KCIDB schema is not at %s", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft7)
	compiler.AssertFormat()
	if err := compiler.AddResource("kcidb.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("kcidb.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func TestKCIDBFitsTheSchema(t *testing.T) {
	schema := kcidbSchema(t)
	each(t, func(t *testing.T, w *world) {
		for _, c := range []models.Checkout{w.old, w.fresh} {
			document, err := report.KCIDB(w.s.Query, w.names, "drover", c.ID)
			if err != nil {
				t.Fatal(err)
			}
			text, problems, err := kcidb.Marshal(document)
			if err != nil || len(problems) > 0 {
				t.Errorf("left out: %v, %v", problems, err)
			}
			value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(value); err != nil {
				t.Errorf("%v\n%s", err, text)
			}
		}
	})
}

func TestKCIDB(t *testing.T) {
	w := quick(t)
	got, err := report.KCIDB(w.s.Query, w.names, "drover", w.fresh.ID)
	if err != nil {
		t.Fatal(err)
	}
	none, valid, twoMinutes, short := "", true, 120.0, 1.5
	checkout, finished := "drover:"+w.fresh.ID.String(), *w.fresh.FinishedAt
	ids := map[string]string{}
	for i, name := range w.names {
		ids[name] = "drover:" + i.String()
	}
	build := func(arch string, b kcidb.Build) kcidb.Build {
		b.ID, b.CheckoutID, b.Architecture, b.ConfigName, b.Compiler = ids["new/"+arch], checkout, arch, "defconfig", "gcc"
		b.LogURL = "https://ci.example.org/b/new/" + arch
		return b
	}
	test := func(name, path, host string, one kcidb.Test) kcidb.Test {
		one.ID, one.BuildID, one.Path, one.Comment = ids["new/"+name], ids["new/x86_64"], strings.ReplaceAll(path, "/", "."), path
		one.LogURL = "https://ci.example.org/r/new/" + name + "#0"
		if one.LogExcerpt != "" {
			one.LogURL = strings.TrimSuffix(one.LogURL, "0") + "6"
		}
		one.Environment, one.StartTime, one.Duration = &kcidb.Environment{Comment: host}, pushed.Add(10*60e9), &short
		return one
	}
	want := kcidb.Document{
		Origin: "drover",
		Checkouts: []kcidb.Checkout{{
			ID: checkout, TreeName: "net-next", GitRepositoryURL: "https://git.example.org/net-next.git", GitCommitHash: strings.Repeat("b", 40),
			GitCommitName: "v6.12-new", GitRepositoryBranch: "main", PatchsetHash: &none, Valid: &valid, Comment: "1 new failure",
			StartTime: pushed, OriginBuildsFinishTime: finished, OriginTestsFinishTime: finished,
		}},
		Builds: []kcidb.Build{
			build("arm64", kcidb.Build{Status: status.Fail, Comment: "ended with exit status 2", LogExcerpt: "net/a.c:1: error: oops"}),
			build("x86_64", kcidb.Build{Status: status.Pass, StartTime: pushed.Add(60e9), Duration: &twoMinutes}),
		},
		Tests: []kcidb.Test{ // only what came out in the end
			test("beta.1", "beta", "lab-1", kcidb.Test{Status: status.Fail, LogExcerpt: "beta: no"}),
			test("delta.1", "delta", "lab-3", kcidb.Test{Status: status.Error}),
			test("epsilon.1", "epsilon", "", kcidb.Test{Status: status.Miss}),
			test("zeta.1", "zeta", "lab-1", kcidb.Test{Status: status.Skip}),
			test("eta.1", "eta", "lab-1", kcidb.Test{Status: status.Fail, LogExcerpt: "eta: slow"}),
			test("suite/one.1", "suite/one", "lab-1", kcidb.Test{Status: status.Fail, LogExcerpt: "suite: one"}),
			test("alpha.2", "alpha", "lab-2", kcidb.Test{Status: status.Fail, LogExcerpt: "alpha: oops"}),
			test("gamma.2", "gamma", "lab-2", kcidb.Test{Status: status.Pass}),
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := report.KCIDB(w.s.Query, w.names, "drover", 7); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("of no checkout: %v", err)
	}
}
