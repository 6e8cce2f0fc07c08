package kcidb

import (
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"drover/rules/status"
)

// one marshals a document of one object and returns it read back.
func one(t *testing.T, d Document) (Document, []Problem) {
	t.Helper()
	d.Origin = "drover"
	data, problems, err := Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	if found := breaches(data); len(found) > 0 {
		t.Errorf("breaches: %v\n%s", found, data)
	}
	again, err := Unmarshal(data)
	if err != nil {
		t.Fatal(err)
	}
	return again, problems
}

func TestCheckoutIsCleaned(t *testing.T) {
	tests := []struct {
		name    string
		in      Checkout
		want    Checkout
		problem string // field of the only problem, "" for none
	}{
		{"ids and origin", Checkout{ID: "1"}, Checkout{ID: "drover:1"}, ""},
		{"foreign prefix is part of the name", Checkout{ID: "other:1"}, Checkout{ID: "drover:other:1"}, ""},
		{"own origin", Checkout{ID: "1", Origin: "lab_2"}, Checkout{ID: "lab_2:1", Origin: "lab_2"}, ""},
		{"NUL and broken UTF-8", Checkout{ID: "a\x00b", Comment: "x\x00y\xff"}, Checkout{ID: "drover:ab", Comment: "xy\uFFFD"}, ""},
		{"git protocol", Checkout{ID: "1", GitRepositoryURL: "git://git.example.org/a.git"}, Checkout{ID: "drover:1"}, "git_repository_url"},
		{"ssh without scheme", Checkout{ID: "1", GitRepositoryURL: "git@example.org:a.git"}, Checkout{ID: "drover:1"}, "git_repository_url"},
		{"a token in an address", Checkout{ID: "1", GitRepositoryURL: "https://bot:secret@example.org/a.git"}, Checkout{ID: "drover:1", GitRepositoryURL: "https://example.org/a.git"}, ""},
		{"upper case hash", Checkout{ID: "1", GitCommitHash: strings.Repeat("AB", 20)}, Checkout{ID: "drover:1", GitCommitHash: strings.Repeat("ab", 20)}, ""},
		{"short hash", Checkout{ID: "1", GitCommitHash: "4be1c0de"}, Checkout{ID: "drover:1"}, "git_commit_hash"},
		{"no patches", Checkout{ID: "1", PatchsetHash: pointer("")}, Checkout{ID: "drover:1", PatchsetHash: pointer("")}, ""},
		{"a wrong patch hash is not no patches", Checkout{ID: "1", PatchsetHash: pointer("x")}, Checkout{ID: "drover:1"}, "patchset_hash"},
		{"empty tags", Checkout{ID: "1", GitCommitTags: []string{"", "\x00", "v1"}}, Checkout{ID: "drover:1", GitCommitTags: []string{"v1"}}, ""},
		{"message id in brackets", Checkout{ID: "1", MessageID: " <a.b@c> "}, Checkout{ID: "drover:1", MessageID: "a.b@c"}, ""},
		{"message id without domain", Checkout{ID: "1", MessageID: "<a>"}, Checkout{ID: "drover:1"}, "message_id"},
		{"message id with two @", Checkout{ID: "1", MessageID: "a@b@c"}, Checkout{ID: "drover:1"}, "message_id"},
		{"year 10000", Checkout{ID: "1", StartTime: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, Checkout{ID: "drover:1"}, "start_time"},
		{"time in a zone", Checkout{ID: "1", StartTime: time.Date(2026, 1, 1, 1, 0, 0, 0, time.FixedZone("", 3600))}, Checkout{ID: "drover:1", StartTime: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}, ""},
		{"false is said", Checkout{ID: "1", Valid: pointer(false)}, Checkout{ID: "drover:1", Valid: pointer(false)}, ""},
		{"files", Checkout{ID: "1", PatchsetFiles: []Resource{{"a/b", "https://e.org/1"}, {"", "https://e.org/2"}, {"c", "nowhere"}}},
			Checkout{ID: "drover:1", PatchsetFiles: []Resource{{"a_b", "https://e.org/1"}, {"file", "https://e.org/2"}}}, "patchset_files"},
		{"nulls in misc", Checkout{ID: "1", Misc: map[string]any{"a": nil, "b": []any{nil, "x\x00"}, "c\x00": map[string]any{"d": nil}}},
			Checkout{ID: "drover:1", Misc: map[string]any{"b": []any{"x"}, "c": map[string]any{}}}, ""},
		{"only nulls in misc", Checkout{ID: "1", Misc: map[string]any{"a": nil}}, Checkout{ID: "drover:1"}, ""},
		{"misc that has no JSON", Checkout{ID: "1", Misc: map[string]any{"a": math.NaN()}}, Checkout{ID: "drover:1"}, "misc"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.want.Origin == "" {
				test.want.Origin = "drover"
			}
			got, problems := one(t, Document{Checkouts: []Checkout{test.in}})
			if diff := cmp.Diff([]Checkout{test.want}, got.Checkouts); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			checkProblem(t, problems, test.problem)
		})
	}
}

func checkProblem(t *testing.T, problems []Problem, field string) {
	t.Helper()
	switch {
	case field == "" && len(problems) > 0:
		t.Errorf("problems %v", problems)
	case field != "" && (len(problems) != 1 || problems[0].Field != field || problems[0].Object):
		t.Errorf("problems %v, want one about %s", problems, field)
	}
}

func TestTestIsCleaned(t *testing.T) {
	tests := []struct {
		name    string
		in      Test
		want    Test
		problem string
	}{
		{"running has no status", Test{Status: status.Running}, Test{}, ""},
		{"queued has no status", Test{Status: status.Queued}, Test{}, ""},
		{"cancelled is missing", Test{Status: status.Cancelled}, Test{Status: status.Miss}, ""},
		{"done", Test{Status: status.Done}, Test{Status: status.Done}, ""},
		{"unknown status", Test{Status: "exploded"}, Test{}, "status"},
		{"path", Test{Path: "ltp/syscalls: a.b"}, Test{Path: "ltp_syscalls_a.b"}, ""},
		{"no path", Test{}, Test{}, ""},
		{"NaN", Test{Number: &Number{Value: math.NaN()}}, Test{}, "number"},
		{"zero is a number", Test{Number: &Number{}}, Test{Number: &Number{}}, ""},
		{"prefix", Test{Number: &Number{Value: 1, Prefix: "kilo"}}, Test{Number: &Number{Value: 1}}, "number.prefix"},
		{"negative duration", Test{Duration: pointer(-1.0)}, Test{}, "duration"},
		{"infinite duration", Test{Duration: pointer(math.Inf(1))}, Test{}, "duration"},
		{"compatible", Test{Environment: &Environment{Compatible: []string{"a,b", "c d", ""}}}, Test{Environment: &Environment{Compatible: []string{"a,b"}}}, "environment.compatible"},
		{"build of another origin", Test{BuildID: "maestro:1"}, Test{BuildID: "maestro:1"}, ""},
		{"build whose name has a colon", Test{BuildID: "A:1"}, Test{BuildID: "drover:A:1"}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.in.ID, test.want.ID, test.want.Origin = "1", "drover:1", "drover"
			if test.in.BuildID == "" {
				test.in.BuildID, test.want.BuildID = "b", "drover:b"
			}
			got, problems := one(t, Document{Tests: []Test{test.in}})
			if diff := cmp.Diff([]Test{test.want}, got.Tests); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			checkProblem(t, problems, test.problem)
		})
	}
}

func TestArchitecture(t *testing.T) {
	for in, want := range map[string]string{"x86_64": "x86_64", "AArch64": "aarch64", "x86-64": "x86_64", "": "", "größe": "gr__e"} {
		if got := architecture(in); got != want {
			t.Errorf("architecture(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestExcerpt(t *testing.T) {
	long := strings.Repeat("a", 10) + strings.Repeat("ö", excerptLength-1) + "\n"
	tests := []struct {
		name, in string
		length   int
		first    string
	}{
		{"short", "abc", 3, "a"},
		{"empty", "", 0, ""},
		{"exact", strings.Repeat("x", excerptLength), excerptLength, "x"},
		{"the end is kept, counted in characters", long, excerptLength, "ö"},
		{"NUL does not count", strings.Repeat("\x00x", excerptLength), excerptLength, "x"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := excerpt(test.in)
			if n := utf8.RuneCountInString(got); n != test.length || !strings.HasPrefix(got, test.first) {
				t.Errorf("%d characters, begins with %.3q", n, got)
			}
		})
	}
	if got := excerpt(long); !strings.HasSuffix(got, "ö\n") {
		t.Error("the end is gone")
	}
}

func TestURL(t *testing.T) {
	tests := []struct{ in, want string }{
		{"https://e.org", "https://e.org"},
		{" https://e.org/a b ", "https://e.org/a%20b"},
		{"https://e.org/ä?q=ö#ü", "https://e.org/%C3%A4?q=%C3%B6#%C3%BC"},
		{"https://e.org/a[1]?b[]=2", "https://e.org/a%5B1%5D?b%5B%5D=2"},
		{"https://e.org/%41?x=%zz", "https://e.org/%41?x=%25zz"},
		{"https://e.org//a//b", "https://e.org//a//b"},
		{"https://e.org/a|b^c`d", "https://e.org/a%7Cb%5Ec%60d"},
		{"https://u:p@e.org:8443/x", "https://e.org:8443/x"},
		{"http://[2001:db8::1]:80/x", "http://[2001:db8::1]:80/x"},
		{"ftp://e.org/x", "ftp://e.org/x"},
		{"https://e.org/x#a#b", "https://e.org/x#a%23b"},
		{"", ""},
		{"/relative", ""},
		{"e.org/x", ""},
		{"https://", ""},
		{"https:///x", ""},
		{"javascript:alert(1)", ""},
		{"mailto:a@b", ""},
		{"https://größe.org/", ""},
		{"https://e.org/\x7f", ""},
		{"https://e.org/\n", "https://e.org/"},
		{"https://e.org/%", ""},
	}
	for _, test := range tests {
		c := &cleaner{}
		got := c.url("log_url", test.in)
		if got != test.want {
			t.Errorf("url(%q) = %q, want %q", test.in, got, test.want)
		}
		if got != "" && isURI(got) != "" {
			t.Errorf("url(%q): %s", test.in, isURI(got))
		}
		if (got == "" && test.in != "") != (len(c.problems) == 1) {
			t.Errorf("url(%q): problems %v", test.in, c.problems)
		}
	}
}
