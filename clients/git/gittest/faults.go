package gittest

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
)

// Fault answers a request instead of, or around, the healthy server.
type Fault func(s *Server, w http.ResponseWriter, r *http.Request)

// Healthy is a usual server: v2 to who asks for it.
func Healthy(s *Server, w http.ResponseWriter, r *http.Request) {
	s.serve(w, r, r.Header.Get("Git-Protocol"))
}

// OnlyV0 is a server older than protocol v2: it ignores the header.
func OnlyV0(s *Server, w http.ResponseWriter, r *http.Request) { s.serve(w, r, "") }

// NoDirect refuses ls-refs unless the client has discovered first, as a
// balancer with sessions might; it then serves v2.
func NoDirect(s *Server, w http.ResponseWriter, r *http.Request) {
	discovered := false
	for _, seen := range s.Requests() {
		discovered = discovered || strings.HasPrefix(seen, "GET ")
	}
	if r.Method == http.MethodPost && !discovered {
		http.Error(w, "discover first", http.StatusBadRequest)
		return
	}
	Healthy(s, w, r)
}

// ServiceLine puts "# service=…" before "version 2".
func ServiceLine(s *Server, w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		answer := s.record(r)
		answer.Body = bytes.NewBufferString("001e# service=git-upload-pack\n0000" + answer.Body.String())
		send(w, answer)
		return
	}
	NoDirect(s, w, r)
}

// ExtraRefs ignores the prefixes that the client sent.
func ExtraRefs(s *Server, w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		body := new(bytes.Buffer)
		if _, err := body.ReadFrom(r.Body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		setBody(r, withoutPrefixes(body.String()))
	}
	Healthy(s, w, r)
}

// Truncated sends half of every answer and says that it was all.
func Truncated(s *Server, w http.ResponseWriter, r *http.Request) {
	answer := s.record(r)
	answer.Body.Truncate(answer.Body.Len() / 2)
	answer.Header().Del("Content-Length")
	send(w, answer)
}

// NoFlush leaves out the last four bytes, the flush: what is there is well
// formed, but nothing says that it is all.
func NoFlush(s *Server, w http.ResponseWriter, r *http.Request) {
	answer := s.record(r)
	answer.Body.Truncate(max(answer.Body.Len()-4, 0))
	answer.Header().Del("Content-Length")
	send(w, answer)
}

// Page answers everything with HTML, as a robot check does.
func Page(_ *Server, w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprint(w, "<!doctype html><title>Making sure you are not a bot</title>")
}

// Status answers everything with a code and, if given, Retry-After.
func Status(code int, retryAfter string) Fault {
	return func(_ *Server, w http.ResponseWriter, _ *http.Request) {
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		http.Error(w, http.StatusText(code), code)
	}
}

// RedirectTo sends every request to the same path below base.
func RedirectTo(base string) Fault {
	return func(_ *Server, w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, base+r.URL.RequestURI(), http.StatusMovedPermanently)
	}
}

// Dumb serves the repository's files only, as a web server without git does.
func Dumb(s *Server, w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		http.Error(w, "files only", http.StatusMethodNotAllowed)
		return
	}
	text, err := os.ReadFile(filepath.Join(s.Root, filepath.Clean("/"+r.URL.Path)))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write(text) // a client that went away is its own affair
}

// Hang takes a request and never answers. Server.Hanging tells of it.
func Hang(s *Server, _ http.ResponseWriter, r *http.Request) { s.hang(r) }

// HangInPack answers discovery and ls-refs and hangs in the transfer.
func HangInPack(s *Server, w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		Healthy(s, w, r)
		return
	}
	body := new(bytes.Buffer)
	if _, err := body.ReadFrom(r.Body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	setBody(r, body.String())
	if !strings.Contains(body.String(), "command=fetch") {
		Healthy(s, w, r)
		return
	}
	w.Header().Set("Content-Type", "application/x-git-upload-pack-result")
	fmt.Fprint(w, "000dpackfile\n")
	if flusher, ok := w.(http.Flusher); ok {
		flusher.Flush()
	}
	s.hang(r)
}

// Endless lists refs until the client has had enough.
func Endless(_ *Server, w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/x-git-upload-pack-result")
	for i := 0; r.Context().Err() == nil; i++ {
		line := fmt.Sprintf("%040x refs/heads/%09d\n", i+1, i)
		if _, err := fmt.Fprintf(w, "%04x%s", len(line)+4, line); err != nil {
			return
		}
	}
}

// Answer gives every request the same body.
func Answer(contentType, body string) Fault {
	return func(_ *Server, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		fmt.Fprint(w, body)
	}
}

func (s *Server) hang(r *http.Request) {
	s.arrived <- struct{}{}
	select {
	case <-r.Context().Done():
	case <-s.release:
	}
}

func (s *Server) record(r *http.Request) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	Healthy(s, answer, r)
	return answer
}

func send(w http.ResponseWriter, answer *httptest.ResponseRecorder) {
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

type body struct{ *strings.Reader }

func (body) Close() error { return nil }

func setBody(r *http.Request, text string) {
	r.Body, r.ContentLength = body{strings.NewReader(text)}, int64(len(text))
	r.TransferEncoding = nil
}

// withoutPrefixes removes the ref-prefix packets of a request.
func withoutPrefixes(request string) string {
	kept := new(strings.Builder)
	for len(request) >= 4 {
		var length int
		if _, err := fmt.Sscanf(request[:4], "%04x", &length); err != nil || length > len(request) {
			break
		}
		packet := request[:max(length, 4)]
		if !strings.Contains(packet, "ref-prefix ") {
			kept.WriteString(packet)
		}
		request = request[len(packet):]
	}
	return kept.String()
}
