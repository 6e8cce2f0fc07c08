package models

import (
	"fmt"
	"strings"

	"gorm.io/gorm"
)

// SetTree stores other settings of a tree: its policy, whether it is trusted,
// who gets its mail, the branches of its source and, unless they are nil, its
// builds.
func (tx *Tx) SetTree(n NewTree) error {
	tx.treeChanged(n.Tree.ID)
	done := tx.db.Model(&Tree{}).Where("id = ?", n.Tree.ID).Updates(map[string]any{
		"policy": n.Tree.Policy, "trusted": n.Tree.Trusted, "mail_to": n.Tree.MailTo, "updated_at": tx.Now, "version": gorm.Expr("version + 1"),
	})
	switch {
	case done.Error != nil:
		return fmt.Errorf("store tree %s: %w", n.Tree.Name, done.Error)
	case done.RowsAffected == 0:
		return ErrNotFound
	}
	if err := tx.db.Model(&TreeSource{}).Where("tree_id = ?", n.Tree.ID).Update("branches", strings.Join(n.Branches, "\n")).Error; err != nil {
		return fmt.Errorf("store the branches of %s: %w", n.Tree.Name, err)
	}
	if n.Builds == nil {
		return nil
	}
	return tx.setBuilds(n)
}

// setBuilds puts builds in the place of those that a tree has. Those of its
// checkouts are rows of their own.
func (tx *Tx) setBuilds(n NewTree) error {
	ids, err := tx.IDs(len(n.Builds))
	if err != nil {
		return err
	}
	if err := tx.db.Exec(`DELETE FROM tree_builds WHERE tree_id = ?`, n.Tree.ID).Error; err != nil {
		return fmt.Errorf("drop the builds of %s: %w", n.Tree.Name, err)
	}
	for i := range n.Builds {
		n.Builds[i].ID, n.Builds[i].TreeID, n.Builds[i].Position = ids[i], n.Tree.ID, int64(i)
	}
	if err := insert(tx.db, n.Builds); err != nil {
		return fmt.Errorf("store the builds of %s: %w", n.Tree.Name, err)
	}
	return nil
}
