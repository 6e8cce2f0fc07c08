package git

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// A pkt-line is four hex digits of length, themselves included, and that much
// payload (gitprotocol-common). Lengths 0, 1 and 2 are marks without payload.
const maxPacket = 65520

type packetKind int

const (
	packetData packetKind = iota
	packetFlush
	packetDelimiter
	packetEnd
)

// errMalformed is an answer that is not the git protocol.
var errMalformed = errors.New("the answer is not the git protocol")

// errTooLarge is an answer longer than allowed.
var errTooLarge = errors.New("the answer is larger than allowed")

// remoteError is what a server says in an ERR packet.
type remoteError string

func (e remoteError) Error() string { return "the server says: " + oneLine(string(e)) }

type packetReader struct{ r *bufio.Reader }

func newPacketReader(r io.Reader) *packetReader {
	return &packetReader{bufio.NewReader(r)}
}

// next reads a packet; data comes without its optional line feed. The end of
// the stream is always an error: a good answer ends with a flush, after which
// nobody reads on.
func (p *packetReader) next() (packetKind, string, error) {
	var head [4]byte
	if _, err := io.ReadFull(p.r, head[:]); err != nil {
		return 0, "", cutOff(err)
	}
	length, err := strconv.ParseUint(string(head[:]), 16, 16)
	if err != nil {
		return 0, "", fmt.Errorf("%w: length %q", errMalformed, head[:])
	}
	switch {
	case length <= 2:
		return packetKind(length) + packetFlush, "", nil
	case length == 3 || length > maxPacket:
		return 0, "", fmt.Errorf("%w: length %q", errMalformed, head[:])
	}
	payload := make([]byte, length-4)
	if _, err := io.ReadFull(p.r, payload); err != nil {
		return 0, "", cutOff(err)
	}
	line := strings.TrimSuffix(string(payload), "\n")
	if text, found := strings.CutPrefix(line, "ERR "); found {
		return 0, "", remoteError(text)
	}
	return packetData, line, nil
}

// cutOff turns an end of stream in the middle into one error.
func cutOff(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the answer was cut off: %w", io.ErrUnexpectedEOF)
	}
	return err
}

// appendPacket appends line as one packet with a line feed.
func appendPacket(to []byte, line string) []byte {
	to = fmt.Appendf(to, "%04x", len(line)+5)
	return append(append(to, line...), '\n')
}

// boundedReader fails, where an io.LimitReader would end, after left bytes.
type boundedReader struct {
	r    io.Reader
	left int64
}

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLarge
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.r.Read(p)
	b.left -= int64(n)
	return n, err
}
