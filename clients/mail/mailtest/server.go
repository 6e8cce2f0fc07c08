// Package mailtest is the double of a mail relay: an SMTP server on a loopback
// port that keeps what it gets, and fails as its Script says. Tests of
// clients/mail and of jobs use it; it must not be linked into the program.
package mailtest

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	netmail "net/mail"
	"sync"

	"github.com/emersion/go-smtp"
)

// Reply is a scripted answer. The zero Reply accepts.
type Reply struct {
	Code     int
	Enhanced [3]int // 5.1.1; zero prints the general one of the code
	Text     string
}

func (r Reply) err() error {
	if r.Code == 0 || r.Code/100 == 2 {
		return nil
	}
	return &smtp.SMTPError{Code: r.Code, EnhancedCode: smtp.EnhancedCode(r.Enhanced), Message: r.Text}
}

// Fault is how a connection breaks.
type Fault string

// The faults, one for each message in turn.
const (
	NoFault     Fault = ""
	CutInside   Fault = "cut inside"   // in the middle of the text: nothing is kept
	CutAfterDot Fault = "cut after ."  // the message is kept, the reply never comes
	CutAtRcpt   Fault = "cut at rcpt"  // at the first recipient
	CutAtHello  Fault = "cut at hello" // before anything
)

// Stage names a point where a Script can wait.
type Stage string

// The stages.
const (
	StageHello Stage = "hello"
	StageMail  Stage = "mail"
	StageRcpt  Stage = "rcpt"
	StageEnd   Stage = "end" // of the text, before it is answered
)

// Script says how the relay behaves. Lists are used up in order, one entry for
// each occurrence; after their end the relay accepts.
type Script struct {
	Hello  []Reply            // to EHLO
	Mail   []Reply            // to MAIL FROM
	Rcpt   map[string][]Reply // by address
	Data   []Reply            // to the end of a message
	Faults []Fault            // by connection

	User, Password string   // if set, MAIL FROM wants a sign-in
	Mechanisms     []string // of AUTH; none is PLAIN
	AuthReply      Reply    // to a sign-in with a wrong password

	TLS      bool // from the first byte on
	StartTLS bool // offered

	// Wait is called at each stage, from the connection's goroutine: a test
	// that blocks in it delays the relay without a clock. nil does not wait.
	Wait func(Stage)
}

// Message is one that the relay took.
type Message struct {
	From string
	To   []string
	Data []byte // as sent, with CRLF, dots unstuffed
	TLS  bool
	User string // who signed in
}

// Header is a field of the message, "" if it has none.
func (m Message) Header(name string) string {
	parsed, err := netmail.ReadMessage(bytes.NewReader(m.Data))
	if err != nil {
		return ""
	}
	return parsed.Header.Get(name)
}

// Server is a running relay.
type Server struct {
	Addr  string         // host:port
	Roots *x509.CertPool // verify its certificate

	mutex       sync.Mutex
	script      Script
	messages    []Message
	connections int
	server      *smtp.Server
	listener    net.Listener
	done        chan error
}

// Start runs a relay until Close.
func Start(script Script) (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("mailtest: %w", err)
	}
	s := &Server{Addr: listener.Addr().String(), script: script, done: make(chan error, 1)}
	s.server = smtp.NewServer(smtp.BackendFunc(s.session))
	s.server.Domain = "relay.test"
	s.server.AllowInsecureAuth = true
	s.server.ErrorLog = log.New(io.Discard, "", 0) // cut connections are wanted here
	if script.TLS || script.StartTLS {
		certificate, roots, err := certificate()
		if err != nil {
			return nil, fmt.Errorf("mailtest: %w", err)
		}
		s.Roots = roots
		config := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
		if script.StartTLS {
			s.server.TLSConfig = config
		} else {
			listener = tls.NewListener(listener, config)
		}
	}
	s.listener = listener
	go func() { s.done <- s.server.Serve(listener) }()
	return s, nil
}

// Close ends every connection and waits for the server.
func (s *Server) Close() error {
	err := s.server.Close()
	// The library closes the listener only if Serve has begun by now.
	if again := s.listener.Close(); again != nil && !errors.Is(again, net.ErrClosed) {
		err = errors.Join(err, again)
	}
	return errors.Join(err, <-s.done)
}

// Messages are those taken so far, also those whose sender was not told.
func (s *Server) Messages() []Message {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return append([]Message(nil), s.messages...)
}

// MessageIDs are the distinct ones, in order of arrival: what an archive shows.
func (s *Server) MessageIDs() []string {
	var list []string
	seen := map[string]bool{}
	for _, m := range s.Messages() {
		if id := m.Header("Message-Id"); !seen[id] {
			seen[id] = true
			list = append(list, id)
		}
	}
	return list
}

// Connections is how many were made.
func (s *Server) Connections() int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.connections
}

// take is the next entry of one of the script's lists.
func take[T any](s *Server, list *[]T) T {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var first T
	if len(*list) > 0 {
		first = (*list)[0]
		*list = (*list)[1:]
	}
	return first
}

func (s *Server) takeRcpt(address string) Reply {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	list := s.script.Rcpt[address]
	if len(list) == 0 {
		return Reply{}
	}
	s.script.Rcpt[address] = list[1:]
	return list[0]
}

func (s *Server) wait(stage Stage) {
	if s.script.Wait != nil {
		s.script.Wait(stage)
	}
}
