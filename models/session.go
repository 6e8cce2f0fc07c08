package models

import (
	"time"

	"drover/rules/id"
)

// Session is one browser in which somebody is signed in, or on the way there.
type Session struct {
	ID        id.ID
	Token     string // hash of what the cookie holds
	UserID    id.ID  // 0 before the sign-in
	Data      []byte
	Browser   string // as it calls itself
	CreatedAt time.Time
	SeenAt    time.Time // to the hour
	ExpiresAt time.Time
}

const (
	// sessionIdle ends sessions that nobody uses.
	sessionIdle = 14 * 24 * time.Hour
	// sessionSeen is how exactly it is known when a session was used: each
	// request would be a write otherwise.
	sessionSeen = time.Hour
	// sessionsTrimmed bounds how many are forgotten with each new one.
	sessionsTrimmed = 100
)

const sqlSession = `SELECT s.id, s.token, s.user_id, s.data, s.browser, s.created_at, s.seen_at, s.expires_at,
	u.id AS person_id, u.name, u.email, u.member_of, u.blocked_at
	FROM sessions s LEFT JOIN users u ON u.id = s.user_id WHERE s.token = ? AND s.expires_at > ? AND s.seen_at > ?`

// Session finds the session of a token, and whose it is; the zero User before
// the sign-in. ErrNotFound once it is over, or its person is blocked.
func (q Query) Session(token string) (Session, User, error) {
	var rows []struct {
		Session
		PersonID  *id.ID
		Name      string
		Email     string
		MemberOf  string
		BlockedAt *time.Time
	}
	now := q.now()
	if err := q.db.Raw(sqlSession, token, now, now.Add(-sessionIdle)).Scan(&rows).Error; err != nil {
		return Session{}, User{}, err
	}
	if len(rows) == 0 || rows[0].BlockedAt != nil || rows[0].UserID != 0 && rows[0].PersonID == nil {
		return Session{}, User{}, ErrNotFound
	}
	r := rows[0]
	u := User{Name: r.Name, Email: r.Email, MemberOf: r.MemberOf}
	if r.PersonID != nil {
		u.ID = *r.PersonID
	}
	return r.Session, u, nil
}

// SessionsOf lists the sessions of somebody, the newest first.
func (q Query) SessionsOf(user id.ID, limit int) ([]Session, error) {
	var rows []Session
	now := q.now()
	err := q.db.Where("user_id = ? AND expires_at > ? AND seen_at > ?", user, now, now.Add(-sessionIdle)).Order("id DESC").Limit(limit).Find(&rows).Error
	return rows, err
}

// SaveSession stores a session under its token: a new one, or new data of one
// that is there. It forgets some that are over.
func (tx *Tx) SaveSession(s Session) error {
	changed := tx.db.Model(&Session{}).Where("token = ?", s.Token).
		Updates(map[string]any{"user_id": s.UserID, "data": s.Data, "expires_at": s.ExpiresAt, "seen_at": tx.Now})
	if changed.Error != nil || changed.RowsAffected > 0 {
		return changed.Error
	}
	var err error
	if s.ID, err = tx.ID(); err != nil {
		return err
	}
	s.CreatedAt, s.SeenAt = tx.Now, tx.Now
	if err := tx.db.Create(&s).Error; err != nil {
		return translate(err)
	}
	over := tx.db.Model(&Session{}).Select("id").Where("expires_at <= ?", tx.Now).Limit(sessionsTrimmed)
	return tx.db.Where("id IN (?)", over).Delete(&Session{}).Error
}

// IsStale tells whether it should be noted that a session is used.
func (s Session) IsStale(now time.Time) bool { return now.Sub(s.SeenAt) > sessionSeen }

// TouchSession notes that a session is used.
func (tx *Tx) TouchSession(session id.ID) error {
	return tx.db.Model(&Session{}).Where("id = ?", session).Update("seen_at", tx.Now).Error
}

// DropSession ends the session of a token; taken says that it was there, so
// that of two who end it one knows to be first.
func (tx *Tx) DropSession(token string) (taken bool, err error) {
	done := tx.db.Where("token = ?", token).Delete(&Session{})
	return done.RowsAffected > 0, done.Error
}

// EndSession ends one session of somebody; ErrNotFound if it is not theirs.
func (tx *Tx) EndSession(user, session id.ID) error {
	done := tx.db.Where("id = ? AND user_id = ?", session, user).Delete(&Session{})
	if done.Error == nil && done.RowsAffected == 0 {
		return ErrNotFound
	}
	return done.Error
}
