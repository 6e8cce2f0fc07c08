package kcidb

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"drover/rules/status"
)

// sampleFolder is the folder of public sample data, "shared/data/kcidb" beside
// the project. It is no part of the project: tests skip where it is absent.
func sampleFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			break
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			t.Fatal("no go.mod above the package")
		}
		folder = parent
	}
	samples := filepath.Join(folder, "..", "shared", "data", "kcidb")
	if _, err := os.Stat(samples); errors.Is(err, os.ErrNotExist) {
		t.Skipf("the published KCIDB schema and samples are not in %s; rules_test.go checks the rules by hand", samples)
	} else if err != nil {
		t.Fatal(err)
	}
	return samples
}

// schema compiles the published schema, formats included.
func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	raw, err := os.Open(filepath.Join(sampleFolder(t), "schema-5.3.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	document, err := jsonschema.UnmarshalJSON(raw)
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft7)
	compiler.AssertFormat()
	if err := compiler.AddResource("kcidb.json", document); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("kcidb.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func validate(t *testing.T, s *jsonschema.Schema, data []byte) error {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("not JSON: %v", err)
	}
	return s.Validate(value)
}

// hostile is a document with everything that real systems have got wrong.
func hostile() Document {
	ugly := "a\x00b\xff\u2028 ö<>&\"\\"
	long := ugly + strings.Repeat("ö", 20_000)
	urls := []string{"git://e.org/a", "https://u:p@e.org/a b[1]{2}?x=%zz#y#z", "nonsense", "https://größe.org", "/x", "ssh://git@e.org/x"}
	d := Document{Origin: "drover"}
	for i, u := range urls {
		files := []Resource{{ugly, u}, {"a/b/c", u}, {"", u}}
		misc := map[string]any{ugly: nil, "x": []any{nil, ugly, map[string]any{"n": nil}}}
		at := time.Date(-5+i*2500, 1, 1, 0, 0, 0, 1, time.FixedZone("odd", 3601))
		d.Checkouts = append(d.Checkouts, Checkout{ID: ugly, TreeName: ugly, GitRepositoryURL: u, GitCommitHash: ugly, GitCommitName: ugly,
			GitCommitTags: []string{ugly}, GitCommitMessage: ugly, GitRepositoryBranch: ugly, PatchsetFiles: files, PatchsetHash: &ugly,
			MessageID: "<" + ugly + ">", Comment: ugly, StartTime: at, OriginBuildsFinishTime: at, LogURL: u, LogExcerpt: long, Misc: misc})
		d.Builds = append(d.Builds, Build{ID: ugly, CheckoutID: ugly, Comment: ugly, StartTime: at, Duration: pointer(math.Inf(i - 2)),
			Architecture: ugly, Command: ugly, Compiler: ugly, InputFiles: files, OutputFiles: files, ConfigName: ugly, ConfigURL: u,
			LogURL: u, LogExcerpt: long, Status: status.Status(ugly), Misc: misc})
		d.Tests = append(d.Tests, Test{ID: ugly, BuildID: ugly, Environment: &Environment{Compatible: []string{ugly, "a"}, Comment: ugly, Misc: misc},
			Path: ugly + "/../x", Comment: ugly, LogURL: u, LogExcerpt: long, Status: status.Running,
			Number: &Number{Value: math.NaN(), Unit: ugly, Prefix: ugly}, StartTime: at, Duration: pointer(-1.5), OutputFiles: files, Misc: misc})
		d.Issues = append(d.Issues, Issue{ID: ugly, Version: int64(i - 1), Categories: []string{ugly, "", "a b.c"}, ReportURL: u, ReportSubject: ugly, Culprit: &Culprit{}, Comment: ugly, Misc: misc})
		d.Incidents = append(d.Incidents, Incident{ID: ugly, IssueID: ugly, IssueVersion: int64(i), BuildID: ugly, TestID: "\x00", Comment: ugly, Misc: misc})
	}
	return d
}

func TestHostileByHand(t *testing.T) {
	data, problems, err := Marshal(hostile())
	if err != nil {
		t.Fatal(err)
	}
	if found := breaches(data); len(found) > 0 {
		t.Errorf("breaches: %.300v", found)
	}
	if len(problems) == 0 {
		t.Error("nothing was said")
	}
}

func TestAgainstSchema(t *testing.T) {
	s := schema(t)
	for name, d := range map[string]Document{"empty": {}, "full": full(), "hostile": hostile()} {
		data, _, err := Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(t, s, data); err != nil {
			t.Errorf("%s: %.2000v", name, err)
		}
	}
}

// TestRulesAgreeWithSchema proves that what the hand-written rules refuse is
// refused by the schema too, and that both know the same fields.
func TestRulesAgreeWithSchema(t *testing.T) {
	s := schema(t)
	for _, bad := range badDocuments {
		if err := validate(t, s, []byte(bad.json)); err == nil {
			t.Errorf("%s: the schema accepts %.200s", bad.name, bad.json)
		}
	}
	raw, err := os.ReadFile(filepath.Join(sampleFolder(t), "schema-5.3.json"))
	if err != nil {
		t.Fatal(err)
	}
	var published struct {
		Defs map[string]struct {
			Properties map[string]json.RawMessage `json:"properties"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(raw, &published); err != nil {
		t.Fatal(err)
	}
	data, _, err := Marshal(full())
	if err != nil {
		t.Fatal(err)
	}
	var written map[string][]map[string]json.RawMessage
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(data, &parts); err != nil {
		t.Fatal(err)
	}
	delete(parts, "version")
	rest, err := json.Marshal(parts)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(rest, &written); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"checkout", "build", "test", "issue", "incident"} {
		properties := published.Defs[kind].Properties
		if len(properties) == 0 {
			t.Errorf("the schema has no %s", kind)
		}
		for name := range properties {
			if _, ok := written[kind+"s"][0][name]; !ok && name != "_timestamp" {
				t.Errorf("%s.%s is in the schema and is never written", kind, name)
			}
		}
	}
}

// TestRealSubmissions reads what CI systems sent, writes it again and validates.
func TestRealSubmissions(t *testing.T) {
	s := schema(t)
	files, err := filepath.Glob(filepath.Join(sampleFolder(t), "submissions", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no submissions: %v", err)
	}
	read := 0
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		d, err := Unmarshal(raw)
		if errors.Is(err, ErrVersion) {
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(file), err)
			continue
		}
		read++
		data, problems, err := Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range problems {
			t.Logf("%s: %v", filepath.Base(file), p)
			if p.Object {
				t.Errorf("%s: %v", filepath.Base(file), p)
			}
		}
		if err := validate(t, s, data); err != nil {
			t.Errorf("%s: %.1000v", filepath.Base(file), err)
		}
		if found := breaches(data); len(found) > 0 {
			t.Errorf("%s: by hand: %.500v", filepath.Base(file), found)
		}
	}
	t.Logf("%d of %d submissions are of version 5", read, len(files))
}
