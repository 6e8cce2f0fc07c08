package mail

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/textproto"
	"strings"
	"unicode"

	"drover/clients"
)

// Reply is what the relay answered.
type Reply struct {
	Code int
	Text string // in one line, without secrets
}

func (r Reply) Error() string { return fmt.Sprintf("the relay answered %d %s", r.Code, r.Text) }

// codeClosing ends the connection, whenever it comes.
const codeClosing = 421

// moment is where in the dialogue a reply came.
type moment int

const (
	atMessage   moment = iota // anything that concerns the message or connection
	atRecipient               // RCPT
	atSignIn                  // AUTH
)

// classOf is the table of replies.
//
//	4xx                      Transient  greylisting, a full queue
//	530 534 535 538          Auth       whenever they come
//	5xx to AUTH              Auth
//	552 to RCPT              Transient  RFC 5321, 4.5.3.1.10: "too many recipients" of old relays
//	5xx                      Permanent
func classOf(r Reply, at moment) clients.Class {
	switch {
	case r.Code < 500:
		return clients.Transient
	case r.Code == 530, r.Code == 534, r.Code == 535, r.Code == 538, at == atSignIn:
		return clients.Auth
	case r.Code == 552 && at == atRecipient:
		return clients.Transient
	}
	return clients.Permanent
}

// badAddress tells "no such mailbox" from a refusal for policy, which has the
// same code but an enhanced one of 5.7 (RFC 3463).
func (r Reply) badAddress() bool {
	switch r.Code {
	case 550, 551, 553:
		return !strings.HasPrefix(r.Text, "5.7.")
	}
	return false
}

// replyOf finds the relay's answer in an error of the library; ok is false when
// the connection failed before there was one.
func replyOf(err error, s Sender) (r Reply, ok bool) {
	var answer *textproto.Error
	if !errors.As(err, &answer) || answer.Code < 200 || answer.Code > 599 {
		return Reply{}, false
	}
	return Reply{Code: answer.Code, Text: s.scrub(oneLine(answer.Msg))}, true
}

// fail classes an error that is not about one recipient.
func (s Sender) fail(op string, err error) error {
	if r, ok := replyOf(err, s); ok {
		return clients.Fail(classOf(r, atMessage), op, r)
	}
	return clients.Fail(clients.Transient, op, s.clean(err))
}

// clean is err as a text without secrets. The chain of causes is cut on
// purpose: it could print what was sent.
func (s Sender) clean(err error) error { return errors.New(s.scrub(oneLine(err.Error()))) }

// scrub removes the password, plain and in the forms that AUTH sends, should
// the relay repeat it.
func (s Sender) scrub(text string) string {
	if s.Password == "" {
		return text
	}
	encoding := base64.StdEncoding
	for _, secret := range []string{
		encoding.EncodeToString([]byte("\x00" + s.User + "\x00" + s.Password)),
		encoding.EncodeToString([]byte(s.Password)),
		s.Password,
	} {
		text = strings.ReplaceAll(text, secret, "[removed]")
	}
	return text
}

// maxReply keeps a chatty relay out of the database.
const maxReply = 500

// oneLine makes foreign text fit for a log line and a table cell.
func oneLine(text string) string {
	text = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "?"), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
	if len(text) > maxReply {
		text = strings.ToValidUTF8(text[:maxReply], "") + "..."
	}
	return text
}
