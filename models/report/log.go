package report

import (
	"errors"
	"fmt"
	"io"

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
	log, err := blobs.Open(file.Blob)
	if errors.Is(err, blob.ErrNotFound) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	index, err := ReadIndex(blobs, file.Blob+".idx")
	if errors.Is(err, consolelog.ErrSideFile) || errors.Is(err, blob.ErrNotFound) {
		index, err = consolelog.Index(io.NewSectionReader(log, 0, log.Bytes), consolelog.Options{})
	}
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("read the index of %s of job %s: %w", name, job, err), log.Close())
	}
	return index, log, nil
}

// readIndex reads the side file of a log. One that is gone, damaged or of
// another version is no loss: it can be made anew from the log.
func ReadIndex(blobs *blob.Store, key string) (*consolelog.Log, error) {
	side, err := blobs.Open(key)
	if err != nil {
		return nil, err
	}
	defer func() { _ = side.Close() }() // only read
	return consolelog.Read(side)
}
