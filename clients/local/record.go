package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Files and folders of a job's folder.
const (
	fileRecord   = "spec.json"     // record; written before the folder has its name
	fileProgress = "progress.json" // progress; written first by the shim: the job has started
	fileExit     = "exit.json"     // outcome; written last: the job has finished
	fileReserve  = "exit.reserve"  // space that is given up so that exit.json fits on a full disk
	fileCancel   = "cancel"        // somebody wants the job to stop
	fileLock     = "lock"          // locked from Submit to the end of the shim
	fileUse      = "use"           // locked by jobs that read this job's tree
	fileLog      = "log"
	fileTrouble  = "shim.err" // what the shim itself says, normally nothing
	folderWork   = "work"     // src, git and out: what becomes a warm tree
	folderSource = "work/src" // /work/src
	folderIndex  = "work/git" // git's index of src, which steps cannot see
	folderOut    = "work/out" // /work/out, kept with the tree: kernels build out of it
	folderHome   = "home"     // /work/home
	folderEtc    = "etc"      // /etc
	folderKept   = "kept"     // copies of what Keep names
)

// record is what the shim needs: the job, and the machine as Submit found it.
type record struct {
	Spec      Spec
	Submitted time.Time
	Cookie    string // random; in the environment of the job's outermost processes, to find them again
	Kind      string // kindBubblewrap or kindNone
	Bwrap     string
	Self      []string
	CCache    string // folder of the job's compiler cache, or empty
	Readable  []string
	User      int // of the job; 0: the same as ours
	Groups    groupPlan
	Group     string // name of the job's control groups
	From      string // folder of the job whose tree is read
	Root      string // Config.Dir
}

// progress is how far a started job is.
type progress struct {
	Phase   Phase
	PID     int
	Started time.Time
	Step    string
	Reused  bool
}

// outcome is how a job ended.
type outcome struct {
	Finished time.Time
	Exit     int
	Reason   Reason
	Detail   string
	Step     string
	Kept     []Kept
}

// writeJSON replaces a file of a folder, or leaves it as it was, also when the
// machine loses power.
func writeJSON(folder, name string, value any) error {
	if err := replaceJSON(folder, name, value, (*os.File).Sync); err != nil {
		return err
	}
	return syncFolder(folder)
}

// writeVolatile replaces a file of a folder whose loss with the machine would not matter.
func writeVolatile(folder, name string, value any) error {
	return replaceJSON(folder, name, value, func(*os.File) error { return nil })
}

func replaceJSON(folder, name string, value any, sync func(*os.File) error) error {
	text, err := json.MarshalIndent(value, "", "\t")
	if err != nil {
		return fmt.Errorf("encoding %s: %w", name, err)
	}
	file, err := os.CreateTemp(folder, name+".tmp-")
	if err != nil {
		return explainDisk(folder, err)
	}
	_, err = file.Write(append(text, '\n'))
	err = errors.Join(err, file.Chmod(0o644), sync(file), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), filepath.Join(folder, name))
	}
	if err != nil {
		return errors.Join(explainDisk(folder, err), os.Remove(file.Name()))
	}
	return nil
}

// readJSON reads a file of a folder; found is false when there is none.
func readJSON(folder, name string, value any) (found bool, err error) {
	text, err := os.ReadFile(filepath.Join(folder, name))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading a job: %w", err)
	}
	if err := json.Unmarshal(text, value); err != nil {
		return false, fmt.Errorf("reading %s of a job: %w", name, err)
	}
	return true, nil
}

// syncFolder makes renames in a folder durable.
func syncFolder(folder string) error {
	handle, err := os.Open(folder)
	if err != nil {
		return fmt.Errorf("opening %s: %w", folder, err)
	}
	return errors.Join(handle.Sync(), handle.Close())
}
