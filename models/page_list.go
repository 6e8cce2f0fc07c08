package models

import (
	"fmt"
	"slices"
	"strings"

	"drover/rules/id"
)

// Key is the place of a row in an ordered list: the value it is ordered by,
// Text or Number as the order has it, and its id.
type Key struct {
	Text   string
	Number int64
	ID     id.ID
}

// Slice chooses a part of a list: Limit rows from its start, or those next to a
// key. At most one of After and Before is set.
type Slice struct {
	Limit         int
	After, Before *Key
}

// Ends tells whether a list goes on before the first and after the last row of
// a slice.
type Ends struct{ Earlier, Later bool }

// conditions are the parts of a WHERE, all of which must hold. The parts are
// constants; what people typed is in the arguments.
type conditions struct {
	parts []string
	args  []any
}

func (c *conditions) add(part string, args ...any) {
	c.parts = append(c.parts, part)
	c.args = append(c.args, args...)
}

func (c *conditions) where() string {
	if len(c.parts) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(c.parts, " AND ")
}

// ordering is an order of a list: by a value, then by id. An empty value means
// by id alone.
type ordering struct {
	value      string // SQL
	number     bool   // value is a number, not a text
	id         string // SQL of the id
	descending bool
}

// slice adds the condition of a slice and gives the end of the statement. It
// asks for one row more than wanted, which tells whether the list goes on.
func (c *conditions) slice(s Slice, o ordering) string {
	descending := o.descending != (s.Before != nil)
	direction, operator := " ASC", ">"
	if descending {
		direction, operator = " DESC", "<"
	}
	key := s.After
	if key == nil {
		key = s.Before
	}
	order := o.id + direction
	if o.value != "" {
		order = o.value + direction + ", " + order
	}
	if key != nil {
		switch {
		case o.value == "":
			c.add(o.id+" "+operator+" ?", key.ID)
		case o.number:
			c.add("("+o.value+", "+o.id+") "+operator+" (?, ?)", key.Number, key.ID)
		default:
			c.add("("+o.value+", "+o.id+") "+operator+" (?, ?)", key.Text, key.ID)
		}
	}
	return " ORDER BY " + order + fmt.Sprintf(" LIMIT %d", s.Limit+1)
}

// ends takes the row too many off, and puts rows that were read backwards into
// their order.
func ends[T any](rows []T, s Slice) ([]T, Ends) {
	more := len(rows) > s.Limit
	if more {
		rows = rows[:s.Limit]
	}
	if s.Before != nil {
		slices.Reverse(rows)
		return rows, Ends{Earlier: more, Later: true}
	}
	return rows, Ends{Earlier: s.After != nil, Later: more}
}

// CountLimit is how far lists are counted; beyond it they are said to have
// "about" that many rows.
const CountLimit = 10_000

// count counts what a FROM and its conditions select, up to CountLimit + 1.
func (q Query) count(from string, c conditions) (int, error) {
	var n int
	statement := "SELECT COUNT(*) FROM (SELECT 1 AS one " + from + c.where() + fmt.Sprintf(" LIMIT %d", CountLimit+1) + ") AS counted"
	err := q.db.Raw(statement, c.args...).Scan(&n).Error
	return n, err
}

// Choice is a filter on one value: one of Any if there are any, none of None.
type Choice struct{ Any, None []string }

// Empty tells whether everything fits.
func (c Choice) Empty() bool { return len(c.Any) == 0 && len(c.None) == 0 }

func (c *conditions) choose(column string, choice Choice) {
	if len(choice.Any) > 0 {
		c.add(column+" IN ?", choice.Any)
	}
	if len(choice.None) > 0 {
		c.add(column+" NOT IN ?", choice.None)
	}
}

// contains looks for a part of a text, without regard to case.
func (c *conditions) contains(part string, columns ...string) {
	pattern := "%" + likeEscapes.Replace(strings.ToLower(part)) + "%"
	var list []string
	var args []any
	for _, column := range columns {
		list = append(list, "LOWER("+column+`) LIKE ? ESCAPE '\'`)
		args = append(args, pattern)
	}
	c.add("("+strings.Join(list, " OR ")+")", args...)
}

var likeEscapes = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)
