package git

import (
	"bytes"
	"io"
)

// longestRecord is beyond what any file system allows as a path.
const longestRecord = 64 << 10

// sieve passes on the wanted ones of NUL-ended records, so that a list of a
// whole tree costs no more memory than what is kept of it.
type sieve struct {
	to     io.Writer
	wanted func(record []byte) bool
	record []byte // as far as it has come
	long   bool   // it is longer than longestRecord and wanted by nobody
}

func (s *sieve) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		piece, after, ended := bytes.Cut(rest, []byte{0})
		rest = after
		if s.long = s.long || len(s.record)+len(piece) > longestRecord; !s.long {
			s.record = append(s.record, piece...)
		}
		if !ended {
			break
		}
		if !s.long && s.wanted(s.record) {
			if _, err := s.to.Write(append(s.record, 0)); err != nil {
				return 0, err
			}
		}
		s.record, s.long = s.record[:0], false
	}
	return len(p), nil
}
