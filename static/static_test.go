package static

import (
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestEveryFileIsFoundByItsPath(t *testing.T) {
	if err := Check(); err != nil {
		t.Fatal(err)
	}
	hashedName := regexp.MustCompile(`^/static/[a-z-]+\.[0-9a-f]{12}\.(css|js|svg)$`)
	for _, s := range sources {
		u := Path(s.name)
		if !hashedName.MatchString(u) {
			t.Errorf("%s has the URL %s", s.name, u)
		}
		f, ok := Open(strings.TrimPrefix(u, Prefix))
		if !ok || len(f.Body) == 0 || f.ContentType == "" || f.ETag == "" {
			t.Errorf("%s is not served: %v, %q, %d bytes", s.name, ok, f.ContentType, len(f.Body))
			continue
		}
		if f.Gzip == nil {
			continue
		}
		r, err := gzip.NewReader(bytes.NewReader(f.Gzip))
		if err != nil {
			t.Fatal(err)
		}
		if back, err := io.ReadAll(r); err != nil || !bytes.Equal(back, f.Body) {
			t.Errorf("%s does not come back from gzip: %v", s.name, err)
		}
	}
}

func TestUnknownNames(t *testing.T) {
	if got := Path("nothing.css"); got != "/static/nothing.css" {
		t.Errorf("unknown name gives %q", got)
	}
	for _, name := range []string{"", "app.css", "../static.go", "css/tokens.css", "app.000000000000.css"} {
		if _, ok := Open(name); ok {
			t.Errorf("%q is served", name)
		}
	}
}

func TestContentNamesTheFile(t *testing.T) {
	a, err := newFile("app.css", []byte("a{}"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := newFile("app.css", []byte("b{}"))
	if err != nil {
		t.Fatal(err)
	}
	if a.Name == b.Name || a.ETag == b.ETag {
		t.Errorf("different contents have the name %s and tag %s", a.Name, a.ETag)
	}
	if a.Gzip != nil {
		t.Errorf("three bytes are sent as %d compressed ones", len(a.Gzip))
	}
}

func TestMissingPart(t *testing.T) {
	if _, err := build(fstest.MapFS{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want a missing file", err)
	}
}

// The budgets of the design: 12 kB of style, 15 kB of own scripts, 21 of others.
func TestBudgets(t *testing.T) {
	scripts, others := 0, 0
	for _, s := range sources {
		f, _ := Open(strings.TrimPrefix(Path(s.name), Prefix))
		switch {
		case s.name == "app.css" && len(f.Gzip) > 12_000:
			t.Errorf("app.css has %d bytes compressed", len(f.Gzip))
		case vendored(s.parts):
			others += len(f.Gzip)
		case strings.HasSuffix(s.name, ".js"):
			scripts += len(f.Gzip)
		}
	}
	if scripts > 15_000 {
		t.Errorf("scripts have %d bytes compressed", scripts)
	}
	if others > 21_000 {
		t.Errorf("scripts of others have %d bytes compressed", others)
	}
	t.Logf("measured: own scripts %d, of others %d bytes compressed", scripts, others)
}

// The browser is allowed to load from this host only, and nothing inline.
func TestNothingFromElsewhere(t *testing.T) {
	foreign := regexp.MustCompile(`@import|\burl\(|https?://|\beval\(|innerHTML\s*=|document\.write`)
	for _, s := range sources {
		f, _ := Open(strings.TrimPrefix(Path(s.name), Prefix))
		if vendored(s.parts) {
			continue // as it came; its hash is compared
		}
		text := strings.ReplaceAll(string(f.Body), "http://www.w3.org/2000/svg", "")
		if found := foreign.FindString(text); found != "" {
			t.Errorf("%s has %q", s.name, found)
		}
	}
}

func TestPicturesAreWellFormed(t *testing.T) {
	for _, s := range sources {
		if !strings.HasSuffix(s.name, ".svg") {
			continue
		}
		f, _ := Open(strings.TrimPrefix(Path(s.name), Prefix))
		d := xml.NewDecoder(bytes.NewReader(f.Body))
		for {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", s.name, err)
			}
		}
	}
}

// Every colour of the style sheet is a token: a page that uses another colour
// would not follow the theme.
func TestColoursAreTokens(t *testing.T) {
	colour := regexp.MustCompile(`#[0-9a-fA-F]{3,8}\b`)
	for _, part := range append(slices.Clone(styleParts), "story") {
		if part == "tokens" {
			continue
		}
		b, err := embedded.ReadFile("css/" + part + ".css")
		if err != nil {
			t.Fatal(err)
		}
		if found := colour.FindString(string(b)); found != "" {
			t.Errorf("css/%s.css has the colour %s", part, found)
		}
	}
}
