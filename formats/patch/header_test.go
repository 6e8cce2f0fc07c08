package patch

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const mail = `From 4be1c0de4be1c0de4be1c0de4be1c0de4be1c0de Mon Sep 17 00:00:00 2001
From: =?UTF-8?q?J=C3=BCrgen?= Example <jo@example.org>
Date: Mon, 2 Mar 2026 10:11:12 +0100
Subject: [PATCH v3 5/17] exdrv: kick the right ring

The ring was wrong.

Fixes: 123456789abc ("exdrv: add rings")
Signed-off-by: Jo Example <jo@example.org>
---
v3: take the other ring
 drivers/net/exdrv/ring.c | 3 ++-
 1 file changed, 2 insertions(+), 1 deletion(-)

diff --git a/drivers/net/exdrv/ring.c b/drivers/net/exdrv/ring.c
index 1111111..2222222 100644
--- a/drivers/net/exdrv/ring.c
+++ b/drivers/net/exdrv/ring.c
`

func TestMail(t *testing.T) {
	p, err := Parse(strings.NewReader(mail+oneHunk+"-- \n2.43.0\n\n"), Limits{})
	if err != nil || p.HeaderErr != nil {
		t.Fatal(err, p.HeaderErr)
	}
	want := Header{
		Subject: "exdrv: kick the right ring", Prefix: "[PATCH v3 5/17] ",
		Name: "Jürgen Example", Email: "jo@example.org",
		Date:    time.Date(2026, 3, 2, 9, 11, 12, 0, time.UTC),
		Message: "exdrv: kick the right ring\n\nThe ring was wrong.\n\nFixes: 123456789abc (\"exdrv: add rings\")\nSigned-off-by: Jo Example <jo@example.org>",
		Commit:  "4be1c0de4be1c0de4be1c0de4be1c0de4be1c0de",
	}
	if diff := cmp.Diff(want, p.Header); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if len(p.Files) != 1 || p.Files[0].New != "drivers/net/exdrv/ring.c" {
		t.Errorf("files %v", p.Files)
	}
}

func TestHeaders(t *testing.T) {
	diff := lines("diff --git a/x b/x", "old mode 100644", "new mode 100755")
	tests := []struct {
		name, in string
		want     Header
		bad      bool
	}{
		{"git show", "commit 4be1c0de\nAuthor: Jo <jo@example.org>\nDate:   Mon Mar 2 10:11:12 2026 +0100\n\n    exdrv: fix\n\n    Body.\n\n" + diff,
			Header{Subject: "exdrv: fix", Name: "Jo", Email: "jo@example.org", Date: time.Date(2026, 3, 2, 9, 11, 12, 0, time.UTC), Message: "exdrv: fix\n\nBody.", Commit: "4be1c0de"}, false},
		{"mail without a From line", "From: jo@example.org\nSubject: Re: [PATCH] x\n\ntext\n" + diff,
			Header{Subject: "x", Prefix: "Re: [PATCH] ", Name: "jo@example.org", Email: "jo@example.org", Message: "x\n\ntext"}, false},
		{"cover letter", "From: jo@example.org\nSubject: [PATCH 0/2] rings\n\nTwo patches.\n",
			Header{Subject: "rings", Prefix: "[PATCH 0/2] ", Name: "jo@example.org", Email: "jo@example.org", Message: "rings\n\nTwo patches."}, false},
		{"broken UTF-8", "From: jo@example.org\nSubject: a\xffb\x00\n\nc\n" + diff,
			Header{Subject: "a\uFFFDb\uFFFD", Name: "jo@example.org", Email: "jo@example.org", Message: "a\uFFFDb\uFFFD\n\nc"}, false},
		{"encoded words", "From: =?iso-8859-1?Q?J=F6?= <jo@example.org>\nSubject: =?utf-8?b?Z3LDtsOfZQ==?=\n\nc\n" + diff,
			Header{Subject: "größe", Name: "Jö", Email: "jo@example.org", Message: "größe\n\nc"}, false},
		{"words in an unknown encoding", "From: =?klingon?Q?J=F6?= <jo@example.org>\nSubject: x\n\nc\n" + diff,
			Header{Subject: "x", Name: "=?klingon?Q?J=F6?=", Email: "jo@example.org", Message: "x\n\nc"}, false},
		{"nothing", diff, Header{}, false},
		{"some text", "Please apply.\n" + diff, Header{}, true},
		{"bad date", "From: jo@example.org\nDate: yesterday\n\nx\n" + diff, Header{}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, err := Parse(strings.NewReader(test.in), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if (p.HeaderErr != nil) != test.bad {
				t.Errorf("header error %v", p.HeaderErr)
			}
			if diff := cmp.Diff(test.want, p.Header); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestSeries reads a whole series in one text, as a patch tracker serves it.
func TestSeries(t *testing.T) {
	second := strings.ReplaceAll(strings.ReplaceAll(mail, "5/17", "6/17"), "ring.c", "mac.c")
	files, err := Files(strings.NewReader(mail+oneHunk+"-- \n2.43.0\n\n"+second+oneHunk+"-- \n2.43.0\n"), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.New)
	}
	if diff := cmp.Diff([]string{"drivers/net/exdrv/ring.c", "drivers/net/exdrv/mac.c"}, names); diff != "" {
		t.Error(diff)
	}
}
