package server

import (
	"slices"
	"sync"

	"drover/models"
	"drover/rules/id"
	"drover/views/route"
)

// gridCellsKept bounds the memory of cells that are kept: some 60 bytes each.
const gridCellsKept = 250_000

// keptCells are the cells of finished checkouts, each test on all its builds.
// They are read again when a checkout was changed.
type keptCells struct {
	guard sync.Mutex
	of    map[id.ID]checkoutCells
	count int
}

type checkoutCells struct {
	cells []models.GridCell
	at    int64 // the newest change that may be in them
}

func (k *keptCells) find(checkout id.ID) (checkoutCells, bool) {
	k.guard.Lock()
	defer k.guard.Unlock()
	found, ok := k.of[checkout]
	return found, ok
}

// keep makes room by dropping any others: they can be read again.
func (k *keptCells) keep(checkout id.ID, c checkoutCells) {
	k.guard.Lock()
	defer k.guard.Unlock()
	if k.of == nil {
		k.of = map[id.ID]checkoutCells{}
	}
	k.count += len(c.cells) - len(k.of[checkout].cells)
	k.of[checkout] = c
	for other, cells := range k.of {
		if k.count <= gridCellsKept {
			return
		}
		if other != checkout {
			k.count -= len(cells.cells)
			delete(k.of, other)
		}
	}
}

// readCells reads the cells of the columns. Those of finished checkouts that
// were read before and have not changed are not read again; conditions on
// results ask the database about all.
func (g *gridPage) readCells(f models.GridFilter) ([]models.GridCell, error) {
	if g.Live == nil || !g.Live.runs() || !f.Status.Empty() || f.Tests != nil || f.Builds != nil {
		return g.q.GridCells(f)
	}
	var cells []models.GridCell
	unread := models.GridFilter{}
	finished := map[id.ID]bool{}
	for _, c := range g.columns {
		kept, ok := g.cells.find(c.ID)
		if ok && g.Live.unchanged([]string{route.TopicOf(models.ChangeCheckout, c.ID)}, kept.at) {
			cells = append(cells, kept.cells...)
			continue
		}
		unread.Checkouts = append(unread.Checkouts, c.ID)
		finished[c.ID] = c.State == models.CheckoutFinished
	}
	read, err := g.q.GridCells(unread)
	if err != nil {
		return nil, err
	}
	for from, to := 0, 0; from < len(read); from = to { // they come checkout by checkout
		checkout := read[from].Checkout
		for to = from; to < len(read) && read[to].Checkout == checkout; to++ {
		}
		if finished[checkout] {
			g.cells.keep(checkout, checkoutCells{slices.Clone(read[from:to]), g.liveAt})
		}
	}
	return append(cells, read...), nil
}
