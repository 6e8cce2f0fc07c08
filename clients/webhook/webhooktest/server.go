// Package webhooktest is the double of an address that is told what happens: an
// https server on a loopback port that checks signatures, keeps what it gets and
// fails as its Script says. Tests of clients/webhook and of jobs use it; it must
// not be linked into the program.
package webhooktest

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
)

// Fault is how one request goes wrong, if it does.
type Fault struct {
	Status     int    // instead of 204
	RetryAfter string // header
	Location   string // header
	Body       string
	Cut        bool // the connection ends without an answer, after the message was kept
	Hang       bool // no answer until the client leaves
	SlowBody   bool // 200 and a part of the body, then nothing more
}

// Got is one message that came.
type Got struct {
	ID, Timestamp, Signature, Agent string
	Body                            string
}

// Server is the double.
type Server struct {
	URL   string
	Roots *x509.CertPool

	guard  sync.Mutex
	faults []Fault
	got    []Got
	server *httptest.Server
	over   chan struct{}
}

// Start starts one; the faults are used up in order, one a request.
func Start(faults ...Fault) *Server {
	s := &Server{faults: faults, over: make(chan struct{})}
	s.server = httptest.NewTLSServer(http.HandlerFunc(s.serve))
	s.URL = s.server.URL + "/hook?key=of-the-bot"
	s.Roots = x509.NewCertPool()
	s.Roots.AddCert(s.server.Certificate())
	return s
}

// Close stops it.
func (s *Server) Close() { close(s.over); s.server.Close() }

// Fail adds faults for the next requests.
func (s *Server) Fail(faults ...Fault) {
	s.guard.Lock()
	defer s.guard.Unlock()
	s.faults = append(s.faults, faults...)
}

// Messages are all that came, also those that were not answered well.
func (s *Server) Messages() []Got {
	s.guard.Lock()
	defer s.guard.Unlock()
	return append([]Got(nil), s.got...)
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	s.guard.Lock()
	s.got = append(s.got, Got{r.Header.Get("webhook-id"), r.Header.Get("webhook-timestamp"), r.Header.Get("webhook-signature"), r.UserAgent(), string(body)})
	f := Fault{Status: http.StatusNoContent}
	if len(s.faults) > 0 {
		f, s.faults = s.faults[0], s.faults[1:]
	}
	s.guard.Unlock()
	s.answer(w, r, f)
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, f Fault) {
	switch {
	case f.Cut:
		panic(http.ErrAbortHandler)
	case f.Hang:
		s.leave(r)
		return
	}
	for name, value := range map[string]string{"Retry-After": f.RetryAfter, "Location": f.Location} {
		if value != "" {
			w.Header().Set(name, value)
		}
	}
	if f.Status == 0 {
		f.Status = http.StatusOK
	}
	w.WriteHeader(f.Status)
	if f.Status == http.StatusNoContent {
		return
	}
	_, _ = io.WriteString(w, f.Body) // a client that left is no fault
	if f.SlowBody {
		_ = http.NewResponseController(w).Flush()
		s.leave(r)
	}
}

func (s *Server) leave(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-s.over:
	}
}

// Verified tells whether one of a message's signatures is that of a secret, as
// the other side checks it.
func Verified(g Got, secret string) bool {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, key)
	_, _ = io.WriteString(mac, g.ID+"."+g.Timestamp+"."+g.Body) // a hash never fails
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	for one := range strings.FieldsSeq(g.Signature) {
		if hmac.Equal([]byte(one), []byte(want)) {
			return true
		}
	}
	return false
}
