package patch

import (
	"errors"
	"path"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzParse checks that garbage is an error of a known kind, and that no path
// leads out of the tree.
func FuzzParse(f *testing.F) {
	f.Add(mail + oneHunk + "-- \n2.43.0\n")
	f.Add("--- a/x\n+++ b/x\n" + oneHunk)
	f.Add("diff --git x/y x/y\n--- x/y\n+++ x/y\n" + oneHunk)
	f.Add("diff --git \"a/\\303\\266\" b/x\nrename from ../x\nrename to y\n")
	f.Add("diff --git a/x b/x\nGIT binary patch\nliteral 2\nJcmYdfU|;|M00aO5\n\n")
	f.Add("--- linux.orig/a\r\n+++ linux/a\r\n@@ -1 +1 @@\r\n-a\r\n+b\r\n")
	f.Add("commit 1\nAuthor: a <b>\n\n    x\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse(strings.NewReader(text), Limits{Bytes: 1 << 16, Files: 50})
		if err != nil && !errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrSyntax) && !errors.Is(err, ErrPath) {
			t.Errorf("error of no known kind: %v", err)
		}
		for _, file := range p.Files {
			checkFile(t, file)
		}
		for _, s := range []string{p.Header.Subject, p.Header.Message, p.Header.Name, p.Header.Email, p.Header.Commit} {
			if !utf8.ValidString(s) || strings.Contains(s, "\x00") {
				t.Errorf("header text %q", s)
			}
		}
	})
}

func checkFile(t *testing.T, file File) {
	t.Helper()
	if (file.Old == "") != (file.Kind == Added) || (file.New == "") != (file.Kind == Deleted) {
		t.Errorf("%+v", file)
	}
	if file.Added < 0 || file.Deleted < 0 {
		t.Errorf("%+v", file)
	}
	for _, name := range []string{file.Old, file.New} {
		if name == "" {
			continue
		}
		if strings.HasPrefix(name, "/") || path.Clean("/"+name) != "/"+name || !utf8.ValidString(name) || strings.Contains(name, "\x00") {
			t.Errorf("path %q", name)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	var text strings.Builder
	text.WriteString(mail + oneHunk)
	for range 500 {
		text.WriteString("diff --git a/x/y.c b/x/y.c\nindex 1..2 100644\n--- a/x/y.c\n+++ b/x/y.c\n" + oneHunk)
	}
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if p, err := Parse(strings.NewReader(text.String()), Limits{}); err != nil || len(p.Files) != 501 {
			b.Fatal(err, len(p.Files))
		}
	}
}
