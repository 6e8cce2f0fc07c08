package server

import (
	"testing"

	"drover/models"
	"drover/rules/id"
)

func TestKeptCellsAreBounded(t *testing.T) {
	var k keptCells
	for n := range id.ID(100) {
		k.keep(n, checkoutCells{make([]models.GridCell, gridCellsKept/10), 1})
		if _, ok := k.find(n); !ok {
			t.Fatal("what was kept last is not there")
		}
		k.keep(n, checkoutCells{make([]models.GridCell, gridCellsKept/10), 2}) // again: it counts once
	}
	if len(k.of) != 10 || k.count != gridCellsKept {
		t.Errorf("%d checkouts with %d cells are kept", len(k.of), k.count)
	}
}
