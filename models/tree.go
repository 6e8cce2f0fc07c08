package models

import (
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"drover/rules/feed"
	"drover/rules/id"
	"drover/rules/status"
)

// Tree is a kernel source that Drover watches.
type Tree struct {
	ID           id.ID
	Name         string
	State        status.TreeState
	Policy       string  // which commits of a push are tested: tip, first_parent, every
	DailyBudget  int64   // checkouts a UTC day, 0 for no bound
	UnclearShare float64 // share of infra errors and missing results that makes a verdict unclear
	DeadlineS    int64   // seconds after which a partial report is sent
	Trusted      bool    // may run where jobs cannot be isolated
	MailTo       string  // addresses, one a line
	MailPass     bool    // report also when nothing is new
	Readers      string  // the group that alone may read it; "" for everybody
	Version      int64   // grows with each change of what forms show of it
	Responder    string  // who acts on a new failure within a day, "" before it is live
	CreatedAt    time.Time
	UpdatedAt    time.Time

	Always        bool   // every test runs on every checkout, whatever it changes
	Unmatched     string // what runs when no file of a change chooses a test: none, sets, all; "" is none
	UnmatchedSets string // the sets, one a line
}

// TreeSource says where a tree comes from. Branches are patterns, one a line.
type TreeSource struct {
	ID        id.ID
	TreeID    id.ID
	Kind      string // git
	RemoteID  id.ID
	Branches  string
	Note      string // what was odd about the source, for people
	CreatedAt time.Time
}

// TreeBuild is one arch × config × compiler that a tree is built for.
type TreeBuild struct {
	ID       id.ID
	TreeID   id.ID
	Position int64
	Arch     string
	Config   string
	Compiler string
	Recipe   string // kbuild, kunit-um, command
	Settings string // JSON of the recipe's settings
}

// Lines splits a list that people type one a line.
func Lines(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// Tree reads a tree by id.
func (q Query) Tree(tree id.ID) (Tree, error) { return take[Tree](q.db, "id = ?", tree) }

// TreeByName reads a tree by its name.
func (q Query) TreeByName(name string) (Tree, error) { return take[Tree](q.db, "name = ?", name) }

// Trees lists all trees by name.
func (q Query) Trees() ([]Tree, error) {
	var rows []Tree
	err := q.db.Order("name").Limit(10_000).Find(&rows).Error
	return rows, err
}

// TreeSources lists where a tree comes from.
func (q Query) TreeSources(tree id.ID) ([]TreeSource, error) {
	var rows []TreeSource
	err := q.db.Where("tree_id = ?", tree).Order("id").Limit(100).Find(&rows).Error
	return rows, err
}

// SourcesOfRemote lists the sources of all trees that share a remote.
func (q Query) SourcesOfRemote(remote id.ID) ([]TreeSource, error) {
	var rows []TreeSource
	err := q.db.Where("remote_id = ?", remote).Order("id").Limit(10_000).Find(&rows).Error
	return rows, err
}

// TreeBuilds lists what a tree is built for, in its order.
func (q Query) TreeBuilds(tree id.ID) ([]TreeBuild, error) {
	var rows []TreeBuild
	err := q.db.Where("tree_id = ?", tree).Order("position, id").Limit(1000).Find(&rows).Error
	return rows, err
}

// NewTree is what onboarding gives: a tree, its source and its builds.
type NewTree struct {
	Tree     Tree
	URL      string // of the git remote, as the client normalised or the person typed it
	Branches []string
	Builds   []TreeBuild
}

// AddTree stores a tree with its source and builds, and shares the remote with
// the trees that have it already. ErrDuplicate when the name is taken.
func (tx *Tx) AddTree(n NewTree) (Tree, Remote, error) {
	ids, err := tx.IDs(2 + len(n.Builds))
	if err != nil {
		return Tree{}, Remote{}, err
	}
	remote, err := tx.EnsureRemote(n.URL)
	if err != nil {
		return Tree{}, Remote{}, err
	}
	tree := n.Tree
	tree.ID, tree.CreatedAt, tree.UpdatedAt = ids[0], tx.Now, tx.Now
	if err := tx.db.Create(&tree).Error; err != nil {
		return Tree{}, Remote{}, fmt.Errorf("add tree %s: %w", tree.Name, translate(err))
	}
	source := TreeSource{
		ID: ids[1], TreeID: tree.ID, Kind: "git", RemoteID: remote.ID,
		Branches: strings.Join(n.Branches, "\n"), CreatedAt: tx.Now,
	}
	if err := tx.db.Create(&source).Error; err != nil {
		return Tree{}, Remote{}, fmt.Errorf("add the source of %s: %w", tree.Name, translate(err))
	}
	for i := range n.Builds {
		n.Builds[i].ID, n.Builds[i].TreeID, n.Builds[i].Position = ids[2+i], tree.ID, int64(i)
	}
	if err := insert(tx.db, n.Builds); err != nil {
		return Tree{}, Remote{}, fmt.Errorf("add the builds of %s: %w", tree.Name, err)
	}
	tx.treeChanged(tree.ID)
	tx.readersChanged = tx.readersChanged || tree.Readers != ""
	return tree, remote, nil
}

// SetTreeState makes a tree live, paused or a rehearsal.
func (tx *Tx) SetTreeState(tree id.ID, state status.TreeState) error {
	tx.treeChanged(tree)
	done := tx.db.Model(&Tree{}).Where("id = ?", tree).
		Updates(map[string]any{"state": state, "updated_at": tx.Now, "version": gorm.Expr("version + 1")})
	if done.Error == nil && done.RowsAffected == 0 {
		return ErrNotFound
	}
	return done.Error
}

// GoLive ends the rehearsal of a tree: from now on it reports, and a person has
// said that they act on a new failure within a day. What it finished is the
// baseline from now on. ErrNotFound: it is in no rehearsal.
func (tx *Tx) GoLive(tree id.ID, responder string) error {
	tx.treeChanged(tree)
	done := tx.db.Model(&Tree{}).Where("id = ? AND state = ?", tree, status.TreeRehearsal).
		Updates(map[string]any{"state": status.TreeLive, "responder": responder, "updated_at": tx.Now})
	if done.Error == nil && done.RowsAffected == 0 {
		return ErrNotFound
	}
	if done.Error != nil {
		return done.Error
	}
	return tx.adopt(tree)
}

// treeChanged tells of a tree, all of its page, and the lists that it is in.
func (tx *Tx) treeChanged(tree id.ID) {
	tx.changed(ChangeTree, tree)
	tx.changed(ChangeHome, 0)
	tx.happened(FeedEvent{Kind: feed.TreeChanged, ObjectID: tree, TreeID: tree})
}

// NoteSource says what was odd about a source; "" when all is well.
func (tx *Tx) NoteSource(source id.ID, note string) error {
	return tx.db.Model(&TreeSource{}).Where("id = ? AND note <> ?", source, note).Update("note", note).Error
}

// UntestedCommit is a commit of a push that was left out by choice.
type UntestedCommit struct {
	TreeID  id.ID
	Branch  string
	SHA     string `gorm:"column:sha"`
	Subject string
	Reason  string
	EventID id.ID
	NotedAt time.Time
}

// AddUntested lists commits that the tree's policy left out.
func (tx *Tx) AddUntested(rows []UntestedCommit) error {
	for start := 0; start < len(rows); start += batch {
		part := rows[start:min(start+batch, len(rows))]
		if err := tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&part).Error; err != nil {
			return fmt.Errorf("list untested commits: %w", err)
		}
		for _, row := range part {
			tx.changed(ChangeTree, row.TreeID, "untested")
		}
	}
	return nil
}

// Untested lists the newest commits that a tree left out by choice.
func (q Query) Untested(tree id.ID, branch string, limit int) ([]UntestedCommit, error) {
	var rows []UntestedCommit
	err := q.db.Where("tree_id = ? AND branch = ?", tree, branch).Order("noted_at DESC, sha").Limit(limit).Find(&rows).Error
	return rows, err
}
