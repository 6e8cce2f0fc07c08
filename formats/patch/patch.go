// Package patch reads which files a patch changes: unified diffs, git's diffs,
// and the mails of git format-patch.
//
// Patches come from strangers. Input is bounded, a path that leads out of the
// tree is refused, and garbage is an error, never a crash. The package does not
// apply patches and does not decode mail: transfer encodings are undone before.
// Jobs call it to choose tests, clients to describe a series.
//
// The work is done by github.com/bluekeyes/go-gitdiff; what it does not know
// (CRLF, diffs without a/ and b/, the prefix of diffs that are not git's) is
// normalised here first.
package patch

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"time"

	"github.com/bluekeyes/go-gitdiff/gitdiff"
)

// What can be wrong with a patch; errors.Is finds them.
var (
	ErrTooLarge = errors.New("patch is too large")
	ErrSyntax   = errors.New("not a valid patch")
	ErrPath     = errors.New("path leads out of the tree")
)

// Limits bounds what is read. A zero field means its default.
type Limits struct {
	Bytes int64 // 32 MiB
	Lines int   // 1,000,000
	Files int   // 20,000
}

func (l Limits) orDefault() Limits {
	if l.Bytes <= 0 {
		l.Bytes = 32 << 20
	}
	if l.Lines <= 0 {
		l.Lines = 1_000_000
	}
	if l.Files <= 0 {
		l.Files = 20_000
	}
	return l
}

// Kind says what happens to a file.
type Kind string

// The kinds. Binary is a binary file that is modified; one that is added,
// deleted, renamed or copied is of that kind and has File.Binary set.
const (
	Added    Kind = "added"
	Deleted  Kind = "deleted"
	Modified Kind = "modified" // also a change of the mode alone
	Renamed  Kind = "renamed"
	Copied   Kind = "copied"
	Binary   Kind = "binary"
)

// File is one changed file. Paths are relative to the tree, clean, with "/".
type File struct {
	Old     string // "" for an added file
	New     string // "" for a deleted file
	Kind    Kind
	Binary  bool
	Added   int // lines, 0 for binary files
	Deleted int
}

// Header is what stands above the first diff of a mail or of git show. Fields
// that are not there are empty.
type Header struct {
	Subject string // without "[PATCH v3 5/17]"
	Prefix  string // "[PATCH v3 5/17] "
	Name    string // of the author
	Email   string
	Date    time.Time // of the author, UTC
	Message string    // subject, empty line, body up to "---"
	Commit  string    // the hash that the mail was made from
}

// Patch is a patch or several in one text.
type Patch struct {
	Header Header
	// HeaderErr says why the text above the first diff gave no Header; nil where
	// there is no such text.
	HeaderErr error
	Files     []File // in order; a file may come more than once in a series
}

// Parse reads a patch. A text without any diff, such as a cover letter, is a
// Patch without files. With ErrSyntax, Files holds those before the error; with
// other errors the Patch is empty.
func Parse(r io.Reader, limits Limits) (Patch, error) {
	limits = limits.orDefault()
	raw, err := io.ReadAll(io.LimitReader(r, limits.Bytes+1))
	if err != nil {
		return Patch{}, fmt.Errorf("read patch: %w", err)
	}
	if int64(len(raw)) > limits.Bytes {
		return Patch{}, fmt.Errorf("read patch of more than %d bytes: %w", limits.Bytes, ErrTooLarge)
	}
	raw = decodedMail(raw)
	if n := bytes.Count(raw, []byte{'\n'}); n > limits.Lines {
		return Patch{}, fmt.Errorf("read patch of %d lines: %w", n, ErrTooLarge)
	}
	text, strip := normalise(raw)
	found, preamble, broken := gitdiffParse(text)
	if len(found) > limits.Files {
		return Patch{}, fmt.Errorf("read patch of %d files: %w", len(found), ErrTooLarge)
	}
	var p Patch
	p.Header, p.HeaderErr = header(preamble)
	for _, f := range found {
		file, err := fileOf(f, strip)
		if err != nil {
			return Patch{}, fmt.Errorf("read patch: %w", err)
		}
		p.Files = append(p.Files, file)
	}
	return p, broken
}

// Files is Parse for those who only want to know what changes.
func Files(r io.Reader, limits Limits) ([]File, error) {
	p, err := Parse(r, limits)
	return p.Files, err
}

// gitdiffParse calls the library. Its errors are ErrSyntax, and so are panics.
func gitdiffParse(text []byte) (files []*gitdiff.File, preamble string, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			files, preamble, err = nil, "", fmt.Errorf("read patch: %w: %v", ErrSyntax, cause)
		}
	}()
	files, preamble, err = gitdiff.Parse(bytes.NewReader(text))
	if err != nil {
		err = fmt.Errorf("read patch: %w: %w", ErrSyntax, err)
	}
	return files, preamble, err
}

// header reads the preamble as a mail or as git show prints it.
func header(preamble string) (h Header, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			h, err = Header{}, fmt.Errorf("read patch header: %w: %v", ErrSyntax, cause)
		}
	}()
	if len(bytes.TrimSpace([]byte(preamble))) == 0 {
		return Header{}, nil
	}
	parsed, err := gitdiff.ParsePatchHeader(preamble)
	if err != nil {
		return Header{}, fmt.Errorf("read patch header: %w", err)
	}
	parsed.Title = decoded(parsed.Title)
	h = Header{
		Subject: valid(parsed.Title), Prefix: valid(parsed.SubjectPrefix),
		Message: valid(parsed.Message()), Commit: valid(parsed.SHA),
	}
	if parsed.Author != nil {
		h.Name, h.Email = valid(decoded(parsed.Author.Name)), valid(parsed.Author.Email)
	}
	if !parsed.AuthorDate.IsZero() {
		h.Date = parsed.AuthorDate.UTC()
	}
	return h, nil
}

// decoded undoes the encoded words of RFC 2047, of which the library knows one
// form in one field. A word in an unknown character set stays as it is.
func decoded(s string) string {
	var decoder mime.WordDecoder
	if text, err := decoder.DecodeHeader(s); err == nil {
		return text
	}
	return s
}
