package mail

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	netmail "net/mail"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"drover/rules/notice"
)

// Address is a mailbox. Name may have any letters, Address is a bare ASCII one.
type Address struct {
	Name    string
	Address string
}

// Letter is one copy of a report: one address, one message. Everything that
// could differ between two tries is in it, so that a copy sent again is the
// same to the byte.
type Letter struct {
	Report notice.Report
	Number int       // of the report: 1 first, 2 correction
	Host   string    // our own domain, for Message-ID and List-Id
	From   Address   // must be us
	To     Address   // a person or a list
	Date   time.Time // when it was first to be sent
	// ReplyTo is where people read answers, if From is not read; "" otherwise.
	ReplyTo string
}

// Header is one field, unfolded, in ASCII.
type Header struct {
	Name  string
	Value string
}

// What can be wrong with a Letter. All are our own mistakes or settings: text
// of reports never makes an error, it is made safe.
var (
	ErrAddress = errors.New("not a usable mail address")
	ErrHost    = errors.New("not a domain name")
	ErrThread  = errors.New("not a message id to answer to")
	ErrDate    = errors.New("the letter has no date")
)

var (
	hostPattern      = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`)
	messageIDPattern = regexp.MustCompile(`^[!-;=?-~]+@[!-;=?-~]+$`)
	labelPattern     = regexp.MustCompile(`[^a-z0-9.]+`)
)

// maxSubject and maxHeader are in bytes; a header of ours never needs more.
const (
	maxSubject = 250
	maxHeader  = 300
	maxHost    = 202
	// maxMessageID keeps a line of References below the 998 bytes of RFC 5322.
	maxMessageID = 800
	// maxReferences is how many ids a References field keeps: the first and the
	// last ones, as RFC 5322 readers expect.
	maxReferences = 20
)

// Headers are the fields of the message in the order in which they are sent.
func Headers(l Letter) ([]Header, error) {
	if err := l.check(); err != nil {
		return nil, err
	}
	thread, err := l.thread()
	if err != nil {
		return nil, err
	}
	list := []Header{
		{"Date", l.Date.UTC().Format("Mon, 02 Jan 2006 15:04:05 -0700")},
		{"From", mailbox(l.From)},
		{"To", mailbox(l.To)},
	}
	if l.ReplyTo != "" {
		list = append(list, Header{"Reply-To", l.ReplyTo})
	}
	list = append(list, Header{"Subject", subject(notice.Subject(l.Report))})
	list = append(list, Header{"Message-ID", "<" + l.messageID(l.Number) + ">"})
	list = append(list, thread...)
	list = append(list, l.listHeaders()...)
	list = append(list, filterHeaders(l.Report)...)
	return append(list,
		Header{"MIME-Version", "1.0"},
		Header{"Content-Type", "text/plain; charset=utf-8"},
		Header{"Content-Transfer-Encoding", "7bit"},
	), nil
}

func (l Letter) messageID(n int) string {
	return notice.MessageID(l.Report.Checkout, n, l.Host)
}

func (l Letter) check() error {
	for _, address := range []string{l.From.Address, l.To.Address} {
		if !notice.ValidAddress(address) {
			return fmt.Errorf("%q: %w", address, ErrAddress)
		}
	}
	if l.ReplyTo != "" && !notice.ValidAddress(l.ReplyTo) {
		return fmt.Errorf("%q: %w", l.ReplyTo, ErrAddress)
	}
	if len(l.Host) > maxHost || !hostPattern.MatchString(l.Host) {
		return fmt.Errorf("%q: %w", l.Host, ErrHost)
	}
	if l.Date.IsZero() {
		return ErrDate
	}
	return nil
}

// thread makes a correction an answer to the first report, and a report of a
// series an answer to its cover letter.
func (l Letter) thread() ([]Header, error) {
	var parent string
	var references []string
	if s := l.Report.Series; s != nil && s.MessageID != "" {
		parent = strings.Trim(s.MessageID, "<> ")
		for _, id := range s.References {
			references = append(references, strings.Trim(id, "<> "))
		}
		references = append(references, parent)
	}
	if l.Number > 1 {
		parent = l.messageID(1)
		references = append(references, parent)
	}
	if parent == "" {
		return nil, nil
	}
	for _, id := range references {
		if len(id) > maxMessageID || !messageIDPattern.MatchString(id) {
			return nil, fmt.Errorf("%q: %w", id, ErrThread)
		}
	}
	if n := len(references); n > maxReferences {
		references = append(references[:1:1], references[n-maxReferences+1:]...)
	}
	return []Header{
		{"In-Reply-To", "<" + parent + ">"},
		{"References", "<" + strings.Join(references, "> <") + ">"},
	}, nil
}

// listHeaders are ours, not a mailing list's: the list server adds its own.
// One click unsubscribes one person; in mail to a list any reader could
// unsubscribe all, so there it is left out (RFC 8058).
func (l Letter) listHeaders() []Header {
	label := strings.Trim(labelPattern.ReplaceAllString(strings.ToLower(l.Report.Tree), "-"), "-.")
	if label == "" || len(label) > 60 || strings.Contains(label, "..") {
		label = "reports"
	}
	list := []Header{{"List-Id", "Drover reports for " + label + " <" + label + "." + l.Host + ">"}}
	if a := l.Report.Audience; a.Person && strings.HasPrefix(address(a.Unsubscribe), "http") {
		list = append(list,
			Header{"List-Unsubscribe", "<" + address(a.Unsubscribe) + ">"},
			Header{"List-Unsubscribe-Post", "List-Unsubscribe=One-Click"},
		)
	}
	return list
}

// filterHeaders keep robots from answering and let people sort.
func filterHeaders(r notice.Report) []Header {
	return []Header{
		{"Auto-Submitted", "auto-generated"},
		{"Precedence", "bulk"},
		{"X-Auto-Response-Suppress", "All"},
		{"X-Patchwork-Hint", "ignore"},
		{"X-Drover-Tree", field(r.Tree)},
		{"X-Drover-Branch", field(r.Branch)},
		{"X-Drover-Checkout", r.Checkout.String()},
		{"X-Drover-Verdict", field(string(r.Verdict))},
		{"X-Drover-New", strconv.Itoa(r.NewCount)},
	}
}

// Message is the whole message of RFC 5322, with CRLF, ready for SMTP.
func Message(l Letter) ([]byte, error) {
	headers, err := Headers(l)
	if err != nil {
		return nil, fmt.Errorf("mail of checkout %s: %w", l.Report.Checkout, err)
	}
	var b bytes.Buffer
	for _, h := range headers {
		b.WriteString(foldHeader(h))
		b.WriteString("\r\n")
	}
	b.WriteString("\r\n")
	b.WriteString(strings.ReplaceAll(Body(l.Report), "\n", "\r\n"))
	return b.Bytes(), nil
}

// field is foreign text in a header of ours.
func field(text string) string {
	return shorten(words(text), maxHeader)
}

// subject keeps the letters of the cover letter that it answers, encoded.
func subject(text string) string {
	return mime.QEncoding.Encode("utf-8", shorten(plainText(text), maxSubject))
}

// plainText is one line of valid UTF-8. "=?" would be taken for an encoded word
// by readers, and could hide anything; so could characters that only format,
// such as those that turn the direction of writing.
func plainText(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	text = oneLine(text)
	return strings.ReplaceAll(text, "=?", "= ?")
}

// mailbox quotes or encodes the name.
func mailbox(a Address) string {
	name := shorten(plainText(a.Name), maxSubject)
	if name == "" {
		return a.Address
	}
	if simpleName(name) {
		return name + " <" + a.Address + ">"
	}
	return (&netmail.Address{Name: name, Address: a.Address}).String()
}

// simpleName needs no quotes, which read badly.
func simpleName(name string) bool {
	return !strings.ContainsFunc(name, func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		return !letter && r != ' ' && r != '-' && r != '_'
	})
}

// shorten cuts at a character, not inside one.
func shorten(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	text = text[:limit-3]
	for len(text) > 0 && !utf8.ValidString(text) {
		text = text[:len(text)-1]
	}
	return text + "..."
}

// foldHeader breaks a long field at spaces; a continuation starts with one.
func foldHeader(h Header) string {
	const width = 76
	var b strings.Builder
	line := h.Name + ":"
	for i, word := range strings.Split(h.Value, " ") {
		if i > 0 && word != "" && len(line)+1+len(word) > width && strings.TrimSpace(line) != "" {
			b.WriteString(line + "\r\n")
			line = ""
		}
		line += " " + word
	}
	b.WriteString(line)
	return b.String()
}
