package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// entry tells the process between shim and bubblewrap what to do to itself
// before it becomes the job: none of it can be done from outside, or by a
// thread of the shim.
type entry struct {
	Parent int          // the shim; when it is dead already, so are we
	Groups []string     // cgroup.procs files to enter
	Limits []resource   // resource limits
	User   int          // user and group id to become; 0: stay
	Stage  []stageMount // needs a mount namespace of our own
	Argv   []string     // the first is the path of the program
	Env    []string
}

// stageMount is a folder mounted at stageFolder/Name.
type stageMount struct{ From, Name string }

// stageFolder exists everywhere. In the private mount namespace of a job that
// runs as another user than ourselves, a tmpfs covers it that holds the job's
// folders: the user of jobs need not be able to walk through our data folder.
const stageFolder = "/tmp"

// enterWord is the argument by which the shim calls itself.
const enterWord = "enter"

// enterStatus is the exit status when the entry failed; the reason is on standard error.
const enterStatus = 125

// command builds the process that enters; self is the argv that ends in Shim.
func (e entry) command(self []string, files ...*os.File) (*exec.Cmd, error) {
	text, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("encoding the entry of a job: %w", err)
	}
	words := append(self[1:len(self):len(self)], enterWord, string(text))
	command := exec.Command(self[0], words...)
	command.Dir = "/"
	command.Env = []string{}
	command.ExtraFiles = files
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if len(e.Stage) > 0 {
		command.SysProcAttr.Unshareflags = syscall.CLONE_NEWNS
	}
	return command, nil
}

// enter does what an entry says and becomes its program. It returns only on failure.
func enter(text string) int {
	var e entry
	err := json.Unmarshal([]byte(text), &e)
	if err == nil {
		err = e.become()
	}
	fmt.Fprintf(os.Stderr, "drover: entering the job: %v\n", err)
	return enterStatus
}

func (e entry) become() error {
	runtime.LockOSThread()
	if err := mountStage(e.Stage); err != nil {
		return err
	}
	for _, limit := range e.Limits {
		if err := lower(limit); err != nil {
			return err
		}
	}
	for _, file := range e.Groups {
		if err := enterGroup(file); err != nil {
			return err
		}
	}
	// If memory runs out on the whole machine, a job shall go before Drover does. Where this is
	// forbidden the job runs all the same.
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte("500"), 0)
	if e.User != 0 {
		if err := becomeUser(e.User); err != nil {
			return err
		}
	}
	return e.execute()
}

func enterGroup(procs string) error {
	file, err := os.OpenFile(procs, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("entering a control group: %w", err)
	}
	_, err = file.WriteString("0")
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("entering a control group: %w", err)
	}
	return nil
}

func (e entry) execute() error {
	// After the change of user, which resets it.
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return fmt.Errorf("tying the job to its supervisor: %w", err)
	}
	if os.Getppid() != e.Parent {
		return errors.New("the supervisor is gone")
	}
	// Whatever descriptors we inherited beyond the status pipe stay outside.
	if err := unix.CloseRange(statusDescriptor+1, 1<<31-1, unix.CLOSE_RANGE_CLOEXEC); err != nil && !errors.Is(err, unix.ENOSYS) {
		return fmt.Errorf("closing descriptors: %w", err)
	}
	if err := unix.Exec(e.Argv[0], e.Argv, e.Env); err != nil {
		return fmt.Errorf("running %s: %w", e.Argv[0], err)
	}
	return nil
}

// mountStage opens everything first, since it may lie below the folder that is covered.
func mountStage(mounts []stageMount) error {
	if len(mounts) == 0 {
		return nil
	}
	handles := make([]int, len(mounts))
	for i, mount := range mounts {
		handle, err := unix.Open(mount.From, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if err != nil {
			return fmt.Errorf("opening %s: %w", mount.From, err)
		}
		handles[i] = handle
	}
	if err := unix.Mount("drover", stageFolder, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "size=1m,mode=0755"); err != nil {
		return fmt.Errorf("mounting the job's folders: %w", err)
	}
	for i, mount := range mounts {
		target := filepath.Join(stageFolder, mount.Name)
		if err := os.Mkdir(target, 0o755); err != nil {
			return fmt.Errorf("mounting the job's folders: %w", err)
		}
		if err := unix.Mount(fmt.Sprintf("/proc/self/fd/%d", handles[i]), target, "", unix.MS_BIND, ""); err != nil {
			return fmt.Errorf("mounting %s: %w", mount.From, err)
		}
	}
	return nil
}

func becomeUser(user int) error {
	// The package syscall's functions change all threads, those of unix only this one or not at all.
	if err := syscall.Setgroups([]int{}); err != nil {
		return fmt.Errorf("giving up groups: %w", err)
	}
	if err := syscall.Setresgid(user, user, user); err != nil {
		return fmt.Errorf("becoming group %d: %w", user, err)
	}
	if err := syscall.Setresuid(user, user, user); err != nil {
		return fmt.Errorf("becoming user %d: %w", user, err)
	}
	return nil
}
