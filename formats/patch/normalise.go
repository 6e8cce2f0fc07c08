package patch

import (
	"bytes"
	"strings"
)

const gitStart = "diff --git "

// normalise makes a patch into one that the library reads rightly: lines end
// with LF alone if those of the headers ended with CR LF, and diffs made with
// diff.noprefix get their a/ and b/. strip says how many leading parts of the
// names go if the diff is not git's, which the library leaves as they are.
func normalise(raw []byte) (text []byte, strip int) {
	git, crlf, bare := false, false, false
	for line := range bytes.Lines(raw) {
		header := bytes.HasPrefix(line, []byte(gitStart))
		git = git || header
		if header || bytes.HasPrefix(line, []byte("+++ ")) {
			crlf = crlf || bytes.HasSuffix(line, []byte("\r\n"))
		}
		if header {
			_, same := sameNames(strings.TrimRight(string(line[len(gitStart):]), "\r\n"))
			bare = bare || same
		}
	}
	if crlf {
		raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	}
	if !git {
		return raw, stripLevel(raw)
	}
	if bare {
		raw = withPrefixes(raw)
	}
	return raw, 0
}

// sameNames tells whether s is a name, a space, and the same name again, which
// git writes only without prefixes.
func sameNames(s string) (name string, same bool) {
	half := len(s) / 2
	if len(s) < 3 || len(s)%2 == 0 || s[half] != ' ' || s[:half] != s[half+1:] {
		return "", false
	}
	return s[:half], true
}

// withPrefixes adds a/ and b/ in the headers of a diff that has none.
func withPrefixes(raw []byte) []byte {
	var out bytes.Buffer
	inHeader := false
	for line := range bytes.Lines(raw) {
		s := string(line)
		switch rest, ok := strings.CutPrefix(s, gitStart); {
		case ok:
			inHeader = true
			if name, same := sameNames(strings.TrimSuffix(rest, "\n")); same {
				s = gitStart + prefixed("a/", name) + " " + prefixed("b/", name) + "\n"
			}
		case strings.HasPrefix(s, "@@ "):
			inHeader = false
		case inHeader && strings.HasPrefix(s, "--- ") && !strings.HasPrefix(s[4:], nothing):
			s = "--- " + prefixed("a/", s[4:])
		case inHeader && strings.HasPrefix(s, "+++ ") && !strings.HasPrefix(s[4:], nothing):
			s = "+++ " + prefixed("b/", s[4:])
		}
		out.WriteString(s)
	}
	return out.Bytes()
}

// prefixed puts prefix before a name, inside its quotes if it has them.
func prefixed(prefix, name string) string {
	if strings.HasPrefix(name, `"`) {
		return `"` + prefix + name[1:]
	}
	return prefix + name
}

// stripLevel is 1 if the names of a plain diff begin with the folder that was
// compared, as patches for "patch -p1" do, else 0. One pair of names that shows
// it speaks for the whole diff.
func stripLevel(raw []byte) int {
	before, have := "", false
	for line := range bytes.Lines(raw) {
		s := strings.TrimRight(string(line), "\r\n")
		if name, ok := strings.CutPrefix(s, "--- "); ok {
			before, have = name, true
			continue
		}
		if after, ok := strings.CutPrefix(s, "+++ "); ok && have && comparesFolders(before, after) {
			return 1
		}
		have = false
	}
	return 0
}

// comparesFolders tells whether two names of one file begin with two folders
// ("linux.orig/" and "linux/"), or with diff's customary a/ and b/.
func comparesFolders(before, after string) bool {
	before, _, _ = strings.Cut(before, "\t") // a time stamp follows
	after, _, _ = strings.Cut(after, "\t")
	old, _, oldDeep := strings.Cut(before, "/")
	fresh, _, freshDeep := strings.Cut(after, "/")
	switch {
	case before == nothing:
		return freshDeep && fresh == "b"
	case after == nothing:
		return oldDeep && old == "a"
	}
	return oldDeep && freshDeep && (old != fresh || old == "a" || old == "b")
}
