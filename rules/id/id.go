// Package id gives objects their numbers: 64-bit integers that contain the
// UTC day of creation and print as six to eight characters of base32.
//
// It is pure: the day and the sequence number come from the caller (models).
package id

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"time"
)

// ID names one object of a kind. The upper bits hold the UTC day counted from
// Epoch, the lower 26 bits a sequence number, so that ids grow with time and a
// short link finds its day's partition. Zero is "none". In print the sequence
// is scrambled, so that neighbours do not look alike.
type ID int64

// Epoch is day zero. Days before it cannot be written.
var Epoch = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

const (
	sequenceBits = 26
	sequenceMask = 1<<sequenceBits - 1
	// scramble is odd, so that multiplication modulo 2^26 is a bijection, which
	// multiplication by unscramble, its inverse, undoes.
	scramble   = 0x2545F4D
	unscramble = 0x2bff185
	// maxDay keeps every id within 40 bits, which is eight characters.
	maxDay = 1<<14 - 1

	alphabet = "0123456789abcdefghjkmnpqrstvwxyz" // no i l o u
)

// ErrSyntax says that a text is not a short id.
var ErrSyntax = errors.New("not an id: expected 4 to 8 characters of 0-9 and a-z without i, l, o, u")

// New makes the id of the sequence-th object (from 1) of the day of t.
// Sequence numbers above 2^26-1 a day, and days outside 2024 to 2068, are errors.
func New(t time.Time, sequence int64) (ID, error) {
	day := Day(t)
	if day < 0 || day > maxDay || sequence <= 0 || sequence > sequenceMask {
		return 0, fmt.Errorf("id: day %d, sequence %d is out of range", day, sequence)
	}
	return ID(day<<sequenceBits | sequence), nil
}

// Day is the number of UTC days between Epoch and t.
func Day(t time.Time) int64 {
	return int64(t.UTC().Sub(Epoch) / (24 * time.Hour))
}

// Date is the UTC day on which the object was stored.
func (i ID) Date() time.Time {
	return Epoch.AddDate(0, 0, int(int64(i)>>sequenceBits))
}

// String is the short form used in URLs, mails and file names.
func (i ID) String() string {
	if i <= 0 {
		return "0"
	}
	var b [13]byte
	n := len(b)
	for v := turn(int64(i), scramble); v > 0; v >>= 5 {
		n--
		b[n] = alphabet[v&31]
	}
	return string(b[n:])
}

// Parse reads the short form. Upper case is accepted, look-alikes are not.
func Parse(s string) (ID, error) {
	if len(s) < 4 || len(s) > 8 {
		return 0, ErrSyntax
	}
	var v int64
	for _, c := range []byte(s) {
		d := digit(c)
		if d < 0 {
			return 0, ErrSyntax
		}
		v = v<<5 | d
	}
	if v == 0 {
		return 0, ErrSyntax
	}
	return ID(turn(v, unscramble)), nil
}

// turn multiplies the sequence part of v and leaves the day alone.
func turn(v, factor int64) int64 {
	return v&^sequenceMask | (v&sequenceMask)*factor&sequenceMask
}

func digit(c byte) int64 {
	if c >= 'A' && c <= 'Z' {
		c += 'a' - 'A'
	}
	for i := range len(alphabet) {
		if alphabet[i] == c {
			return int64(i)
		}
	}
	return -1
}

// MarshalText prints the short form, so that JSON carries what people see.
func (i ID) MarshalText() ([]byte, error) {
	if i == 0 {
		return nil, nil
	}
	return []byte(i.String()), nil
}

// UnmarshalText reads the short form; empty is none.
func (i *ID) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*i = 0
		return nil
	}
	v, err := Parse(string(b))
	if err != nil {
		return err
	}
	*i = v
	return nil
}

// Value stores the integer.
func (i ID) Value() (driver.Value, error) { return int64(i), nil }

// Scan reads the integer; NULL is none.
func (i *ID) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*i = 0
	case int64:
		*i = ID(v)
	default:
		return fmt.Errorf("id: cannot read %T", src)
	}
	return nil
}
