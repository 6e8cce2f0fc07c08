package models

import (
	"fmt"

	"drover/migrations"
	"drover/rules/id"
)

const (
	sqlSequencePostgres = `SELECT nextval('drover_ids') FROM generate_series(1, ?::bigint)`
	sqlSequenceSQLite   = `INSERT INTO id_blocks (name, next) VALUES ('ids', 1 + ?)
		ON CONFLICT (name) DO UPDATE SET next = id_blocks.next + ? RETURNING next`
)

// IDs gives n new ids of today. One sequence serves all kinds, so an id names
// one object of the whole database that day (up to 2^26-1 a day).
func (tx *Tx) IDs(n int) ([]id.ID, error) {
	if n <= 0 {
		return nil, nil
	}
	numbers, err := tx.numbers(n)
	if err != nil {
		return nil, fmt.Errorf("take %d ids: %w", n, err)
	}
	const highest = 1<<26 - 1
	ids := make([]id.ID, n)
	for i, number := range numbers {
		if ids[i], err = id.New(tx.Now, number%highest+1); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

func (tx *Tx) numbers(n int) ([]int64, error) {
	if tx.dialect == migrations.Postgres {
		var numbers []int64
		err := tx.db.Raw(sqlSequencePostgres, n).Scan(&numbers).Error
		return numbers, err
	}
	var next int64
	if err := tx.db.Raw(sqlSequenceSQLite, n, n).Scan(&next).Error; err != nil {
		return nil, err
	}
	numbers := make([]int64, n)
	for i := range numbers {
		numbers[i] = next - int64(n) + int64(i)
	}
	return numbers, nil
}

// ID gives one new id.
func (tx *Tx) ID() (id.ID, error) {
	ids, err := tx.IDs(1)
	if err != nil {
		return 0, err
	}
	return ids[0], nil
}
