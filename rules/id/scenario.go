package id

import (
	"crypto/sha256"
	"encoding/binary"
	"io"
)

// Scenario is the key under which history is compared: test × tree × branch ×
// arch × config × compiler; a build has no test. It is a hash, stable for
// good, of 63 bits: among ten million scenarios two collide with a chance of
// one in 180,000.
type Scenario struct {
	Test, Tree, Branch, Arch, Config, Compiler string
}

// Key is the number that is stored.
func (s Scenario) Key() int64 {
	h := sha256.New()
	for _, part := range []string{s.Test, s.Tree, s.Branch, s.Arch, s.Config, s.Compiler} {
		_, _ = io.WriteString(h, part) // a hash never fails
		_, _ = h.Write([]byte{0})
	}
	return int64(binary.BigEndian.Uint64(h.Sum(nil)) >> 1)
}
