package jobs

import (
	"errors"
	"hash/fnv"
	"time"

	"drover/clients"
	"drover/models"
)

// patience is how often in a row a step may fail before it waits for a person.
// With the delays below that is some two hours.
const patience = 30

// outcome says how a step goes on after an error, by its class and by how
// often it failed before.
func outcome(err error, failures int64, now time.Time) models.Failure {
	class := clients.ClassOf(err)
	f := models.Failure{Class: string(class), Text: err.Error()}
	switch class {
	case clients.NotYet:
		f.Free = true
		f.Due = now.Add(max(clients.After(err), time.Second))
	case clients.Auth, clients.Permanent:
		f.Park, f.Due = true, now
	default: // transient, unknown outcome
		// A full disk is mended for all steps at once; no person should have to
		// take each of them up again.
		f.Park = failures+1 >= patience && !isFull(err)
		f.Due = now.Add(max(clients.After(err), delay(failures, f.Text)))
	}
	return f
}

// delay doubles from one second to five minutes, and spreads by up to a half,
// so that steps that failed together do not return together.
func delay(failures int64, text string) time.Duration {
	whole := 5 * time.Minute
	if failures < 9 {
		whole = min(whole, time.Second<<failures)
	}
	return spread(whole, text)
}

// spread is from half of a wait to all of it, by what it is for.
func spread(whole time.Duration, text string) time.Duration {
	h := fnv.New32a()
	_, _ = h.Write([]byte(text)) // a hash never fails
	share := whole / 2000 * time.Duration(h.Sum32()%1000)
	return whole/2 + share
}

// isFull tells whether a disk is full: the database's or that of DROVER_DATA.
func isFull(err error) bool {
	var full *models.FullError
	return errors.As(err, &full) || clients.IsFull(err)
}
