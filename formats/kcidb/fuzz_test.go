package kcidb

import (
	"os"
	"testing"

	"drover/rules/status"
)

// FuzzMarshal checks that no text makes an invalid document.
func FuzzMarshal(f *testing.F) {
	f.Add("drover", "1", "https://u:p@e.org/a b?c#d", "a\x00\xff", "pass")
	f.Add("", "o:", "git://x", "../..", "running")
	f.Add("O", "o:1", "https://[::1%25eth0]/", "a.b", "x")
	f.Fuzz(func(t *testing.T, origin, id, address, words, state string) {
		files := []Resource{{words, address}}
		misc := map[string]any{words: words, id: nil, "list": []any{address, nil}}
		data, _, err := Marshal(Document{
			Origin: origin,
			Checkouts: []Checkout{{ID: id, GitRepositoryURL: address, GitCommitHash: words, MessageID: words, Comment: words,
				PatchsetFiles: files, PatchsetHash: &words, LogURL: address, LogExcerpt: words, Misc: misc}},
			Builds:    []Build{{ID: id, CheckoutID: words, Architecture: words, Status: status.Status(state), OutputFiles: files}},
			Tests:     []Test{{ID: id, BuildID: words, Path: words, Status: status.Status(state), Environment: &Environment{Compatible: []string{words}, Misc: misc}}},
			Issues:    []Issue{{ID: id, Categories: []string{words}, ReportURL: address}},
			Incidents: []Incident{{ID: id, IssueID: words, TestID: id, Comment: words}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if found := breaches(data); len(found) > 0 {
			t.Errorf("breaches: %v\n%s", found, data)
		}
	})
}

// FuzzUnmarshal checks that what can be read can be written validly.
func FuzzUnmarshal(f *testing.F) {
	golden, err := os.ReadFile("testdata/full.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(golden)
	for _, bad := range badDocuments {
		if len(bad.json) < 1000 {
			f.Add([]byte(bad.json))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Unmarshal(data)
		if err != nil {
			return
		}
		d.Origin = "drover"
		written, _, err := Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if found := breaches(written); len(found) > 0 {
			t.Errorf("breaches: %v\n%s", found, written)
		}
		if _, err := Unmarshal(written); err != nil {
			t.Errorf("own output: %v", err)
		}
	})
}

func FuzzPath(f *testing.F) {
	f.Add("ltp.syscalls")
	f.Add("..//\xff")
	f.Fuzz(func(t *testing.T, name string) {
		path := Path(name)
		if path == "" || !pathPattern.MatchString(path) {
			t.Errorf("Path(%q) = %q", name, path)
		}
		if again := Path(path); again != path {
			t.Errorf("Path(%q) = %q, and of that %q", name, path, again)
		}
	})
}
