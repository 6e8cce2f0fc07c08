package models

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"drover/rules/id"
)

// User is somebody who has signed in at least once.
type User struct {
	ID        id.ID
	Name      string
	Email     string // verified by the identity provider, else ""
	MemberOf  string // groups as of the last sign-in, one a line
	CreatedAt time.Time
	SeenAt    time.Time // the last sign-in
	BlockedAt *time.Time
}

// Identity ties a person to what an identity provider calls them. A mail
// address names nobody: providers give one that is free again to somebody else.
type Identity struct {
	Issuer    string `gorm:"primaryKey"`
	Subject   string `gorm:"primaryKey"`
	UserID    id.ID
	CreatedAt time.Time
}

// Arrival is what an identity provider says of who signs in.
type Arrival struct {
	Issuer, Subject string
	Name            string
	Email           string // "" if it is not verified
	Groups          []string
}

// Groups lists the groups of a person.
func (u User) Groups() []string { return Lines(u.MemberOf) }

// BlockedAddress tells whether a verified address belongs to people who are
// blocked, and to nobody else.
func (q Query) BlockedAddress(address string) (bool, error) {
	var rows []User
	err := q.db.Where("email = ? AND email <> ''", address).Order("id").Limit(100).Find(&rows).Error
	for _, u := range rows {
		if u.BlockedAt == nil {
			return false, err
		}
	}
	return len(rows) > 0, err
}

// User reads a person by id.
func (q Query) User(user id.ID) (User, error) { return take[User](q.db, "id = ?", user) }

// Users lists people by name.
func (q Query) Users(limit int) ([]User, error) {
	var rows []User
	err := q.db.Order("name, id").Limit(limit).Find(&rows).Error
	return rows, err
}

// Members lists people whom the provider had in a group when they last signed
// in, by name; who is shut out is not among them.
func (q Query) Members(group string, limit int) ([]User, error) {
	var rows []User
	err := q.db.Where(`blocked_at IS NULL AND ? || member_of || ? LIKE ? ESCAPE '\'`, "\n", "\n", "%\n"+likeEscapes.Replace(group)+"\n%").
		Order("name, id").Limit(limit).Find(&rows).Error
	// LIKE takes a for A on SQLite.
	return slices.DeleteFunc(rows, func(u User) bool { return !slices.Contains(u.Groups(), group) }), err
}

const sqlUserOf = `SELECT u.id, u.name, u.email, u.member_of, u.created_at, u.seen_at, u.blocked_at
	FROM identities i JOIN users u ON u.id = i.user_id WHERE i.issuer = ? AND i.subject = ?`

// UserOf finds the person that an identity provider calls by a subject.
func (q Query) UserOf(issuer, subject string) (User, error) {
	var rows []User
	if err := q.db.Raw(sqlUserOf, issuer, subject).Scan(&rows).Error; err != nil {
		return User{}, err
	}
	if len(rows) == 0 {
		return User{}, ErrNotFound
	}
	return rows[0], nil
}

// IdentitiesOf lists what identity providers call somebody.
func (q Query) IdentitiesOf(user id.ID) ([]Identity, error) {
	var rows []Identity
	err := q.db.Where("user_id = ?", user).Order("issuer, subject").Limit(100).Find(&rows).Error
	return rows, err
}

// Arrive stores who signs in, with the name, address and groups that they have
// now. Two first sign-ins at once are one person: the later is ErrDuplicate,
// and works when it is tried again.
func (tx *Tx) Arrive(a Arrival) (User, error) {
	u, err := tx.UserOf(a.Issuer, a.Subject)
	if errors.Is(err, ErrNotFound) {
		return tx.addUser(a)
	}
	if err != nil {
		return User{}, err
	}
	u.Name, u.Email, u.MemberOf, u.SeenAt = a.Name, a.Email, strings.Join(a.Groups, "\n"), tx.Now
	err = tx.db.Model(&User{}).Where("id = ?", u.ID).
		Updates(map[string]any{"name": u.Name, "email": u.Email, "member_of": u.MemberOf, "seen_at": u.SeenAt}).Error
	return u, err
}

func (tx *Tx) addUser(a Arrival) (User, error) {
	number, err := tx.ID()
	if err != nil {
		return User{}, err
	}
	u := User{ID: number, Name: a.Name, Email: a.Email, MemberOf: strings.Join(a.Groups, "\n"), CreatedAt: tx.Now, SeenAt: tx.Now}
	if err := tx.db.Create(&u).Error; err != nil {
		return User{}, fmt.Errorf("add the person: %w", translate(err))
	}
	i := Identity{Issuer: a.Issuer, Subject: a.Subject, UserID: u.ID, CreatedAt: tx.Now}
	if err := tx.db.Create(&i).Error; err != nil {
		return User{}, fmt.Errorf("add the identity: %w", translate(err))
	}
	return u, nil
}

// Block shuts somebody out and ends their sessions and tokens, or lets them in
// again.
func (tx *Tx) Block(user id.ID, blocked bool) error {
	var at *time.Time
	if blocked {
		at = &tx.Now
		if err := tx.db.Where("user_id = ?", user).Delete(&Session{}).Error; err != nil {
			return err
		}
		if err := tx.db.Where("user_id = ?", user).Delete(&APIToken{}).Error; err != nil {
			return err
		}
	}
	done := tx.db.Model(&User{}).Where("id = ?", user).Update("blocked_at", at)
	if done.Error == nil && done.RowsAffected == 0 {
		return ErrNotFound
	}
	return done.Error
}
