package kcidb

import (
	"bytes"
	"encoding/json"
	"maps"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// excerptLength is how many characters of a log the schema takes.
const excerptLength = 16384

// cleaner makes objects valid, one after the other, and notes what it could not keep.
type cleaner struct {
	origin   string // for objects that have none
	kind, id string // of the current object
	problems []Problem
}

func (c *cleaner) begin(kind, id string) { c.kind, c.id = kind, text(id) }

// drop notes that a field is left out; it returns "" to be assigned.
func (c *cleaner) drop(field, reason string) string {
	c.problems = append(c.problems, Problem{Kind: c.kind, ID: c.id, Field: field, Reason: reason})
	return ""
}

// refuse notes that the object is left out; it returns false.
func (c *cleaner) refuse(field, reason string) bool {
	c.drop(field, reason)
	c.problems[len(c.problems)-1].Object = true
	return false
}

// identity completes origin and id. The id's prefix must be the origin.
func (c *cleaner) identity(id, origin *string) bool {
	if *origin == "" {
		*origin = c.origin
	}
	if !isOrigin(*origin) {
		return c.refuse("origin", "is not made of a-z, 0-9 and _")
	}
	*id = text(*id)
	if strings.TrimPrefix(*id, *origin+":") == "" {
		return c.refuse("id", "is empty")
	}
	*id = ID(*origin, *id)
	c.id = *id
	return true
}

// reference completes the id of another object, which may have another origin.
func (c *cleaner) reference(field string, id *string, origin string) bool {
	*id = text(*id)
	if *id == "" {
		return c.refuse(field, "is empty")
	}
	if prefix, _, ok := strings.Cut(*id, ":"); !ok || !isOrigin(prefix) {
		*id = ID(origin, *id)
	}
	return true
}

func (c *cleaner) notNegative(field string, n int64) bool {
	return n >= 0 || c.refuse(field, "is negative")
}

func isOrigin(s string) bool {
	for _, r := range s {
		if r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') {
			return false
		}
	}
	return s != ""
}

// text is s as the schema takes text: UTF-8 without NUL.
func text(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

func (c *cleaner) texts(fields ...*string) {
	for _, field := range fields {
		*field = text(*field)
	}
}

// list is the texts that are not empty.
func (c *cleaner) list(in []string) []string {
	var out []string
	for _, s := range in {
		if s = text(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// excerpt is the end of a log: what broke stands last.
func excerpt(s string) string {
	s = text(s)
	extra := utf8.RuneCountInString(s) - excerptLength
	for ; extra > 0; extra-- {
		_, size := utf8.DecodeRuneInString(s)
		s = s[size:]
	}
	return s
}

func architecture(s string) string {
	return strings.Map(func(r rune) rune {
		if isOrigin(string(r)) {
			return r
		}
		return '_'
	}, strings.ToLower(text(s)))
}

// hexadecimal is a hash in lower case, left out if it has another length.
func (c *cleaner) hexadecimal(field, s string, length int) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if s == "" {
		return ""
	}
	if len(s) != length || strings.Trim(s, "0123456789abcdef") != "" {
		return c.drop(field, "is not a hash of the expected length")
	}
	return s
}

// messageID is a Message-ID without its angle brackets.
func (c *cleaner) messageID(s string) string {
	s = strings.TrimSpace(text(s))
	s = strings.TrimSuffix(strings.TrimPrefix(s, "<"), ">")
	if s == "" {
		return ""
	}
	local, domain, ok := strings.Cut(s, "@")
	odd := func(r rune) bool { return r <= ' ' || r > '~' || r == '<' || r == '>' || r == '@' }
	if !ok || local == "" || domain == "" || strings.ContainsFunc(local+domain, odd) {
		return c.drop("message_id", "is not a Message-ID")
	}
	return s
}

// time leaves out a time that RFC 3339 cannot write.
func (c *cleaner) time(field string, t *time.Time) {
	if t.IsZero() {
		return
	}
	*t = t.UTC()
	if t.Year() < 1 || t.Year() > 9999 {
		c.drop(field, "has an impossible year")
		*t = time.Time{}
	}
}

func (c *cleaner) seconds(f *float64) *float64 {
	if f == nil {
		return nil
	}
	if math.IsNaN(*f) || math.IsInf(*f, 0) || *f < 0 {
		c.drop("duration", "is not a number of seconds")
		return nil
	}
	return f
}

// resources keeps the files that can be fetched, with names that can be stored.
func (c *cleaner) resources(field string, in []Resource) []Resource {
	var out []Resource
	for _, r := range in {
		r.URL = c.url(field, r.URL)
		if r.URL == "" {
			continue
		}
		r.Name = strings.ReplaceAll(text(r.Name), "/", "_")
		if r.Name == "" {
			r.Name = "file"
		}
		out = append(out, r)
	}
	return out
}

// url is an absolute address in the characters of RFC 3986, without user and
// password: they would be published.
func (c *cleaner) url(field, s string) string {
	s = strings.TrimSpace(text(s))
	if s == "" {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return c.drop(field, "is not an absolute address")
	}
	for _, r := range u.Host {
		if r <= ' ' || r > '~' || strings.ContainsRune(`"<>\^{|}%`+"`", r) {
			return c.drop(field, "has a host name in other characters")
		}
	}
	rest := u.EscapedPath()
	if u.RawQuery != "" {
		rest += "?" + u.RawQuery
	}
	if u.Fragment != "" {
		rest += "#" + u.EscapedFragment()
	}
	return u.Scheme + "://" + u.Host + escape(rest)
}

// escape writes what RFC 3986 has no room for as %XX and leaves the rest.
func escape(s string) string {
	const plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?@!$&'()*+,;=%#"
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	fragment := false
	for i := 0; i < len(s); i++ {
		ok := strings.IndexByte(plain, s[i]) >= 0
		switch s[i] {
		case '%':
			ok = i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2])
		case '#':
			ok = !fragment
			fragment = true
		}
		if ok {
			b.WriteByte(s[i])
			continue
		}
		b.Write([]byte{'%', digits[s[i]>>4], digits[s[i]&15]})
	}
	return b.String()
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// misc is a copy without NUL characters and nulls, which the database behind
// the schema does not store. Values that have no JSON are left out as a whole.
func (c *cleaner) misc(field string, in map[string]any) map[string]any {
	if len(in) == 0 {
		return nil
	}
	raw, err := json.Marshal(in)
	if err != nil {
		c.drop(field, "cannot be written: "+err.Error())
		return nil
	}
	var out map[string]any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&out); err != nil {
		c.drop(field, "cannot be read back: "+err.Error())
		return nil
	}
	cleaned, _ := plain(out).(map[string]any)
	if len(cleaned) == 0 {
		return nil
	}
	return cleaned
}

// plain cleans a decoded JSON value; nil means that nothing is left.
func plain(value any) any {
	switch v := value.(type) {
	case string:
		return text(v)
	case []any:
		out := make([]any, 0, len(v))
		for _, item := range v {
			if item = plain(item); item != nil {
				out = append(out, item)
			}
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for _, key := range slices.Sorted(maps.Keys(v)) { // sorted: cleaned keys may meet
			if item := plain(v[key]); item != nil {
				out[text(key)] = item
			}
		}
		return out
	}
	return value
}
