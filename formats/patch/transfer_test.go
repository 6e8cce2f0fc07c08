package patch

import (
	"encoding/base64"
	"strings"
	"testing"
)

// Mails whose text is not plain ASCII come packed, with either end of lines.
func TestPackedMail(t *testing.T) {
	const diff = "diff --git a/net/tls.c b/net/tls.c\n--- a/net/tls.c\n+++ b/net/tls.c\n@@ -1 +1 @@\n-a=1\n+é=2\n"
	head := func(how string) string {
		return "From: Jo <jo@example.org>\nSubject: [PATCH] tls: x\nContent-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: " + how + "\n\n"
	}
	packed := base64.StdEncoding.EncodeToString([]byte("Why.\n\n---\n" + diff))
	wrapped := packed[:40] + "\n" + packed[40:] + "\n"
	quoted := strings.NewReplacer("=", "=3D", "é", "=C3=A9", "net/tls.c\n---", "net/tls=\n.c\n---").Replace("Why.\n\n---\n" + diff)
	for name, text := range map[string]string{
		"base64": head("base64") + wrapped, "quoted-printable": head("Quoted-Printable") + quoted, "8bit": head("8bit") + "Why.\n\n---\n" + diff,
		"only said in the body": "From: Jo <jo@example.org>\nSubject: [PATCH] tls: x\n\nContent-Transfer-Encoding: base64\n---\n" + diff,
	} {
		for _, end := range []string{"\n", "\r\n"} {
			p, err := Parse(strings.NewReader(strings.ReplaceAll(text, "\n", end)), Limits{})
			if err != nil || len(p.Files) != 1 || p.Files[0].New != "net/tls.c" || p.Files[0].Added != 1 || p.Header.Subject != "tls: x" {
				t.Errorf("%s, lines end with %q: %+v, %v", name, end, p, err)
			}
		}
	}
	broken := head("base64") + "!!!\n"
	if got := string(decodedMail([]byte(broken))); got != broken {
		t.Errorf("a broken body became %q", got)
	}
}
