// Package gittest is a double of a git host for tests: real bare repositories
// behind git's own http-backend on a loopback address (the real protocols v0
// and v2), and faults that a test switches on. It must not be linked into the
// program; tests of clients/git and of those who use it call it.
package gittest

import (
	"fmt"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Server is a git host.
type Server struct {
	*httptest.Server
	Root string // folder of the bare repositories

	t       testing.TB
	backend string

	mu       sync.Mutex
	fault    Fault
	requests []string
	arrived  chan struct{}
	release  chan struct{}
}

// New starts a host on http and a loopback address. It ends with the test.
func New(t testing.TB) *Server {
	s := prepare(t)
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.stop)
	return s
}

// NewTLS starts one on https; its certificate is for example.com.
func NewTLS(t testing.TB) *Server {
	s := prepare(t)
	s.Server = httptest.NewTLSServer(s)
	t.Cleanup(s.stop)
	return s
}

func prepare(t testing.TB) *Server {
	t.Helper()
	out, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		t.Fatalf("git --exec-path: %v", err)
	}
	return &Server{
		Root:    t.TempDir(),
		t:       t,
		backend: filepath.Join(strings.TrimSpace(string(out)), "git-http-backend"),
		arrived: make(chan struct{}, 100),
		release: make(chan struct{}),
	}
}

func (s *Server) stop() {
	close(s.release)
	s.Server.CloseClientConnections()
	s.Server.Close()
}

// Repo makes an empty bare repository that is served under name.
func (s *Server) Repo(name string) *Repo {
	s.t.Helper()
	return NewRepo(s.t, filepath.Join(s.Root, name))
}

// Address is the URL of the repository served under name.
func (s *Server) Address(name string) string { return s.URL + "/" + name }

// Break switches a fault on for all requests to come; Healthy ends it.
func (s *Server) Break(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Requests are the requests seen so far, as "METHOD path?query".
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.requests...)
}

// Forget empties Requests.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
}

// Hanging waits until a request hangs in one of the faults that do.
func (s *Server) Hanging() <-chan struct{} { return s.arrived }

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	fault := s.fault
	s.requests = append(s.requests, fmt.Sprintf("%s %s", r.Method, r.URL.RequestURI()))
	s.mu.Unlock()
	if fault == nil {
		fault = Healthy
	}
	fault(s, w, r)
}

// serve answers by git's own program, in the protocol given.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, protocol string) {
	handler := cgi.Handler{
		Path: s.backend,
		Env: []string{
			"GIT_PROJECT_ROOT=" + s.Root, "GIT_HTTP_EXPORT_ALL=1", "GIT_PROTOCOL=" + protocol,
			"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "LC_ALL=C", "HOME=" + os.DevNull,
		},
		InheritEnv: []string{"PATH"},
		Stderr:     quiet{},
	}
	handler.ServeHTTP(w, r)
}

// quiet takes what git prints about clients that went away.
type quiet struct{}

func (quiet) Write(p []byte) (int, error) { return len(p), nil }
