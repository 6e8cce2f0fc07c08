package models

import (
	"fmt"
	"time"

	"drover/rules/id"
)

// APIToken is what a program of somebody signs in with: it may do what its
// scopes allow of what that person may.
type APIToken struct {
	ID        id.ID
	UserID    id.ID
	Name      string // unique among those of the person
	Hash      string // of the token, which itself is kept nowhere
	Scopes    string // one a line
	CreatedAt time.Time
	UsedAt    *time.Time // to ten minutes; nil before the first use
	ExpiresAt time.Time
}

// TokenLine is a token with whose it is.
type TokenLine struct {
	APIToken
	Person string
}

// tokenSeen is how exactly it is known when a token was used: each request
// would be a write otherwise.
const tokenSeen = 10 * time.Minute

const (
	columnsOfTokens = `t.id, t.user_id, t.name, t.hash, t.scopes, t.created_at, t.used_at, t.expires_at`
	fromTokens      = ` FROM api_tokens t JOIN users u ON u.id = t.user_id`
	sqlToken        = `SELECT ` + columnsOfTokens + fromTokens + ` WHERE t.hash = ? AND t.expires_at > ? AND u.blocked_at IS NULL`
)

// Token finds the token with a hash, and whose it is. ErrNotFound once it is
// over, or its person is blocked.
func (q Query) Token(hash string) (APIToken, User, error) {
	var rows []APIToken
	if err := q.db.Raw(sqlToken, hash, q.now()).Scan(&rows).Error; err != nil {
		return APIToken{}, User{}, err
	}
	if len(rows) == 0 {
		return APIToken{}, User{}, ErrNotFound
	}
	u, err := q.User(rows[0].UserID)
	return rows[0], u, err
}

// TokensOf lists the tokens of somebody, the newest first, those that are over
// among them.
func (q Query) TokensOf(user id.ID, limit int) ([]APIToken, error) {
	var rows []APIToken
	err := q.db.Where("user_id = ?", user).Order("id DESC").Limit(limit).Find(&rows).Error
	return rows, err
}

// TokenFilter chooses tokens.
type TokenFilter struct {
	Text string // a part of the name, or of the name of its person
}

func (f TokenFilter) conditions() conditions {
	var c conditions
	if f.Text != "" {
		c.contains(f.Text, "t.name", "u.name")
	}
	return c
}

// ListTokens lists the tokens of everybody, the newest first.
func (q Query) ListTokens(f TokenFilter, s Slice) ([]TokenLine, Ends, error) {
	c := f.conditions()
	tail := c.slice(s, ordering{id: "t.id", descending: true})
	var rows []TokenLine
	err := q.db.Raw("SELECT "+columnsOfTokens+", u.name AS person"+fromTokens+c.where()+tail, c.args...).Scan(&rows).Error
	rows, e := ends(rows, s)
	return rows, e, err
}

// CountTokens counts them, up to CountLimit + 1.
func (q Query) CountTokens(f TokenFilter) (int, error) { return q.count(fromTokens, f.conditions()) }

// AddToken stores a new token. ErrDuplicate: its person has one of that name.
func (tx *Tx) AddToken(t APIToken) (APIToken, error) {
	var err error
	if t.ID, err = tx.ID(); err != nil {
		return t, err
	}
	t.CreatedAt = tx.Now
	if err := tx.db.Create(&t).Error; err != nil {
		return t, fmt.Errorf("add a token: %w", translate(err))
	}
	return t, nil
}

// EndToken forgets a token, and gives what it was. ErrNotFound if it is not
// there, or not of that person; owner 0 takes that of anybody.
func (tx *Tx) EndToken(owner, token id.ID) (APIToken, error) {
	t, err := take[APIToken](tx.db, "id = ?", token)
	if err != nil {
		return t, err
	}
	if owner != 0 && t.UserID != owner {
		return APIToken{}, ErrNotFound
	}
	done := tx.db.Where("id = ?", token).Delete(&APIToken{})
	if done.Error == nil && done.RowsAffected == 0 {
		return APIToken{}, ErrNotFound
	}
	return t, done.Error
}

// IsStale tells whether it should be noted that a token is used.
func (t APIToken) IsStale(now time.Time) bool {
	return t.UsedAt == nil || now.Sub(*t.UsedAt) > tokenSeen
}

// TouchToken notes that a token is used.
func (tx *Tx) TouchToken(token id.ID) error {
	return tx.db.Model(&APIToken{}).Where("id = ?", token).Update("used_at", tx.Now).Error
}

const sqlTrimTokens = `DELETE FROM api_tokens WHERE id IN (SELECT id FROM api_tokens WHERE expires_at < ? ORDER BY expires_at, id LIMIT ?)`

// TrimTokens forgets tokens that were over before a time, at most limit of
// them. Until then their person sees that they are over.
func (tx *Tx) TrimTokens(before time.Time, limit int) (int64, error) {
	done := tx.db.Exec(sqlTrimTokens, before, limit)
	return done.RowsAffected, done.Error
}
