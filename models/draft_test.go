package models_test

import (
	"errors"
	"testing"
	"time"

	"drover/models"
	"drover/models/modelstest"
)

// TestDraftWaitsForAnAnswer: a draft is told when its question is answered, is
// kept until it is finished, and goes when nobody touched it for long.
func TestDraftWaitsForAnAnswer(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, s *models.Store) {
		run := func(fn func(tx *models.Tx) error) {
			t.Helper()
			if err := s.Tx(t.Context(), fn); err != nil {
				t.Fatal(err)
			}
		}
		var d models.Draft
		var l models.Lookup
		run(func(tx *models.Tx) (err error) {
			if l, err = tx.Ask("lookup.answer", "git.refs", "https://git.example.org/a.git", time.Minute); err != nil {
				return err
			}
			d, err = tx.AddDraft(models.Draft{Kind: models.DraftTree, Owner: "me", Typed: "{}", Step: "source", LookupID: &l.ID})
			return err
		})
		if !l.Waits() {
			t.Errorf("answered at once: %+v", l)
		}
		if step, err := s.Step("lookup.answer", l.ID); err != nil || step.Wanted != 1 {
			t.Errorf("nobody answers: %+v, %v", step, err)
		}
		run(func(tx *models.Tx) error {
			l.Answer = `{"total":1}`
			return tx.AnswerLookup(l, "found")
		})
		if changes := waitForChanges(t, s, 1); len(changes) != 1 || changes[0].Kind != models.ChangeDraft || changes[0].ObjectID != d.ID || changes[0].Parts != "found" {
			t.Errorf("told %+v", changes)
		}
		ask := func(fresh time.Duration) (again models.Lookup) {
			t.Helper()
			run(func(tx *models.Tx) (err error) {
				again, err = tx.Ask("lookup.answer", "git.refs", "https://git.example.org/a.git", fresh)
				return err
			})
			return again
		}
		if got := ask(time.Hour); got.Waits() || got.Answer != l.Answer || got.ID != l.ID {
			t.Errorf("a fresh answer: %+v", got)
		}
		if got := ask(-time.Second); !got.Waits() || got.Answer != "" || got.ID != l.ID {
			t.Errorf("an old answer: %+v", got)
		}
		run(func(tx *models.Tx) error {
			l.Answer, l.Error, l.ErrorClass = "", "no", "auth"
			return tx.AnswerLookup(l)
		})
		if got := ask(time.Hour); !got.Waits() {
			t.Errorf("what failed is not asked again: %+v", got)
		}
		d.Typed, d.Step = `{"name":"a"}`, "people"
		run(func(tx *models.Tx) error { return tx.SaveDraft(d) })
		got, err := s.Draft(models.DraftTree, d.ID)
		if err != nil || got.Version != 2 || got.Typed != d.Typed || got.Step != "people" {
			t.Errorf("saved %+v, %v", got, err)
		}
		if _, err := s.Draft("test", d.ID); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("as another kind: %v", err)
		}
		if list, err := s.Drafts(models.DraftTree, 10); err != nil || len(list) != 1 {
			t.Errorf("%d drafts, %v", len(list), err)
		}
		run(func(tx *models.Tx) error {
			drafts, err := tx.TrimDrafts(tx.Now.Add(time.Second), 10)
			lookups, err2 := tx.TrimLookups(tx.Now.Add(time.Second), 10)
			if drafts != 1 || lookups != 1 {
				t.Errorf("trimmed %d drafts and %d lookups", drafts, lookups)
			}
			return errors.Join(err, err2)
		})
		if err := s.Tx(t.Context(), func(tx *models.Tx) error { return tx.SaveDraft(d) }); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("saving what is gone: %v", err)
		}
	})
}
