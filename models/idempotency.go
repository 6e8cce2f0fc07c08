package models

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// KeyedRequest is a request that was sent under a key, and its answer once there
// is one. A key belongs to its owner: two senders may use the same.
type KeyedRequest struct {
	Owner        string `gorm:"primaryKey"`
	Name         string `gorm:"primaryKey"` // the key
	Digest       string // of the request
	Claim        string // of the process that answers it
	ClaimedUntil time.Time
	CreatedAt    time.Time
	ActedAt      *time.Time // when what it asks for was stored
	AnsweredAt   *time.Time
	Status       int
	Kind         string // media type of the answer
	Location     string
	Body         []byte
}

const (
	// KeyKept is how long a key stands for its request.
	KeyKept = 24 * time.Hour
	// keysMost is how many keys one owner may have at a time.
	keysMost = 10_000
	// keyClaimed is longer than any request takes. Whoever asks again later finds
	// that the process died.
	keyClaimed = 30 * time.Second
)

// What stands in the way of a request under a key.
var (
	ErrOtherRequest = errors.New("the key stands for another request")
	ErrStillRuns    = errors.New("the request still runs")
	ErrActed        = errors.New("what was asked for is done, and its answer was not kept")
	ErrManyKeys     = errors.New("too many keys at a time")
)

const (
	sqlAddKey = `INSERT INTO keyed_requests (owner, name, digest, claim, claimed_until, created_at, status, kind, location)
		VALUES (?, ?, ?, ?, ?, ?, 0, '', '') ON CONFLICT (owner, name) DO NOTHING`
	sqlCountKeys = `SELECT COUNT(*) FROM (SELECT 1 FROM keyed_requests WHERE owner = ? LIMIT ?) AS present`
	// A claim that lapsed is taken over by one of those who ask.
	sqlTakeKey = `UPDATE keyed_requests SET claim = ?, claimed_until = ? WHERE owner = ? AND name = ? AND claim = ?`
)

// TakeKey begins a request under a key. If it is answered already the answer is
// there and fresh is false. Errors are ErrOtherRequest, ErrStillRuns (until
// ClaimedUntil at most), ErrActed and ErrManyKeys.
func (tx *Tx) TakeKey(owner, name, digest string) (k KeyedRequest, fresh bool, err error) {
	k = KeyedRequest{Owner: owner, Name: name, Digest: digest, Claim: rand.Text(), ClaimedUntil: tx.Now.Add(keyClaimed), CreatedAt: tx.Now}
	var keys int
	if err := tx.db.Raw(sqlCountKeys, owner, keysMost).Scan(&keys).Error; err != nil {
		return k, false, err
	}
	if err := tx.db.Exec(`DELETE FROM keyed_requests WHERE owner = ? AND name = ? AND created_at < ?`, owner, name, tx.Now.Add(-KeyKept)).Error; err != nil {
		return k, false, err
	}
	if keys < keysMost {
		added := tx.db.Exec(sqlAddKey, owner, name, digest, k.Claim, k.ClaimedUntil, k.CreatedAt)
		if added.Error != nil || added.RowsAffected == 1 {
			return k, added.Error == nil, added.Error
		}
	}
	known, err := take[KeyedRequest](tx.db, "owner = ? AND name = ?", owner, name)
	switch {
	case errors.Is(err, ErrNotFound):
		return k, false, ErrManyKeys
	case err != nil:
		return k, false, err
	case known.Digest != digest:
		return known, false, ErrOtherRequest
	case known.AnsweredAt != nil:
		return known, false, nil
	case known.ClaimedUntil.After(tx.Now):
		return known, false, ErrStillRuns
	case known.ActedAt != nil:
		return known, false, ErrActed
	}
	taken := tx.db.Exec(sqlTakeKey, k.Claim, k.ClaimedUntil, owner, name, known.Claim)
	if taken.Error == nil && taken.RowsAffected == 0 {
		return known, false, ErrStillRuns
	}
	return k, taken.Error == nil, taken.Error
}

// keyed is where a context has the key of a request.
type keyed struct{}

// UnderKey is a context whose transactions belong to the request of a key: each
// notes that something was done, and fails with ErrLost once another process
// has the request.
func UnderKey(ctx context.Context, k KeyedRequest) context.Context {
	return context.WithValue(ctx, keyed{}, k)
}

// stampKey notes in a transaction that it does what a request asks for.
func (tx *Tx) stampKey(ctx context.Context) error {
	k, ok := ctx.Value(keyed{}).(KeyedRequest)
	if !ok {
		return nil
	}
	done := tx.db.Exec(`UPDATE keyed_requests SET acted_at = ? WHERE owner = ? AND name = ? AND claim = ?`, tx.Now, k.Owner, k.Name, k.Claim)
	if done.Error == nil && done.RowsAffected == 0 {
		return fmt.Errorf("a request under a key: %w", ErrLost)
	}
	return done.Error
}

// AnswerKey keeps the answer of a request.
func (tx *Tx) AnswerKey(k KeyedRequest) error {
	return tx.db.Model(&KeyedRequest{}).Where("owner = ? AND name = ? AND claim = ?", k.Owner, k.Name, k.Claim).Updates(map[string]any{
		"answered_at": tx.Now, "status": k.Status, "kind": k.Kind, "location": k.Location, "body": k.Body,
	}).Error
}

// EndKey ends a request whose answer is not kept: a request that did nothing may
// be made again, of one that did it is known that it is done.
func (tx *Tx) EndKey(k KeyedRequest) error {
	of := tx.db.Where("owner = ? AND name = ? AND claim = ?", k.Owner, k.Name, k.Claim)
	if err := of.Session(&gorm.Session{}).Where("acted_at IS NULL").Delete(&KeyedRequest{}).Error; err != nil {
		return err
	}
	return of.Session(&gorm.Session{}).Model(&KeyedRequest{}).Update("claimed_until", tx.Now).Error
}

const sqlTrimKeys = `DELETE FROM keyed_requests WHERE (owner, name) IN
	(SELECT owner, name FROM keyed_requests WHERE created_at < ? ORDER BY created_at, owner, name LIMIT ?)`

// TrimKeys forgets the keys from before a time, at most limit of them.
func (tx *Tx) TrimKeys(before time.Time, limit int) (int64, error) {
	done := tx.db.Exec(sqlTrimKeys, before, limit)
	return done.RowsAffected, done.Error
}
