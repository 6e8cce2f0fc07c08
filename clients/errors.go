// Package clients is the root of the rooms that speak to outside systems, one
// package each. It holds what they share: classes of errors, the mark that
// forbids outside calls inside a database transaction, and the check of
// addresses. A client knows nothing of models, rules or the other clients.
package clients

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"
)

// Class says what to do about an error of an outside call.
type Class string

// The classes. The step that called decides by them: retry, look again later,
// stop and tell the operator, stop and tell the owner, look for the marker.
const (
	Transient Class = "transient"       // network, time-out, 429, 5xx
	NotYet    Class = "not yet"         // no free slot, a ref that a mirror lacks still
	Auth      Class = "auth"            // a credential is missing or refused
	Permanent Class = "permanent"       // asking again will not help
	Unknown   Class = "unknown outcome" // it may have happened
)

// Error is what every client returns: the operation, its class and the cause.
type Error struct {
	Op    string        // "git ls-refs", without secrets
	Class Class         // never empty
	After time.Duration // from Retry-After, zero if the other side said nothing
	Err   error
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %v", e.Op, e.Err) }

func (e *Error) Unwrap() error { return e.Err }

// Fail makes an Error.
func Fail(class Class, op string, err error) error {
	return &Error{Op: op, Class: class, Err: err}
}

// ClassOf reads the class of an error from whichever client. An error that no
// client classed is Transient: it is retried, and parked when that never helps.
func ClassOf(err error) Class {
	var e *Error
	if errors.As(err, &e) {
		return e.Class
	}
	return Transient
}

// After is how long the other side asked to wait, zero if it did not.
func After(err error) time.Duration {
	var e *Error
	if errors.As(err, &e) {
		return e.After
	}
	return 0
}

// ErrFull says that a disk is full where only a program's words tell so.
var ErrFull = errors.New("the disk under DROVER_DATA is full: free some space; nothing that was stored is lost")

// IsFull tells whether a call failed because a disk, or a quota of it, is full.
func IsFull(err error) bool {
	return errors.Is(err, ErrFull) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

type insideKey struct{}

// Inside marks ctx as the context of a database transaction. models does so.
func Inside(ctx context.Context) context.Context {
	return context.WithValue(ctx, insideKey{}, true)
}

// ErrInside is the programming error that Outside reports.
var ErrInside = errors.New("outside call inside a database transaction")

// Outside is called first by every function that leaves the process. It
// refuses inside a transaction, since a slow remote would hold the database.
func Outside(ctx context.Context) error {
	if ctx.Value(insideKey{}) != nil {
		return ErrInside
	}
	return ctx.Err()
}
