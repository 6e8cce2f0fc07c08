package mail

import (
	"bytes"
	"errors"
	"fmt"
	netmail "net/mail"
	"strings"
)

// What check refuses. None of it can be mended by trying again.
var (
	ErrAddress  = errors.New("not an address that SMTP can carry")
	ErrNobody   = errors.New("no recipient")
	ErrHeaders  = errors.New("headers are not those of one message")
	ErrLine     = errors.New("a line is longer than 998 bytes")
	ErrLineEnd  = errors.New("a carriage return or NUL stands inside a line")
	ErrSevenBit = errors.New("a header is not ASCII")
)

// maxLine is without CRLF (RFC 5321, 4.5.3.1.6).
const maxLine = 998

// single are the fields that a message has exactly once. A second one is how an
// injected header shows.
var single = []string{"From", "Date", "Message-Id", "Subject", "To"}

// check refuses what could not be sent as it is, and what looks as if somebody
// had slipped a command or a header in.
func check(e Envelope, raw []byte) error {
	if len(e.To) == 0 {
		return ErrNobody
	}
	for _, address := range append([]string{e.From}, e.To...) {
		if !sendable(address) {
			return fmt.Errorf("%q: %w", address, ErrAddress)
		}
	}
	if err := checkLines(raw); err != nil {
		return err
	}
	return checkHeaders(raw)
}

// sendable accepts an ASCII mailbox that cannot end an SMTP command early.
func sendable(address string) bool {
	at := strings.LastIndexByte(address, '@')
	if at <= 0 || at == len(address)-1 || len(address) > 254 {
		return false
	}
	return !strings.ContainsFunc(address, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`<>()[]\,;:"`, r)
	})
}

func checkLines(raw []byte) error {
	number := 0
	for line := range bytes.SplitSeq(raw, []byte("\n")) {
		number++
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(line) > maxLine {
			return fmt.Errorf("line %d: %w", number, ErrLine)
		}
		if bytes.ContainsAny(line, "\r\x00") {
			return fmt.Errorf("line %d: %w", number, ErrLineEnd)
		}
	}
	return nil
}

func checkHeaders(raw []byte) error {
	message, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrHeaders, err)
	}
	for _, name := range single {
		if n := len(message.Header[name]); n != 1 {
			return fmt.Errorf("%w: %d of %s", ErrHeaders, n, name)
		}
	}
	head, _, _ := bytes.Cut(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")), []byte("\n\n"))
	for _, c := range head {
		if c >= 0x7f {
			return ErrSevenBit
		}
	}
	return nil
}
