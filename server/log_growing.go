package server

import (
	"fmt"
	"sync"

	"drover/formats/consolelog"
	"drover/models/blob"
)

// growingMost is how many logs without a stored index are remembered. One of
// 100 MB takes some 50 kB.
const growingMost = 32

// growingLogs remembers the indexes of logs that are still written, so that
// each look reads only what is new, however many people look.
type growingLogs struct {
	mu    sync.Mutex
	known map[string]*growingLog
	looks int64
}

type growingLog struct {
	mu    sync.Mutex
	index *consolelog.Growing
	look  int64 // the last one, guarded by growingLogs.mu
}

// read gives the index of a blob as long as it is now.
func (g *growingLogs) read(key string, b *blob.Blob) (*consolelog.Log, error) {
	one := g.find(key)
	one.mu.Lock()
	defer one.mu.Unlock()
	log, err := one.index.Read(b, b.Bytes)
	if err != nil {
		return nil, fmt.Errorf("make an index of %s: %w", key, err)
	}
	return log, nil
}

// find gives what is known of a log; the one that nobody looked at for the
// longest time makes room.
func (g *growingLogs) find(key string) *growingLog {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.looks++
	one := g.known[key]
	if one == nil {
		if len(g.known) >= growingMost {
			oldest := ""
			for other, log := range g.known {
				if oldest == "" || log.look < g.known[oldest].look {
					oldest = other
				}
			}
			delete(g.known, oldest)
		}
		if g.known == nil {
			g.known = map[string]*growingLog{}
		}
		one = &growingLog{index: consolelog.NewGrowing()}
		g.known[key] = one
	}
	one.look = g.looks
	return one
}
