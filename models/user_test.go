package models_test

import (
	"slices"
	"testing"

	"drover/models"
	"drover/models/modelstest"
)

// A group's members are those who have exactly its name among theirs.
func TestMembers(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, s *models.Store) {
		err := s.Tx(t.Context(), func(tx *models.Tx) error {
			for name, groups := range map[string][]string{
				"zoe": {"ci", "lab_a"}, "ada": {"lab_a"}, "like": {"labXa"}, "upper": {"LAB_A"}, "part": {"my lab_a", "lab_ab"}, "none": nil, "out": {"lab_a"},
			} {
				u, err := tx.Arrive(models.Arrival{Issuer: "https://login.example.org", Subject: name, Name: name, Groups: groups})
				if err != nil {
					return err
				}
				if name == "out" {
					if err := tx.Block(u.ID, true); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		users, err := s.Members("lab_a", 10)
		var names []string
		for _, u := range users {
			names = append(names, u.Name)
		}
		if want := []string{"ada", "zoe"}; err != nil || !slices.Equal(names, want) {
			t.Errorf("%q, %v, want %q", names, err, want)
		}
	})
}
