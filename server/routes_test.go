package server

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"drover/views/route"
)

func TestRoutesAreTheShapes(t *testing.T) {
	shapes := map[string]string{}
	for _, s := range route.Shapes {
		shapes[s.Method+" "+s.Pattern] = s.Formats
	}
	for _, r := range routes {
		formats, known := shapes[r.method+" "+r.pattern]
		if !known {
			t.Errorf("%s %s has no shape", r.method, r.pattern)
		}
		if formats != r.formats {
			t.Errorf("%s %s: formats %q, the shape has %q", r.method, r.pattern, r.formats, formats)
		}
		delete(shapes, r.method+" "+r.pattern)
		if r.handle == nil {
			t.Errorf("%s %s has no handler", r.method, r.pattern)
		}
	}
	for left := range shapes {
		t.Errorf("%s has no route", left)
	}
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, path string
		want          map[string]string // nil: no match
	}{
		{"/", "/", map[string]string{}},
		{"/trees/{tree}", "/trees/a%2Fb%20c", map[string]string{"tree": "a/b c"}},
		{"/trees/{tree}", "/trees/", nil},
		{"/trees/{tree}", "/trees/-", nil},
		{"/trees/{tree}", "/trees/%2D", map[string]string{"tree": "-"}},
		{"/trees/{tree}/-/settings", "/trees/a/-/settings", map[string]string{"tree": "a"}},
		{"/tests/{path...}", "/tests/a/b/c", map[string]string{"path": "a/b/c"}},
		{"/tests/{path...}", "/tests/a/-/b", nil},
		{"/tests/{path...}", "/tests/a//b", nil},
		{"/tests/{path...}", "/tests", nil},
		{"/tests/{path...}/-/history", "/tests/a/b/-/history", map[string]string{"path": "a/b"}},
		{"/tests/{path...}/-/history", "/tests/-/history", nil},
		{"/tests/{path...}/-/history", "/tests/a%2Fx/-/history", map[string]string{"path": "a/x"}},
		{"/tests/{path...}/-/actions/{verb}", "/tests/x/-/actions/state", map[string]string{"path": "x", "verb": "state"}},
		{"/a/{x}", "/a/%zz", nil},
	} {
		got, ok := match(strings.Split(c.pattern, "/"), strings.Split(c.path, "/"))
		if ok != (c.want != nil) {
			t.Errorf("%s against %s: %v, %v", c.pattern, c.path, got, ok)
			continue
		}
		for name, value := range c.want {
			if got[name] != value {
				t.Errorf("%s against %s: %s is %q", c.pattern, c.path, name, got[name])
			}
		}
	}
}

// A path that matches must be one that package route finds the same shape for,
// and every name must come back as it was put in.
func FuzzMatch(f *testing.F) {
	for _, s := range []string{"/tests/a/b/-/history", "/tests/new", "/trees/x.json", "/-/actions/sample", "//", "/tests/%2D/-/history.csv", "/results/abcd/-/files/a/b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		for _, r := range routes {
			names, format, ok := r.fit(path)
			if !ok {
				continue
			}
			for name, value := range names {
				if value == "" {
					t.Errorf("%q: %s is empty", path, name)
				}
			}
			if format != "" && !slices.Contains(strings.Fields(r.formats), format) {
				t.Errorf("%q: format %q", path, format)
			}
			if tree := names["tree"]; tree != "" {
				again, _, ok := r.fit(strings.ReplaceAll(r.pattern, "{tree}", strings.TrimPrefix(string(route.Tree(tree)), "/trees/")))
				if ok && again["tree"] != tree && !strings.Contains(r.formats, "json") {
					t.Errorf("%q comes back as %q", tree, again["tree"])
				}
			}
			if _, err := url.PathUnescape(path); err != nil && strings.Contains(r.pattern, "{") {
				t.Errorf("%q matches and cannot be unescaped", path)
			}
		}
	})
}

func FuzzCursor(f *testing.F) {
	f.Add("", "/trees")
	f.Add("eyJsIjoiIn0", "/trees")
	f.Fuzz(func(t *testing.T, text, list string) {
		key, err := readCursor(text, list)
		if err != nil {
			return
		}
		again, err := readCursor(writeCursor(key, list), list)
		if err != nil || again != key {
			t.Errorf("%+v comes back as %+v, %v", key, again, err)
		}
		if _, err := readCursor(text, list+"x"); err == nil {
			t.Errorf("%q is good for another list", text)
		}
	})
}

func FuzzReadJSON(f *testing.F) {
	for _, s := range []string{`{"url":"x","branches":["a","b"],"trusted":true}`, `{}`, `[]`, `null`, `{"a":{"b":1}}`, `{"a":1e400}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		w, err := readJSON(strings.NewReader(text))
		if (w == nil) == (err == nil) {
			t.Errorf("%q: %v, %v", text, w, err)
		}
	})
}

func TestTestPattern(t *testing.T) {
	for _, c := range []struct {
		pattern, path string
		want          bool
	}{
		{"net/*", "net/a", true}, {"net/*", "net/a/b", false}, {"net/**", "net/a/b", true}, {"net/?", "net/a", true}, {"net/?", "net/ab", false},
		{"n.t/*", "net/a", false}, {"~^net/.*b$", "net/a/b", true}, {"~b", "abc", true}, {"**/x", "a/b/x", true},
	} {
		re, err := testPattern(c.pattern)
		if err != nil || re.MatchString(c.path) != c.want {
			t.Errorf("%s on %s: %v", c.pattern, c.path, err)
		}
	}
	if _, err := testPattern("~("); err == nil {
		t.Error("a broken expression is accepted")
	}
}

func TestGuarded(t *testing.T) {
	for text, want := range map[string]string{"=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@x": "'@x", "\tx": "'\tx", "a=b": "a=b", "": "", "é": "é"} {
		if got := guarded(text); got != want {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}

func TestRedacted(t *testing.T) {
	raw := "From: Drover <drover@ci.example.org>\r\nTo: Asha <asha@example.com>\r\nCc: a@x.org,\r\n b@x.org\r\nList-Unsubscribe:\r\n <https://ci.example.org/unsubscribe/secret7>\r\n\r\nTo: asha@example.com stays in the body\r\nhttps://ci.example.org/unsubscribe/secret7\r\n"
	got := redacted(raw, true)
	for _, secret := range []string{"asha@example.com>", "a@x.org", "b@x.org", "secret7"} {
		if strings.Contains(got, secret) {
			t.Errorf("%q is left:\n%s", secret, got)
		}
	}
	if !strings.Contains(got, "drover@ci.example.org") || !strings.Contains(got, "a...@example.com") {
		t.Errorf("too much is gone:\n%s", got)
	}
	if list := redacted(raw, false); !strings.Contains(list, "asha@example.com>") || strings.Contains(list, "secret7") {
		t.Errorf("mail to a list:\n%s", list)
	}
}
