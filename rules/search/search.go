// Package search reads what somebody typed into the one search box: which kinds
// of names the text can be. Whether something has that name is for the caller,
// package server, to find out.
//
// It is pure. Any text is fine; what cannot be a name is words to look for.
package search

import (
	"errors"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"drover/rules/id"
)

// Longest is how many characters may be looked for.
const Longest = 200

// ErrLong says that a text is longer than that.
var ErrLong = errors.New("a search has at most 200 characters")

// Asked is what a text may name. An empty field says that it cannot be that.
type Asked struct {
	Text    string // cleaned, for names of any form and for words
	Hash    string // the beginning of a commit's name, in lower case
	Message string // a Message-ID without its angle brackets
	ID      id.ID  // a short id
	// Word tells that the text is one word: it may be the whole name of
	// something, such as the output of git describe.
	Word bool
}

var (
	hash     = regexp.MustCompile(`^[0-9a-f]{7,40}$`)
	describe = regexp.MustCompile(`-g([0-9a-f]{7,40})$`)              // v6.12-rc3-412-g9c1e77aa01cd
	cited    = regexp.MustCompile(`^(?:commit )?([0-9a-f]{7,40}) \(`) // 9c1e77aa01cd ("tcp: close: …")
	message  = regexp.MustCompile(`^[^@\s<>]+@[^@\s<>]+$`)
)

// Read tells what a text may name.
func Read(text string) (Asked, error) {
	a := Asked{Text: clean(text)}
	if utf8.RuneCountInString(a.Text) > Longest {
		return Asked{Text: string([]rune(a.Text)[:Longest])}, ErrLong
	}
	if a.Text == "" {
		return a, nil
	}
	lower := strings.ToLower(a.Text)
	a.Word = !strings.Contains(a.Text, " ")
	if found := cited.FindStringSubmatch(lower); found != nil {
		a.Hash = found[1]
	} else if found := describe.FindStringSubmatch(lower); found != nil && a.Word {
		a.Hash = found[1]
	} else if hash.MatchString(lower) {
		a.Hash = lower
	}
	a.Message = messageID(a.Text)
	if i, err := id.Parse(a.Text); err == nil {
		a.ID = i
	}
	return a, nil
}

// messageID takes the header's name and the brackets off, which people copy
// with it.
func messageID(text string) string {
	if name := "message-id:"; len(text) > len(name) && strings.EqualFold(text[:len(name)], name) {
		text = strings.TrimSpace(text[len(name):])
	}
	text = strings.TrimSuffix(strings.TrimPrefix(text, "<"), ">")
	if message.MatchString(text) {
		return text
	}
	return ""
}

// clean keeps what can be seen: databases refuse some of the rest.
func clean(text string) string {
	visible := strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, unicode.Is(unicode.Cf, r):
			return -1
		case unicode.IsSpace(r), unicode.IsControl(r):
			return ' '
		}
		return r
	}, text)
	return strings.Join(strings.Fields(visible), " ")
}
