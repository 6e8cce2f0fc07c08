package mailtest

import (
	"errors"
	"io"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// session is one connection, or what follows STARTTLS on one.
type session struct {
	server *Server
	conn   *smtp.Conn
	fault  Fault
	user   string
	from   string
	to     []string
}

// errCut goes to a peer that is no longer there.
var errCut = errors.New("connection cut")

func (s *Server) session(c *smtp.Conn) (smtp.Session, error) {
	if _, secured := c.TLSConnectionState(); s.script.StartTLS && !secured {
		return &session{server: s, conn: c}, nil // a second one follows STARTTLS
	}
	s.mutex.Lock()
	s.connections++
	s.mutex.Unlock()
	s.wait(StageHello)
	one := &session{server: s, conn: c, fault: take(s, &s.script.Faults)}
	if one.fault == CutAtHello {
		return nil, one.cut()
	}
	if err := take(s, &s.script.Hello).err(); err != nil {
		return nil, err
	}
	return one, nil
}

func (s *session) cut() error {
	// Closing is the point; that it was closed already would do as well.
	_ = s.conn.Conn().Close()
	return errCut
}

func (s *session) Reset() { s.from, s.to = "", nil }

func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.server.wait(StageMail)
	if s.server.script.User != "" && s.user == "" {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	}
	s.from = from
	return take(s.server, &s.server.script.Mail).err()
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.server.wait(StageRcpt)
	if s.fault == CutAtRcpt {
		return s.cut()
	}
	if err := s.server.takeRcpt(to).err(); err != nil {
		return err
	}
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	if s.fault == CutInside {
		if _, err := io.CopyN(io.Discard, r, 100); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		return s.cut()
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.server.wait(StageEnd)
	if err := take(s.server, &s.server.script.Data).err(); err != nil {
		return err
	}
	_, secured := s.conn.TLSConnectionState()
	s.server.mutex.Lock()
	s.server.messages = append(s.server.messages, Message{From: s.from, To: s.to, Data: data, TLS: secured, User: s.user})
	s.server.mutex.Unlock()
	if s.fault == CutAfterDot {
		return s.cut()
	}
	return nil
}

// AuthMechanisms makes the session one with sign-in.
func (s *session) AuthMechanisms() []string {
	switch {
	case s.server.script.User == "":
		return nil
	case len(s.server.script.Mechanisms) > 0:
		return s.server.script.Mechanisms
	}
	return []string{sasl.Plain}
}

// Auth starts a sign-in.
func (s *session) Auth(mechanism string) (sasl.Server, error) {
	switch mechanism {
	case sasl.Plain:
		return sasl.NewPlainServer(func(_, user, password string) error { return s.signIn(user, password) }), nil
	case sasl.Login:
		return &login{signIn: s.signIn}, nil
	}
	return nil, smtp.ErrAuthUnknownMechanism
}

func (s *session) signIn(user, password string) error {
	script := s.server.script
	if user == script.User && password == script.Password {
		s.user = user
		return nil
	}
	if err := script.AuthReply.err(); err != nil {
		return err
	}
	return smtp.ErrAuthFailed
}

// login is the server side of LOGIN, which go-sasl no longer has: it asks for
// the user, then for the password.
type login struct {
	signIn func(user, password string) error
	asked  int
	user   string
}

func (l *login) Next(response []byte) (challenge []byte, done bool, err error) {
	l.asked++
	switch l.asked {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.user = string(response)
		return []byte("Password:"), false, nil
	}
	return nil, true, l.signIn(l.user, string(response))
}
