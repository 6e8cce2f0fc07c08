package local

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"drover/clients"
)

// Submit starts a job. It is idempotent by the marker: a job that runs or has
// finished is left alone. No free slot is ErrNoSlot of class NotYet, and then
// nothing was stored. A job whose submitter died before the job started has
// the Phase Unknown and is started by the next Submit.
func (r *Runner) Submit(ctx context.Context, spec Spec) error {
	const op = "submit local job"
	if err := clients.Outside(ctx); err != nil {
		return err
	}
	if err := spec.Validate(); err != nil {
		return clients.Fail(clients.Permanent, op, err)
	}
	if r.isolation.Kind == kindNone && !spec.Trusted {
		return clients.Fail(clients.Permanent, op, fmt.Errorf("%w: %s", ErrIsolated, r.isolation.Why))
	}
	spec.Limits = spec.Limits.or(r.config.Limits)
	r.submit.Lock()
	defer r.submit.Unlock()
	err := r.start(spec)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrNoSlot), errors.Is(err, ErrRunning), clients.IsFull(err):
		return clients.Fail(clients.NotYet, op, err)
	case errors.Is(err, ErrConflict), errors.Is(err, ErrUnknown):
		return clients.Fail(clients.Permanent, op, err)
	}
	return clients.Fail(clients.Transient, op, err)
}

// start creates what is missing: the folder, then the shim. Each stage can be
// interrupted by kill -9 and done again.
func (r *Runner) start(spec Spec) error {
	folder := r.folder(spec.Marker)
	if done, err := alreadyStarted(folder, spec); done || err != nil {
		return err
	}
	if starting, err := isLocked(filepath.Join(folder, fileLock)); starting || err != nil {
		return err
	}
	from, err := r.readyFrom(spec.From)
	if err != nil {
		return err
	}
	if free, err := freeBytes(r.config.Dir); err != nil {
		return fmt.Errorf("reading the free space of %s: %w", r.config.Dir, err)
	} else if free < leastFree {
		return explainDisk(r.config.Dir, unix.ENOSPC) // It would end at once, and count as tried.
	}
	slot, err := takeSlot(r.config)
	if err != nil {
		return err
	}
	defer slot.Close() // The shim has its own copy.
	if err := r.createFolder(spec, from); err != nil {
		return err
	}
	lock, held, err := openLocked(filepath.Join(folder, fileLock), unix.F_WRLCK)
	if held || err != nil {
		return err // Held: another process starts this job just now.
	}
	defer lock.Close()
	if !sameFile(lock, filepath.Join(folder, fileLock)) {
		return errors.New("the job was removed while it was being submitted")
	}
	if done, err := alreadyStarted(folder, spec); done || err != nil {
		return err
	}
	return r.spawn(folder, lock, slot)
}

// alreadyStarted is true for a job that runs or has ended, in whichever way.
func alreadyStarted(folder string, spec Spec) (bool, error) {
	var known record
	found, err := readJSON(folder, fileRecord, &known)
	if !found || err != nil {
		return false, err
	}
	if !reflect.DeepEqual(known.Spec, spec) {
		return false, fmt.Errorf("%s: %w", spec.Marker, ErrConflict)
	}
	for _, name := range []string{fileExit, fileProgress} {
		if _, err := os.Lstat(filepath.Join(folder, name)); err == nil {
			return true, nil
		}
	}
	return false, nil
}

// readyFrom gives the folder of the job whose tree shall be read.
func (r *Runner) readyFrom(marker string) (string, error) {
	if marker == "" {
		return "", nil
	}
	folder := r.folder(marker)
	var ended outcome
	found, err := readJSON(folder, fileExit, &ended)
	if err != nil {
		return "", err
	}
	if found {
		if _, err := os.Lstat(filepath.Join(folder, folderSource)); err != nil {
			return "", fmt.Errorf("the tree of job %s is gone: %w", marker, ErrUnknown)
		}
		return folder, nil
	}
	if _, err := os.Lstat(filepath.Join(folder, fileRecord)); err != nil {
		return "", fmt.Errorf("from %s: %w", marker, ErrUnknown)
	}
	return "", fmt.Errorf("from %s: %w", marker, ErrRunning)
}

// createFolder makes the job's folder with its record in one rename.
func (r *Runner) createFolder(spec Spec, from string) error {
	folder := r.folder(spec.Marker)
	if _, err := os.Lstat(folder); err == nil {
		return nil
	}
	temporary, err := os.MkdirTemp(filepath.Join(r.config.Dir, "tmp"), "job-")
	if err != nil {
		return explainDisk(r.config.Dir, err)
	}
	defer os.RemoveAll(temporary)
	if err := os.Chmod(temporary, 0o755); err != nil {
		return fmt.Errorf("opening the job's folder: %w", err)
	}
	job := r.newRecord(spec)
	job.From = from
	if err := writeJSON(temporary, fileRecord, job); err != nil {
		return err
	}
	err = os.Rename(temporary, folder)
	if errors.Is(err, unix.EEXIST) || errors.Is(err, unix.ENOTEMPTY) {
		return nil // Another process was faster.
	}
	if err != nil {
		return explainDisk(r.config.Dir, err)
	}
	return syncFolder(filepath.Dir(folder))
}

func (r *Runner) newRecord(spec Spec) record {
	job := record{
		Spec: spec, Submitted: time.Now().UTC(), Cookie: rand.Text(),
		Kind: r.isolation.Kind, Bwrap: r.config.Bwrap, Self: r.config.Self,
		Readable: r.config.Readable, Groups: r.groups, Root: r.config.Dir,
		Group: groupName(r.config.Dir, spec.Marker),
	}
	if spec.CCache != "" {
		job.CCache = filepath.Join(r.config.CCache, spec.CCache)
	}
	if os.Geteuid() == 0 && r.isolation.Kind == kindBubblewrap {
		job.User = r.config.User
	}
	return job
}

// groupName is unique on the machine, so that two installations do not meet.
func groupName(dir, marker string) string {
	sum := sha256.Sum256([]byte(dir))
	return "drover-" + hex.EncodeToString(sum[:4]) + "-" + marker
}

// Descriptors that the shim inherits.
const (
	lockDescriptor = 3
	slotDescriptor = 4
)

// spawn starts the shim in its own session, with the locks of the job and of its slot.
func (r *Runner) spawn(folder string, lock, slot *os.File) error {
	trouble, err := os.OpenFile(filepath.Join(folder, fileTrouble), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return explainDisk(folder, err)
	}
	defer trouble.Close()
	shim := exec.Command(r.config.Self[0], append(r.config.Self[1:len(r.config.Self):len(r.config.Self)], folder)...)
	shim.Dir = "/"
	shim.Env = []string{"PATH=" + searchPath, "LC_ALL=C", "TZ=UTC"}
	shim.Stderr = trouble
	shim.ExtraFiles = []*os.File{lock, slot}
	shim.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := shim.Start(); err != nil {
		return fmt.Errorf("starting the supervisor of the job: %w", err)
	}
	// Nothing waits for it, but a dead shim must not stay a zombie while we live. Its end is read
	// from its files, so its exit status says nothing new.
	go func() { _ = shim.Wait() }()
	return nil
}

func (r *Runner) folder(marker string) string {
	return filepath.Join(r.config.Dir, "jobs", marker)
}
