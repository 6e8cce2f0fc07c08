package server_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	curlLine   = regexp.MustCompile(`(?m)^    curl (.*)$`)
	curlHeader = regexp.MustCompile(`-H ["']([^"':]+): ([^"']*)["']`)
	curlBody   = regexp.MustCompile(`-d (\S+)`)
	curlPath   = regexp.MustCompile(`https://ci\.example\.org(/[^\s']*)`)
)

// TestExamplesForPrograms sends what the documentation tells programs to send.
func TestExamplesForPrograms(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "users.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(page), "## From a program")
	examples := curlLine.FindAllStringSubmatch(strings.ReplaceAll(section, "\\\n", " "), -1)
	if !found || len(examples) < 5 {
		t.Fatalf("%d examples", len(examples))
	}
	w := quick(t)
	secret := w.tokenOf("milan", "documentation", "read", "run")
	for _, e := range examples {
		path := curlPath.FindStringSubmatch(e[1])
		if path == nil {
			t.Errorf("no address: %s", e[0])
			continue
		}
		r := request{path: strings.Replace(path[1], "&wait=30", "", 1), header: map[string]string{}}
		for _, h := range curlHeader.FindAllStringSubmatch(e[1], -1) {
			r.header[h[1]] = strings.Replace(h[2], "$TOKEN", secret, 1)
		}
		if body := curlBody.FindStringSubmatch(e[1]); body != nil {
			r.method, r.body = "POST", body[1]
		}
		answer := w.do(r)
		if body := text(t, answer); answer.StatusCode >= 300 || !strings.HasPrefix(answer.Header.Get("Content-Type"), "application/json") {
			t.Errorf("%s\n%d %.300s", e[0], answer.StatusCode, body)
		}
	}
}
