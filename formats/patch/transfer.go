package patch

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime/quotedprintable"
	"regexp"
)

var (
	// headEnd is the empty line behind the header of a mail.
	headEnd = regexp.MustCompile(`\r?\n\r?\n`)
	// mailHead is how a mail begins: a line of an mbox, or a field.
	mailHead = regexp.MustCompile(`^\s*(?:From |[A-Za-z][A-Za-z-]*:)`)
	transfer = regexp.MustCompile(`(?mi)^Content-Transfer-Encoding:[ \t]*(base64|quoted-printable)[ \t]*\r?$`)
)

// decodedMail undoes how a mail was packed for its way. Any other text, and a
// body that is broken, stay as they are. The answer is never longer than raw.
func decodedMail(raw []byte) []byte {
	end := headEnd.FindIndex(raw)
	if end == nil || !mailHead.Match(raw[:end[0]]) {
		return raw
	}
	how := transfer.FindSubmatch(raw[:end[0]])
	if how == nil {
		return raw
	}
	var body io.Reader = bytes.NewReader(raw[end[1]:])
	if bytes.EqualFold(how[1], []byte("base64")) {
		body = base64.NewDecoder(base64.StdEncoding, body) // it passes over the ends of lines
	} else {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return raw
	}
	return append(bytes.Clone(raw[:end[1]]), text...)
}
