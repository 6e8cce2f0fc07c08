package report

import (
	"errors"
	"fmt"

	"drover/formats/consolelog"
	"drover/models"
	"drover/models/blob"
	"drover/rules/id"
)

// OpenLog opens a job's log with its index. The log is nil where it was not
// stored or is gone; models.File says why.
func OpenLog(q models.Query, blobs *blob.Store, job id.ID, name string) (*consolelog.Log, *blob.Blob, error) {
	file, err := q.File("job", job, name)
	if errors.Is(err, models.ErrNotFound) || err == nil && (file.Blob == "" || file.TrimmedAt != nil) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	side, err := blobs.Open(file.Blob + ".idx")
	if errors.Is(err, blob.ErrNotFound) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = side.Close() }() // only read
	index, err := consolelog.Read(side)
	if err != nil {
		return nil, nil, fmt.Errorf("read the index of %s of job %s: %w", name, job, err)
	}
	log, err := blobs.Open(file.Blob)
	if errors.Is(err, blob.ErrNotFound) {
		return nil, nil, nil
	}
	return index, log, err
}
