package git

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// advertisement is the answer to the discovery GET: either the capabilities of
// protocol v2, after which the refs must be asked for, or all refs at once.
type advertisement struct {
	v2           bool
	capabilities map[string]string
	refs         *gathering // of v0 and v1
}

// readAdvertisement reads up to the flush that proves completeness.
func readAdvertisement(r io.Reader) (advertisement, error) {
	p := newPacketReader(r)
	kind, line, err := p.next()
	if err != nil {
		return advertisement{}, err
	}
	if kind == packetData && strings.HasPrefix(line, "# service=") {
		// Stock git leaves this out before "version 2", others do not.
		if kind, _, err = p.next(); err != nil {
			return advertisement{}, err
		}
		if kind != packetFlush {
			return advertisement{}, fmt.Errorf("%w: no flush after the service line", errMalformed)
		}
		if kind, line, err = p.next(); err != nil {
			return advertisement{}, err
		}
	}
	switch {
	case kind == packetData && line == "version 2":
		return readCapabilities(p)
	case kind == packetData && line == "version 1":
		if kind, line, err = p.next(); err != nil {
			return advertisement{}, err
		}
	}
	return readV0(p, kind, line)
}

func readCapabilities(p *packetReader) (advertisement, error) {
	a := advertisement{v2: true, capabilities: map[string]string{}}
	for {
		kind, line, err := p.next()
		switch {
		case err != nil:
			return advertisement{}, err
		case kind == packetFlush:
			return a, nil
		case kind != packetData:
			return advertisement{}, fmt.Errorf("%w: a mark among the capabilities", errMalformed)
		}
		name, value, _ := strings.Cut(line, "=")
		a.capabilities[name] = value
	}
}

// readV0 reads the list whose first line, already taken, carries the
// capabilities behind a NUL.
func readV0(p *packetReader, kind packetKind, line string) (advertisement, error) {
	a := advertisement{refs: newGathering()}
	line, capabilities, _ := strings.Cut(line, "\x00")
	for _, capability := range strings.Fields(capabilities) {
		if target, found := strings.CutPrefix(capability, "symref=HEAD:"); found {
			a.refs.setHead(target)
		}
	}
	for {
		switch kind {
		case packetFlush:
			return a, nil
		case packetData:
		default:
			return advertisement{}, fmt.Errorf("%w: a mark among the refs", errMalformed)
		}
		if err := a.refs.addV0(line); err != nil {
			return advertisement{}, err
		}
		var err error
		if kind, line, err = p.next(); err != nil {
			return advertisement{}, err
		}
	}
}

// readV2Refs reads the answer to ls-refs. With an error comes what was read.
func readV2Refs(r io.Reader) (*gathering, error) {
	p, g := newPacketReader(r), newGathering()
	for {
		kind, line, err := p.next()
		switch {
		case err != nil:
			return g, err
		case kind == packetFlush:
			return g, nil
		case kind != packetData:
			return g, fmt.Errorf("%w: a mark among the refs", errMalformed)
		}
		if err := g.addV2(line); err != nil {
			return g, err
		}
	}
}

// readTabbed reads "<oid>TAB<ref>" lines: a dumb server's info/refs and what
// git ls-remote prints, there with "ref: <target>TAB<name>" for symrefs.
func readTabbed(r io.Reader) (*gathering, error) {
	g, in := newGathering(), bufio.NewReader(r)
	for {
		line, err := in.ReadString('\n')
		switch {
		case err == io.EOF && line == "":
			return g, nil
		case err == io.EOF:
			return nil, fmt.Errorf("the list was cut off: %w", io.ErrUnexpectedEOF)
		case err != nil:
			return nil, cutOff(err)
		}
		oid, name, found := strings.Cut(strings.TrimRight(line, "\r\n"), "\t")
		if !found {
			return nil, fmt.Errorf("%w: ref line %q", errMalformed, shorten(line))
		}
		if target, symref := strings.CutPrefix(oid, "ref: "); symref {
			if name == "HEAD" {
				g.setHead(target)
			}
			continue
		}
		if err := g.add(name, oid); err != nil {
			return nil, err
		}
	}
}
