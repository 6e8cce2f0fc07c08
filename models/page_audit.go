package models

import (
	"strings"
	"time"

	"drover/rules/id"
)

// AuditLine is a change with the name of what was changed, "" if it has none.
type AuditLine struct {
	Audit
	Object string
}

// AuditFilter chooses changes.
type AuditFilter struct {
	Kind     Choice // of the object
	ObjectID id.ID  // 0 for all
	Who      string // a part of a name
	Text     string // a part of what was done, or of what it was before or after
	From, To time.Time
}

const (
	fromAudit = ` FROM audit a LEFT JOIN trees t ON a.object_kind = 'tree' AND t.id = a.object_id
		LEFT JOIN tests x ON a.object_kind = 'test' AND x.id = a.object_id
		LEFT JOIN users u ON a.object_kind = 'user' AND u.id = a.object_id`
	columnsOfAudit = `a.id, a.at, a.who, a.user_id, a.what, a.object_kind, a.object_id, a.before, a.after, COALESCE(t.name, x.path, u.name, '') AS object`
)

func (f AuditFilter) conditions() conditions {
	var c conditions
	c.choose("a.object_kind", f.Kind)
	if f.ObjectID != 0 {
		c.add("a.object_id = ?", f.ObjectID)
	}
	if f.Who != "" {
		c.contains(f.Who, "a.who")
	}
	if f.Text != "" {
		c.contains(f.Text, "a.what", "a.before", "a.after", "COALESCE(t.name, x.path, u.name, '')")
	}
	if !f.From.IsZero() {
		c.add("a.at >= ?", f.From)
	}
	if !f.To.IsZero() {
		c.add("a.at < ?", f.To)
	}
	return c
}

// ListAudit lists changes, newest first.
func (q Query) ListAudit(f AuditFilter, s Slice) ([]AuditLine, Ends, error) {
	c := f.conditions()
	tail := c.slice(s, ordering{id: "a.id", descending: true})
	var rows []AuditLine
	err := q.db.Raw("SELECT "+columnsOfAudit+fromAudit+c.where()+tail, c.args...).Scan(&rows).Error
	rows, e := ends(rows, s)
	return rows, e, err
}

// CountAudit counts them, up to CountLimit + 1.
func (q Query) CountAudit(f AuditFilter) (int, error) { return q.count(fromAudit, f.conditions()) }

// UserLine is a person with how many roles they have everywhere, as words.
type UserLine struct {
	User
	Roles string // one a line
}

const (
	fromUsers       = ` FROM users u`
	columnsOfUsers  = `u.id, u.name, u.email, u.member_of, u.created_at, u.seen_at, u.blocked_at`
	sqlRolesOfUsers = `SELECT user_id, role FROM grants WHERE object_kind = '' AND user_id IN ? ORDER BY user_id, role`
)

// UserFilter chooses people.
type UserFilter struct {
	Text string // a part of the name or the address
	Role string // that was given to them everywhere
}

func (f UserFilter) conditions() conditions {
	var c conditions
	if f.Text != "" {
		c.contains(f.Text, "u.name", "u.email")
	}
	if f.Role != "" {
		c.add("u.id IN (SELECT user_id FROM grants WHERE object_kind = '' AND role = ?)", f.Role)
	}
	return c
}

// ListUsers lists people by name.
func (q Query) ListUsers(f UserFilter, s Slice) ([]UserLine, Ends, error) {
	c := f.conditions()
	tail := c.slice(s, ordering{value: "u.name", id: "u.id"})
	var rows []UserLine
	if err := q.db.Raw("SELECT "+columnsOfUsers+fromUsers+c.where()+tail, c.args...).Scan(&rows).Error; err != nil {
		return nil, Ends{}, err
	}
	rows, e := ends(rows, s)
	ids := make([]id.ID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	var grants []Grant
	if len(ids) > 0 {
		if err := q.db.Raw(sqlRolesOfUsers, ids).Scan(&grants).Error; err != nil {
			return nil, e, err
		}
	}
	for i := range rows {
		var roles []string
		for _, g := range grants {
			if g.UserID == rows[i].ID {
				roles = append(roles, g.Role)
			}
		}
		rows[i].Roles = strings.Join(roles, "\n")
	}
	return rows, e, nil
}

// CountUsers counts them, up to CountLimit + 1.
func (q Query) CountUsers(f UserFilter) (int, error) { return q.count(fromUsers, f.conditions()) }

// UsersCalled finds people by their whole address or their whole name.
func (q Query) UsersCalled(text string) ([]User, error) {
	var rows []User
	text = strings.ToLower(strings.TrimSpace(text))
	err := q.db.Where("LOWER(email) = ? AND email <> '' OR LOWER(name) = ?", text, text).Order("id").Limit(10).Find(&rows).Error
	return rows, err
}
