package kcidb

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drover/rules/status"
)

var update = flag.Bool("update", false, "rewrite testdata")

func pointer[T any](v T) *T { return &v }

// full has every field, all of them in order.
func full() Document {
	at := time.Date(2026, 3, 2, 10, 11, 12, 500_000_000, time.UTC)
	files := []Resource{{Name: "kernel.tar.gz", URL: "https://files.example.org/7731/kernel.tar.gz"}}
	misc := map[string]any{"provenance": []any{map[string]any{"function": "coordinator", "url": "https://ci.example.org/1"}}, "scratch": false}
	return Document{
		Checkouts: []Checkout{{
			ID: "drover:7731", Origin: "drover", TreeName: "exdrv-next",
			GitRepositoryURL: "https://git.example.org/exdrv.git", GitCommitHash: strings.Repeat("4be1c0de", 5),
			GitCommitName: "v6.19-rc6-41-g4be1c0de4be1", GitCommitTags: []string{"v6.19"}, GitCommitMessage: "exdrv: fix ring\n\nText <a> & b\n",
			GitRepositoryBranch: "next", GitRepositoryBranchTip: pointer(true), PatchsetFiles: files,
			PatchsetHash: pointer(PatchsetHash([]byte("a"))), MessageID: "20260302.1@lists.example.org", Comment: "größe",
			StartTime: at, OriginBuildsFinishTime: at.Add(time.Hour), OriginTestsFinishTime: at.Add(2 * time.Hour),
			LogURL: "https://files.example.org/7731/log", LogExcerpt: "ok\n", Valid: pointer(true), Misc: misc,
		}},
		Builds: []Build{{
			ID: "drover:7731_aarch64", Origin: "drover", CheckoutID: "drover:7731", Comment: "b", StartTime: at,
			Duration: pointer(1810.0), Architecture: "aarch64", Command: "make -j16", Compiler: "gcc 15.2.1",
			InputFiles: files, OutputFiles: files, ConfigName: "defconfig", ConfigURL: "https://files.example.org/config",
			LogURL: "https://files.example.org/log", LogExcerpt: "CC", Status: status.Pass, Misc: misc,
		}},
		Tests: []Test{{
			ID: "drover:7731_1", Origin: "drover", BuildID: "drover:7731_aarch64",
			Environment: &Environment{Compatible: []string{"zyxel,nsa325", "marvell,kirkwood"}, Comment: "node7", Misc: misc},
			Path:        "ltp.syscalls.fanotify14", Comment: "LTP", LogURL: "https://files.example.org/ltp.log", LogExcerpt: "TFAIL",
			Status: status.Fail, Number: &Number{Value: 512000, Unit: "B", Prefix: "binary"}, StartTime: at,
			Duration: pointer(0.0), InputFiles: files, OutputFiles: files, Misc: misc,
		}},
		Issues: []Issue{{
			ID: "drover:issue_12", Origin: "drover", Version: 1772445600, Categories: []string{"runtime.oops"},
			ReportURL: "https://bugs.example.org/12", ReportSubject: "EINVAL",
			Culprit: &Culprit{Code: pointer(true), Tool: pointer(false), Harness: pointer(false)}, Comment: "c", Misc: misc,
		}},
		Incidents: []Incident{{
			ID: "drover:issue_12_1", Origin: "drover", IssueID: "drover:issue_12", IssueVersion: 1772445600,
			BuildID: "drover:7731_aarch64", TestID: "drover:7731_1", Present: pointer(false), Comment: "c", Misc: misc,
		}},
	}
}

func TestMarshalFull(t *testing.T) {
	data, problems, err := Marshal(full())
	if err != nil || len(problems) > 0 {
		t.Fatalf("error %v, problems %v", err, problems)
	}
	if found := breaches(data); len(found) > 0 {
		t.Errorf("breaches: %v", found)
	}
	const golden = "testdata/full.json"
	if *update {
		if err := os.WriteFile(golden, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(data)); diff != "" {
		t.Errorf("(-golden +got)\n%s", diff)
	}
	again, err := Unmarshal(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(full(), again); diff != "" {
		t.Errorf("reading it back (-written +read)\n%s", diff)
	}
}

func TestMarshalEmpty(t *testing.T) {
	data, problems, err := Marshal(Document{})
	if err != nil || len(problems) > 0 {
		t.Fatalf("error %v, problems %v", err, problems)
	}
	if got := string(data); got != `{"version":{"major":5,"minor":3}}`+"\n" {
		t.Errorf("got %s", got)
	}
}

func TestObjectsThatCannotBe(t *testing.T) {
	d := Document{
		Origin:    "drover",
		Checkouts: []Checkout{{ID: ""}, {ID: "drover:"}, {ID: "1", Origin: "Drover"}, {ID: "good"}},
		Builds:    []Build{{ID: "1"}},
		Tests:     []Test{{ID: "1", BuildID: "\x00"}},
		Issues:    []Issue{{ID: "1", Version: -1}},
		Incidents: []Incident{{ID: "1"}, {ID: "2", IssueID: "i", IssueVersion: -1}},
	}
	data, problems, err := Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	if found := breaches(data); len(found) > 0 {
		t.Errorf("breaches: %v", found)
	}
	var fields []string
	for _, p := range problems {
		if !p.Object {
			t.Errorf("%v is not about the object", p)
		}
		fields = append(fields, p.Kind+"."+p.Field)
	}
	want := []string{"checkout.id", "checkout.id", "checkout.origin", "build.checkout_id", "test.build_id", "issue.version", "incident.issue_id", "incident.issue_version"}
	if diff := cmp.Diff(want, fields); diff != "" {
		t.Error(diff)
	}
	if !bytes.Contains(data, []byte(`"drover:good"`)) || bytes.Count(data, []byte(`"id"`)) != 1 {
		t.Errorf("written: %s", data)
	}
	if got := problems[3].String(); got != "build drover:1: checkout_id: is empty (object left out)" {
		t.Errorf("said as %q", got)
	}
}

func TestMarshalLeavesItsInputAlone(t *testing.T) {
	d := full()
	d.Tests[0].OutputFiles[0].Name = "a/b"
	d.Tests[0].Environment.Compatible = []string{"a b", "c"}
	d.Tests[0].Number.Prefix = "kilo"
	before := d.Tests[0]
	number, environment := *before.Number, *before.Environment
	if _, _, err := Marshal(d); err != nil {
		t.Fatal(err)
	}
	after := d.Tests[0]
	after.Number, after.Environment = &number, &environment
	if diff := cmp.Diff(after, d.Tests[0]); diff != "" {
		t.Errorf("changed\n%s", diff)
	}
	if d.Tests[0].OutputFiles[0].Name != "a/b" || d.Tests[0].Environment.Compatible[0] != "a b" {
		t.Error("a slice of the input was changed")
	}
}

func TestMarshalIsStable(t *testing.T) {
	first, _, err := Marshal(full())
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		again, _, err := Marshal(full())
		if err != nil || !bytes.Equal(first, again) {
			t.Fatalf("differs: %v", err)
		}
	}
}

func TestUnmarshal(t *testing.T) {
	tests := []struct {
		name, in string
		want     Document
		bad      error // errAny for any
	}{
		{"minor may be absent", `{"version":{"major":5}}`, Document{}, nil},
		{"a later minor", `{"version":{"major":5,"minor":9},"later":[1],"tests":[{"id":"o:1","origin":"o","build_id":"o:b","later":1}]}`,
			Document{Tests: []Test{{ID: "o:1", Origin: "o", BuildID: "o:b"}}}, nil},
		{"nulls and time stamps", `{"version":{"major":5},"builds":[{"_timestamp":"2026-01-01T00:00:00Z","id":"o:1","origin":"o","checkout_id":"o:c","status":null,"duration":null,"start_time":null,"misc":null}]}`,
			Document{Builds: []Build{{ID: "o:1", Origin: "o", CheckoutID: "o:c"}}}, nil},
		{"statuses", `{"version":{"major":5},"tests":[{"status":"PASS"},{"status":"fail"},{"status":"WHAT"},{"status":"CANCELLED"},{"status":"MISS"}]}`,
			Document{Tests: []Test{{Status: status.Pass}, {Status: status.Fail}, {}, {}, {Status: status.Miss}}}, nil},
		{"version 4", `{"version":{"major":4,"minor":2}}`, Document{}, ErrVersion},
		{"no version", `{}`, Document{}, ErrVersion},
		{"a list", `[]`, Document{}, errAny},
		{"cut", `{"version":{"major":5}`, Document{}, errAny},
		{"two documents", `{"version":{"major":5}}{}`, Document{}, errAny},
		{"wrong type", `{"version":{"major":5},"tests":[{"id":1}]}`, Document{}, errAny},
		{"time without zone", `{"version":{"major":5},"tests":[{"start_time":"2026-01-01T00:00:00"}]}`, Document{}, errAny},
		{"empty", ``, Document{}, errAny},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := Unmarshal([]byte(test.in))
			if (err != nil) != (test.bad != nil) || test.bad == ErrVersion && !errors.Is(err, ErrVersion) {
				t.Fatalf("error %v", err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

var errAny = errors.New("any error")
