package mail

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"mime"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drover/rules/notice"
	"drover/rules/recipe"
	"drover/rules/status"
)

var write = flag.Bool("write", false, "write the golden mails anew")

func TestGolden(t *testing.T) {
	for name, l := range samples(t) {
		t.Run(name, func(t *testing.T) {
			raw, err := Message(l)
			if err != nil {
				t.Fatal(err)
			}
			checkMessage(t, raw)
			got := strings.ReplaceAll(string(raw), "\r\n", "\n")
			file := filepath.Join("testdata", name+".txt")
			if *write {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// checkMessage is the script of the acceptance list: ASCII, 72 columns except
// for URLs, nothing that SMTP or a reader could take for something else.
func checkMessage(t *testing.T, raw []byte) {
	t.Helper()
	if n := bytes.Count(raw, []byte("\n")); n != bytes.Count(raw, []byte("\r\n")) || n != bytes.Count(raw, []byte("\r")) {
		t.Error("line ends are not all CRLF")
	}
	parsed, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("not a message: %v", err)
	}
	for name, values := range parsed.Header {
		if len(values) != 1 || !known72[name] {
			t.Errorf("header %s: %q", name, values)
		}
	}
	head, body, found := strings.Cut(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\n\n")
	if !found {
		t.Fatal("no body")
	}
	for line := range strings.SplitSeq(head, "\n") {
		if len(line) > 998 || !printable(line) || strings.TrimSpace(line) == "" {
			t.Errorf("header line %q", line)
		}
	}
	checkBody(t, body)
}

// known72 are the fields that a mail of ours may have, as net/mail spells them.
var known72 = map[string]bool{
	"Date": true, "From": true, "To": true, "Reply-To": true, "Subject": true, "Message-Id": true, "In-Reply-To": true,
	"References": true, "List-Id": true, "List-Unsubscribe": true, "List-Unsubscribe-Post": true, "Auto-Submitted": true,
	"Precedence": true, "X-Auto-Response-Suppress": true, "X-Patchwork-Hint": true, "X-Drover-Tree": true,
	"X-Drover-Branch": true, "X-Drover-Checkout": true, "X-Drover-Verdict": true, "X-Drover-New": true,
	"Mime-Version": true, "Content-Type": true, "Content-Transfer-Encoding": true,
}

func checkBody(t *testing.T, body string) {
	t.Helper()
	signatures := 0
	for i, line := range strings.Split(body, "\n") {
		if !printable(line) {
			t.Errorf("line %d is not printable ASCII: %q", i+1, line)
		}
		if len(line) > 990 {
			t.Errorf("line %d has %d bytes", i+1, len(line))
		}
		if len(line) > columns && !hasURL(line) && !strings.Contains(line, "://") {
			t.Errorf("line %d has %d columns: %q", i+1, len(line), line)
		}
		switch {
		case line == "-- ":
			signatures++
		case strings.HasSuffix(line, " "):
			t.Errorf("line %d ends with a space: %q", i+1, line)
		}
	}
	if signatures != 1 {
		t.Errorf("%d signature lines", signatures)
	}
	if strings.Contains(body, "\n\n\n") || !strings.HasSuffix(body, "\n") {
		t.Errorf("blank lines: %.3000q", body)
	}
}

func TestBodyIsTheTextOfTheMessage(t *testing.T) {
	l := samples(t)["new"]
	raw, err := Message(l)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(parsed.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.ReplaceAll(string(body), "\r\n", "\n"); got != Body(l.Report) {
		t.Error(cmp.Diff(Body(l.Report), got))
	}
}

func TestSameBytesEveryTime(t *testing.T) {
	for name, l := range samples(t) {
		first, err := Message(l)
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			if again, err := Message(samples(t)[name]); err != nil || !bytes.Equal(first, again) {
				t.Fatalf("%s differs: %v", name, err)
			}
		}
	}
}

func parse(t *testing.T, l Letter) netmail.Header {
	t.Helper()
	raw, err := Message(l)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Header
}

func TestHeaderInjection(t *testing.T) {
	h := parse(t, samples(t)["hostile"])
	for _, name := range []string{"X-Evil", "Bcc"} {
		if h.Get(name) != "" {
			t.Errorf("%s: %q", name, h.Get(name))
		}
	}
	from, err := h.AddressList("From")
	if err != nil || len(from) != 1 || from[0].Address != "drover@ci.example.org" {
		t.Errorf("From: %v, %v", from, err)
	}
	to, err := h.AddressList("To")
	if err != nil || len(to) != 1 || to[0].Address != "asha@example.com" || to[0].Name != `Ünal "the \ tester" Ŵ <x@y> X-Evil: 4` {
		t.Errorf("To: %v, %v", to, err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(h.Get("Subject"))
	if want := "[drover] FAIL 1 new: bad X-Evil: 1/feature/right-to-left X-Evil: 2 9c1e77aa01cd"; err != nil || subject != want {
		t.Errorf("subject %q, %v", subject, err)
	}
	if got := h.Get("List-Id"); got != "Drover reports for bad-x-evil-1 <bad-x-evil-1.ci.example.org>" {
		t.Errorf("List-Id %q", got)
	}
}

func TestThreading(t *testing.T) {
	all := samples(t)
	for _, one := range []struct {
		name, messageID, parent, references string
		letter                              Letter
	}{
		{"a first report stands alone", "<checkout.8f3k2m.1@ci.example.org>", "", "", all["new"]},
		{"a correction answers the first", "<checkout.8f3k2m.2@ci.example.org>", "<checkout.8f3k2m.1@ci.example.org>", "<checkout.8f3k2m.1@ci.example.org>", all["correction"]},
		{"a series is answered", "<checkout.8f3k2m.1@ci.example.org>", "<20261122101040.1234-1-asha@example.com>", "<20261122101040.1234-1-asha@example.com>", all["series"]},
		{
			"the correction of a series", "<checkout.8f3k2m.2@ci.example.org>", "<checkout.8f3k2m.1@ci.example.org>",
			"<20261122101040.1234-1-asha@example.com> <checkout.8f3k2m.1@ci.example.org>",
			func() Letter { l := all["series"]; l.Number = 2; return l }(),
		},
	} {
		h := parse(t, one.letter)
		if h.Get("Message-ID") != one.messageID || h.Get("In-Reply-To") != one.parent || h.Get("References") != one.references {
			t.Errorf("%s: id %q, parent %q, references %q", one.name, h.Get("Message-ID"), h.Get("In-Reply-To"), h.Get("References"))
		}
	}
	if got := parse(t, all["series"]).Get("Subject"); got != "Re: [PATCH net-next v3 0/7] tcp: rework the close path" {
		t.Errorf("subject %q", got)
	}
}

func TestLongReferencesKeepFirstAndLast(t *testing.T) {
	l := samples(t)["series"]
	s := *l.Report.Series
	for i := range 50 {
		s.References = append(s.References, "<m"+strings.Repeat("x", i)+"@example.com>")
	}
	l.Report.Series = &s
	got := strings.Fields(parse(t, l).Get("References"))
	if len(got) != maxReferences || got[0] != "<m@example.com>" || got[len(got)-1] != s.MessageID {
		t.Errorf("%d references, first %s, last %s", len(got), got[0], got[len(got)-1])
	}
}

// Mail to a list has nothing with which a reader could end it for all.
func TestUnsubscribe(t *testing.T) {
	all := samples(t)
	person := parse(t, all["new"])
	if person.Get("List-Unsubscribe") != "<https://ci.example.org/unsubscribe/Qm7x>" || person.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
		t.Errorf("to a person: %q, %q", person.Get("List-Unsubscribe"), person.Get("List-Unsubscribe-Post"))
	}
	raw, err := Message(all["list"])
	if err != nil {
		t.Fatal(err)
	}
	if text := string(raw); strings.Contains(strings.ToLower(text), "unsubscribe") || strings.Contains(text, "Fewer mails") || !strings.Contains(text, "Who can stop it: ") {
		t.Errorf("to a list:\n%s", text)
	}
}

func TestFixedHeaders(t *testing.T) {
	h := parse(t, samples(t)["new"])
	for name, want := range map[string]string{
		"Date":                      "Mon, 23 Nov 2026 10:43:00 +0000",
		"From":                      "Drover <drover@ci.example.org>",
		"To":                        "Asha Rao <asha@example.com>",
		"Subject":                   "[drover] FAIL 2 new: net-next/main 9c1e77aa01cd",
		"List-Id":                   "Drover reports for net-next <net-next.ci.example.org>",
		"Auto-Submitted":            "auto-generated",
		"Precedence":                "bulk",
		"X-Patchwork-Hint":          "ignore",
		"X-Drover-Tree":             "net-next",
		"X-Drover-Branch":           "main",
		"X-Drover-Checkout":         "8f3k2m",
		"X-Drover-Verdict":          "new",
		"X-Drover-New":              "2",
		"Content-Type":              "text/plain; charset=utf-8",
		"Content-Transfer-Encoding": "7bit",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestWhatCannotBeSent(t *testing.T) {
	for _, one := range []struct {
		name   string
		change func(*Letter)
		want   error
	}{
		{"no recipient", func(l *Letter) { l.To.Address = "" }, ErrAddress},
		{"two recipients", func(l *Letter) { l.To.Address = "a@example.com, b@example.com" }, ErrAddress},
		{"a header in the recipient", func(l *Letter) { l.To.Address = "a@example.com\r\nBcc: b@example.com" }, ErrAddress},
		{"no sender", func(l *Letter) { l.From.Address = "drover" }, ErrAddress},
		{"a bad address for answers", func(l *Letter) { l.ReplyTo = "a b@example.com" }, ErrAddress},
		{"a host with a header", func(l *Letter) { l.Host = "ci.example.org>\r\nX: y" }, ErrHost},
		{"no host", func(l *Letter) { l.Host = "" }, ErrHost},
		{"no date", func(l *Letter) { l.Date = time.Time{} }, ErrDate},
		{"a forged cover letter", func(l *Letter) { l.Report.Series = &notice.Series{MessageID: "<a@b>\r\nX: y"} }, ErrThread},
		{"a forged reference", func(l *Letter) { l.Report.Series = &notice.Series{MessageID: "<a@b>", References: []string{"x y"}} }, ErrThread},
	} {
		l := samples(t)["new"]
		one.change(&l)
		if raw, err := Message(l); !errors.Is(err, one.want) || raw != nil {
			t.Errorf("%s: %v", one.name, err)
		}
	}
}

func TestLimits(t *testing.T) {
	body := Body(samples(t)["many"].Report)
	for text, want := range map[string]int{
		"   result  ":          notice.MaxFull, // told in full
		") suite/case":         notice.MaxListed,
		"and 15 more, see":     2, // of the new ones, and of those still failing
		"     not ok":          notice.MaxFull,
		", failing for":        notice.MaxListed - 1, // the first has no streak
		"old/case74 on x86_64": 0,
	} {
		if got := strings.Count(body, text); got != want {
			t.Errorf("%q: %d times, want %d", text, got, want)
		}
	}
}

func TestAscii(t *testing.T) {
	for text, want := range map[string]string{
		"plain ~ text":          "plain ~ text",
		"Grüße aus Łódź":        "Grusse aus Lodz",
		"“a” ‘b’ – c — d … e":   `"a" 'b' - c - d ... e`,
		"日本":                    `\u65e5\u672c`,
		"🐑":                     `\U0001f411`,
		"bad\xff\x00\x1b":       `bad\xff\x00\x1b`,
		"right\u202eleft":       `right\u202eleft`,
		"ﬁle ½ № ①":             "file 1/2 No 1",
		"e\u0301\u00a0x":        "e x",
		"line\u2028separator":   `line\u2028separator`,
		"\u0301":                "",
		"zero\u200bwidth\ufeff": `zero\u200bwidth\ufeff`,
	} {
		if got := ascii(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		30 * time.Second: "1 min", 59 * time.Minute: "59 min", time.Hour: "1 h", 192 * time.Minute: "3 h 12 min", 30 * time.Hour: "30 h",
	} {
		if got := span(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

func TestCompared(t *testing.T) {
	for _, one := range []struct {
		c    *notice.Compared
		want string
	}{
		{nil, "with nothing: there is no earlier result"},
		{&notice.Compared{SHA: "77aa01c2b4d1aaaa"}, "77aa01c2b4d1, not an ancestor"},
		{&notice.Compared{SHA: "77aa01c", Back: 1, Tested: at(1, 2, 3)}, "77aa01c, tested 2026-11-01 02:03 UTC, 1 commit back"},
	} {
		if got := compared(one.c); got != one.want {
			t.Errorf("%q, want %q", got, one.want)
		}
	}
}

// Whatever is in a report, the mail is one message with our headers, in ASCII
// and within its columns.
func FuzzMessage(f *testing.F) {
	f.Add("net-next", "main", "tcp: close", "not ok 1", "https://ci.example.org/r/1", 2)
	f.Add("a\r\nBcc: x", "\x00", "日本\u202e", "\x1b[31m\t\xff", "javascript:\n", 1)
	f.Add(strings.Repeat("x", 300), strings.Repeat("https://", 200), strings.Repeat("ä ", 200), strings.Repeat("\t", 50), strings.Repeat("u", 2000), 70)
	f.Add("=?utf-8?q?x?=", "-- ", "\n-- \n", "-- ", " ", 0)
	f.Fuzz(func(t *testing.T, tree, branch, text, line, url string, n int) {
		h := header(t)
		h.Tree, h.Branch, h.Sentence, h.Commit.Subject, h.Commit.Describe, h.Commit.SHA = tree, branch, text, text, text, line
		h.Repository, h.Links.Checkout, h.Links.Feedback, h.Links.Help = url, url, url, url
		h.Audience = notice.Audience{Why: text, Person: n%2 == 0, Unsubscribe: url, Stop: url}
		h.Verdict, h.NewCount, h.Partial, h.Credit = status.Verdict(line), n, n%3 == 0, text
		h.Counts = []notice.Count{{Name: text, Pass: n, New: 1 << 40}}
		if n%5 == 0 {
			h.Series = &notice.Series{Subject: text, Base: line, Patches: n, Guilty: n, Version: n, Lines: []notice.PatchLine{{Number: n, Subject: text, Note: line, Built: status.Status(line)}}}
		}
		if n%7 == 0 {
			h.Corrects = &notice.Corrected{Sentence: text}
		}
		r := notice.Report{Header: h, Fixed: []string{text, line}, Still: []string{line}, NotTested: []string{url}, Closes: url}
		for i := range min(max(n, 0), 70) {
			one := notice.Failure{Number: i + 1, Title: text, On: line, PassesOn: text, ResultURL: url, LogURL: url, Before: text, Tries: line, Lines: []string{line, text, url}, Left: n}
			r.Failures, r.Known = append(r.Failures, one), append(r.Known, notice.Known{Number: n, Title: text, URL: url, Results: n})
		}
		r.Broken = r.Failures[:len(r.Failures)/2]
		r.Reproduce = &notice.Reproduction{Number: n, Link: url}
		r.Reproduce.Needs = []string{text}
		r.Reproduce.Steps = []recipe.ReproduceStep{{Title: text, Lines: []string{line, text, url, ""}}}
		l := letter(r)
		l.To.Name, l.From.Name = text, line
		raw, err := Message(l)
		if err != nil {
			t.Fatal(err)
		}
		checkMessage(t, raw)
	})
}

func FuzzFold(f *testing.F) {
	f.Add("one two https://ci.example.org/x three")
	f.Add(strings.Repeat("x", 500))
	f.Fuzz(func(t *testing.T, text string) {
		text = words(text)
		lines := fold("  first   ", "          ", text)
		var back strings.Builder
		for i, line := range lines {
			if len(line) > columns && !hasURL(line) {
				t.Errorf("line %d has %d columns", i, len(line))
			}
			back.WriteString(line[min(len(line), 10):])
		}
		if got, want := strings.ReplaceAll(back.String(), " ", ""), strings.ReplaceAll(text, " ", ""); got != want {
			t.Errorf("%q came back as %q", want, got)
		}
	})
}
