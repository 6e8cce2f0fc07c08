package git

import (
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"syscall"
)

// leashScript waits for a line. The end of its input without one means that
// the worker died: then the process group named by $1 has to die as well.
const leashScript = `if read -r word; then exit 0; fi; kill -s KILL -- "-$1"`

// leash ends a writing git when the worker itself is killed, when no code of
// ours can run any more. Without it, an orphan that waits for a silent server
// would hold the mirror's lock for minutes. Nothing from outside reaches the
// script.
type leash struct {
	process *exec.Cmd
	input   io.WriteCloser
}

func newLeash(group int) (*leash, error) {
	process := exec.Command("/bin/sh", "-c", leashScript, "leash", strconv.Itoa(group))
	process.Env = []string{}
	process.Dir = "/"
	process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	input, err := process.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("leash: %w", err)
	}
	if err := process.Start(); err != nil {
		return nil, fmt.Errorf("leash: %w", err)
	}
	return &leash{process, input}, nil
}

// release is called when git has ended by itself.
func (l *leash) release() error {
	if _, err := io.WriteString(l.input, "done\n"); err != nil {
		return fmt.Errorf("leash: %w", err)
	}
	if err := l.process.Wait(); err != nil {
		return fmt.Errorf("leash: %w", err)
	}
	return nil
}
