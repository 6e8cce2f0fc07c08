package models

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"drover/rules/id"
)

// Remote is a git repository elsewhere. All trees that watch it share one poll
// and one mirror.
type Remote struct {
	ID           id.ID
	URL          string `gorm:"column:url"`
	Mirror       string // folder name of the bare mirror
	Head         string // its default branch, "" while unknown
	Empty        bool
	PolledAt     *time.Time // last answer
	FailingSince *time.Time
	Failures     int64  // in a row
	Error        string // for people, "" when the last look was fine
	ErrorClass   string
	CreatedAt    time.Time
}

// Ref is a branch as the last poll saw it.
type Ref struct {
	RemoteID id.ID
	Name     string
	OID      string `gorm:"column:oid"`
	SeenAt   time.Time
	GoneAt   *time.Time
}

// Remote reads a remote by id.
func (q Query) Remote(remote id.ID) (Remote, error) { return take[Remote](q.db, "id = ?", remote) }

// Remotes lists all remotes.
func (q Query) Remotes() ([]Remote, error) {
	var rows []Remote
	err := q.db.Order("id").Limit(10_000).Find(&rows).Error
	return rows, err
}

// EnsureRemote gives the remote of a URL, new or known.
func (tx *Tx) EnsureRemote(url string) (Remote, error) {
	number, err := tx.ID()
	if err != nil {
		return Remote{}, err
	}
	sum := sha256.Sum256([]byte(url))
	row := Remote{ID: number, URL: url, Mirror: hex.EncodeToString(sum[:10]), CreatedAt: tx.Now}
	if err := tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return Remote{}, fmt.Errorf("add remote: %w", err)
	}
	return take[Remote](tx.db, "url = ?", url)
}

// Refs lists the refs of a remote that were there when it was last asked.
func (q Query) Refs(remote id.ID) ([]Ref, error) {
	var rows []Ref
	err := q.db.Where("remote_id = ?", remote).Order("name").Limit(100_000).Find(&rows).Error
	return rows, err
}

// SaveRef records where a ref points.
func (tx *Tx) SaveRef(r Ref) error {
	r.SeenAt = tx.Now
	return tx.db.Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "remote_id"}, {Name: "name"}},
		DoUpdates: clause.AssignmentColumns([]string{"oid", "seen_at", "gone_at"}),
	}).Create(&r).Error
}

// RemoteAnswered records a good answer of a remote.
func (tx *Tx) RemoteAnswered(remote id.ID, head string, empty bool) error {
	if err := tx.remoteChanged(remote, false); err != nil {
		return err
	}
	return tx.db.Model(&Remote{}).Where("id = ?", remote).Updates(map[string]any{
		"head": head, "empty": empty, "polled_at": tx.Now,
		"failing_since": nil, "failures": 0, "error": "", "error_class": "",
	}).Error
}

// RemoteFailed records that a remote gave no usable answer.
func (tx *Tx) RemoteFailed(remote id.ID, class, text string) error {
	if err := tx.remoteChanged(remote, true); err != nil {
		return err
	}
	return tx.db.Model(&Remote{}).Where("id = ?", remote).Updates(map[string]any{
		"failing_since": gorm.Expr("COALESCE(failing_since, ?)", tx.Now),
		"failures":      gorm.Expr("failures + 1"),
		"error":         text, "error_class": class,
	}).Error
}

const sqlTreesOfRemote = `SELECT s.tree_id FROM tree_sources s JOIN remotes r ON r.id = s.remote_id
	WHERE s.remote_id = ? AND (r.failures > 0 OR ?) ORDER BY s.tree_id LIMIT 1000`

// remoteChanged tells of the trees of a remote that failed or fails: an answer
// like the one before changes no page.
func (tx *Tx) remoteChanged(remote id.ID, fails bool) error {
	var trees []id.ID
	err := tx.db.Raw(sqlTreesOfRemote, remote, fails).Scan(&trees).Error
	if err != nil {
		return fmt.Errorf("read the trees of a remote: %w", err)
	}
	for _, tree := range trees {
		tx.changed(ChangeTree, tree, "state")
		tx.changed(ChangeHome, 0, "trees")
	}
	return nil
}

// RemotesWithout lists the remotes that have no step of a kind.
func (q Query) RemotesWithout(kind string) ([]id.ID, error) {
	var ids []id.ID
	err := q.db.Raw(`SELECT r.id FROM remotes r WHERE NOT EXISTS
		(SELECT 1 FROM steps s WHERE s.kind = ? AND s.object_id = r.id) ORDER BY r.id LIMIT 1000`, kind).Scan(&ids).Error
	return ids, err
}
