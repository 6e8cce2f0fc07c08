package models

import (
	"fmt"
	"slices"
	"time"

	"drover/rules/id"
	"drover/rules/permission"
)

// Grant is a role of somebody: on a tree, on a test, or on everything, where
// the kind of object is "" and its id 0.
type Grant struct {
	ID         id.ID
	UserID     id.ID
	Role       string
	ObjectKind string
	ObjectID   id.ID
	GivenBy    string
	CreatedAt  time.Time
}

// GrantLine is a grant with the name of who has it.
type GrantLine struct {
	Grant
	Name    string
	Email   string
	Blocked bool // they cannot sign in
}

// GrantsOf lists the roles of somebody.
func (q Query) GrantsOf(user id.ID) ([]Grant, error) {
	var rows []Grant
	err := q.db.Where("user_id = ?", user).Order("object_kind, object_id, role").Limit(10_000).Find(&rows).Error
	return rows, err
}

const sqlGrantsOn = `SELECT g.id, g.user_id, g.role, g.object_kind, g.object_id, g.given_by, g.created_at, u.name, u.email, u.blocked_at IS NOT NULL AS blocked
	FROM grants g JOIN users u ON u.id = g.user_id WHERE g.object_kind = ? AND g.object_id = ? ORDER BY u.name, g.id LIMIT ?`

// GrantsOn lists who has which role on an object; kind "" and id 0 for
// everything.
func (q Query) GrantsOn(kind string, object id.ID, limit int) ([]GrantLine, error) {
	var rows []GrantLine
	err := q.db.Raw(sqlGrantsOn, kind, object, limit).Scan(&rows).Error
	return rows, err
}

// Grant gives somebody a role. ErrDuplicate if they have it.
func (tx *Tx) Grant(g Grant) (Grant, error) {
	number, err := tx.ID()
	if err != nil {
		return g, err
	}
	g.ID, g.CreatedAt = number, tx.Now
	if err := tx.db.Create(&g).Error; err != nil {
		return g, fmt.Errorf("give the role %s: %w", g.Role, translate(err))
	}
	return g, tx.grantChanged(g)
}

// Revoke takes a role away; ErrNotFound if nobody had it.
func (tx *Tx) Revoke(g Grant) error {
	done := tx.db.Where("user_id = ? AND role = ? AND object_kind = ? AND object_id = ?", g.UserID, g.Role, g.ObjectKind, g.ObjectID).Delete(&Grant{})
	if done.Error != nil {
		return done.Error
	}
	if done.RowsAffected == 0 {
		return ErrNotFound
	}
	return tx.grantChanged(g)
}

// grantChanged tells the page of a tree whose people changed.
func (tx *Tx) grantChanged(g Grant) error {
	if g.ObjectKind != KindTree {
		return nil
	}
	tx.treeChanged(g.ObjectID)
	return tx.db.Exec("UPDATE trees SET version = version + 1 WHERE id = ?", g.ObjectID).Error
}

// Kinds of objects that people have roles on.
const (
	KindTree = "tree"
	KindTest = "test"
)

// EnsureGrant gives somebody a role that they may have already.
func (tx *Tx) EnsureGrant(g Grant) error {
	has, err := tx.GrantsOf(g.UserID)
	if err != nil || slices.ContainsFunc(has, func(h Grant) bool {
		return h.Role == g.Role && h.ObjectKind == g.ObjectKind && h.ObjectID == g.ObjectID
	}) {
		return err
	}
	_, err = tx.Grant(g)
	return err
}

// Own makes somebody the owner of an object.
func (tx *Tx) Own(user id.ID, kind string, object id.ID, by string) error {
	return tx.EnsureGrant(Grant{UserID: user, Role: permission.Owner.String(), ObjectKind: kind, ObjectID: object, GivenBy: by})
}

var sqlOwnerless = map[string]string{
	KindTree: `SELECT id FROM trees WHERE id NOT IN (SELECT object_id FROM grants WHERE object_kind = 'tree' AND role = 'owner') ORDER BY id LIMIT ?`,
	KindTest: `SELECT id FROM tests WHERE parent_id IS NULL AND id NOT IN (SELECT object_id FROM grants WHERE object_kind = 'test' AND role = 'owner') ORDER BY id LIMIT ?`,
}

// Ownerless lists objects of a kind that belong to nobody.
func (q Query) Ownerless(kind string, limit int) ([]id.ID, error) {
	var list []id.ID
	err := q.db.Raw(sqlOwnerless[kind], limit).Scan(&list).Error
	return list, err
}
