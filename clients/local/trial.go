package local

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// trialTime is how long the smallest job may take on a busy machine.
const trialTime = 20 * time.Second

// trial runs `true` in a sandbox as a job would be run, with the same limits.
func (r *Runner) trial(ctx context.Context) (err error) {
	folder, err := os.MkdirTemp(filepath.Join(r.config.Dir, "tmp"), "trial-")
	if err != nil {
		return explainDisk(r.config.Dir, err)
	}
	defer func() { err = errors.Join(err, removeTree(folder)) }()
	job := r.newRecord(Spec{Marker: "trial-" + rand.Text(), Limits: r.config.Limits})
	job.Kind = kindBubblewrap
	if os.Geteuid() == 0 {
		job.User = r.config.User
	}
	s := supervisor{folder: folder, job: job, group: job.Groups.group(job.Group)}
	ctx, cancel := context.WithTimeout(ctx, trialTime)
	defer cancel()
	defer func() { err = errors.Join(err, s.group.destroy(context.WithoutCancel(ctx))) }()
	if err := s.group.create(job.Spec.Limits); err != nil {
		return err
	}
	return s.trialStep(ctx)
}

func (s *supervisor) trialStep(ctx context.Context) error {
	if err := s.prepare(); err != nil {
		return err
	}
	status, statusEnd, err := os.Pipe()
	if err != nil {
		return err
	}
	defer status.Close()
	command, err := newCommand(s.job, s.group, s.sandbox(Step{Argv: []string{"true"}}), statusEnd)
	if err != nil {
		return errors.Join(err, statusEnd.Close())
	}
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	err = command.Start()
	if err = errors.Join(err, statusEnd.Close()); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { s.kill(command) })
	defer stop()
	err = command.Wait()
	if report := readReport(status); err == nil && !ranInside(report) {
		err = errors.New("it did not report that the command ran")
	}
	if err != nil {
		return fmt.Errorf("%w: %.300s", err, bytes.TrimSpace(output.Bytes()))
	}
	return nil
}
