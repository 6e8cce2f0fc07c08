package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drover/views/route"
)

// signedIn makes the environment that of a server at an address: its data
// folder holds the token.
func signedIn(t *testing.T, address string) {
	t.Helper()
	clearSettings(t)
	data := t.TempDir()
	if err := os.WriteFile(filepath.Join(data, "token"), []byte("secret-token\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DROVER_DATA", data)
	t.Setenv("DROVER_LISTEN", address)
}

// answering is a server that answers every request in one way.
func answering(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

func TestTreeAddAsks(t *testing.T) {
	var asked *http.Request
	var form map[string]any
	signedIn(t, answering(t, func(w http.ResponseWriter, r *http.Request) {
		asked = r
		if err := json.NewDecoder(r.Body).Decode(&form); err != nil {
			t.Error(err)
		}
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte(`{"data":{"tree":"net-next"}}`))
	}))
	add := treeAddCommand{Name: "net-next", URL: "https://git.example.org/x.git", Branch: "main", Builds: "recipe", Recipe: "make", Mail: "asha@example.org"}
	if err := add.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if asked.Method != http.MethodPost || asked.URL.Path != string(route.NewTree()) || asked.Header.Get("Authorization") != "Bearer secret-token" {
		t.Errorf("%s %s with %v", asked.Method, asked.URL, asked.Header)
	}
	want := map[string]any{
		"name": "net-next", "url": "https://git.example.org/x.git", "branches": "main", "builds": "recipe", "recipe": "make", "mail": "asha@example.org",
	}
	if diff := cmp.Diff(want, form); diff != "" {
		t.Error(diff)
	}
}

// TestTreeAddRefused: nothing but Drover's own yes is a yes.
func TestTreeAddRefused(t *testing.T) {
	answer := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/login")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	for _, one := range []struct {
		name    string
		handler http.HandlerFunc // nil: nobody listens
		want    []string
	}{
		{"fields", answer(422, `{"status":422,"title":"The tree was not added","detail":"Some fields need another value.","fields":{"url":"is no address","name":"is taken"}}`),
			[]string{"The tree was not added: Some fields need another value.\n  name: is taken\n  url: is no address"}},
		{"not signed in", answer(401, `{"title":"Not allowed","detail":"Sign in first."}`), []string{"Not allowed: Sign in first."}},
		{"plain text", answer(421, "This server does not answer to this host name.\n"), []string{"the server answered 421 Misdirected Request: This server does not answer"}},
		{"no such address", answer(404, "404 page not found"), []string{"the server answered 404 Not Found: 404 page"}},
		{"JSON of somebody else", answer(500, `{"message":"no"}`), []string{`the server answered 500 Internal Server Error: {"message":"no"}`}},
		{"a long page", answer(500, strings.Repeat("<p>", 10_000)), []string{"the server answered 500"}},
		{"a redirect is not followed", answer(302, ""), []string{"the server answered 302 Found"}},
		{"a page", answer(200, "<!doctype html>"), []string{"is not Drover: is DROVER_LISTEN right?", "invalid character '<'"}},
		{"nothing", answer(204, ""), []string{"is not Drover: is DROVER_LISTEN right?"}},
		{"other JSON", answer(200, `{"status":"ok"}`), []string{"is not Drover: is DROVER_LISTEN right?"}},
		{"it breaks off", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("{"))
		}, []string{"read the answer of http://127.0.0.1:", "unexpected EOF"}},
		{"nobody listens", nil, []string{"no answer from http://127.0.0.1:", "is `drover serve` running", "connection refused"}},
	} {
		t.Run(one.name, func(t *testing.T) {
			address := closedPort(t)
			if one.handler != nil {
				address = answering(t, one.handler)
			}
			signedIn(t, address)
			err := treeAddCommand{Name: "x", URL: "https://git.example.org/x.git"}.Run(t.Context())
			if err == nil {
				t.Fatal("it was taken for a yes")
			}
			for _, want := range one.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("says %q, want %q in it", err, want)
				}
			}
			if strings.Contains(err.Error(), "secret-token") || len(err.Error()) > 500 {
				t.Errorf("says too much: %s", err)
			}
		})
	}
}

func TestServerThatDoesNotAnswer(t *testing.T) {
	ended := make(chan struct{})
	signedIn(t, answering(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-ended:
		}
	}))
	t.Cleanup(func() { close(ended) })
	s, err := newSite()
	if err != nil {
		t.Fatal(err)
	}
	s.http.Timeout = 50 * time.Millisecond
	err = s.post(t.Context(), route.NewTree(), nil, nil)
	if err == nil || !strings.Contains(err.Error(), "no answer from http://127.0.0.1:") || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("after a time: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.post(ctx, route.NewTree(), nil, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestNoServerWasStarted(t *testing.T) {
	clearSettings(t)
	t.Setenv("DROVER_DATA", "/nowhere/data")
	_, err := newSite()
	if err == nil || !strings.Contains(err.Error(), "no server was started with DROVER_DATA=/nowhere/data") {
		t.Error(err)
	}
	t.Setenv("DROVER_WORKERS", "none")
	if _, err := newSite(); err == nil || !strings.Contains(err.Error(), "DROVER_WORKERS: ") {
		t.Error(err)
	}
}
