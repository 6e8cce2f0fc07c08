package local

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

const (
	// statusDescriptor is where bubblewrap writes what became of the command.
	statusDescriptor = 3
	// lookInterval is how soon a running step notices a cancellation.
	lookInterval = 200 * time.Millisecond
)

// sandbox is what a step of the job sees.
func (s *supervisor) sandbox(step Step) sandbox {
	spec := s.job.Spec
	box := sandbox{
		argv: step.Argv, dir: path.Join(insideSource, step.Dir),
		network: spec.Network, memory: spec.Limits.Memory,
		binds: []bind{
			{filepath.Join(s.folder, folderEtc), "/etc", false},
			{s.sourceFolder(), insideSource, spec.From == ""},
			{filepath.Join(s.folder, folderOut), insideOut, true},
			{filepath.Join(s.folder, folderHome), insideHome, true},
		},
	}
	if spec.From != "" {
		box.binds = append(box.binds, bind{filepath.Join(s.job.From, folderOut), insideBuild, false})
	}
	var cache []string
	if s.job.CCache != "" {
		box.binds = append(box.binds, bind{s.job.CCache, insideCCache, true})
		// Depend mode needs no preprocessor run of its own for what is not cached yet.
		cache = []string{"CCACHE_DIR=" + insideCCache, "CCACHE_DEPEND=1"}
	}
	box.env = environment(cache, spec.Env, step.Env)
	return box
}

func (s *supervisor) sourceFolder() string {
	if s.job.From != "" {
		return filepath.Join(s.job.From, folderSource)
	}
	return filepath.Join(s.folder, folderSource)
}

// runStep runs one command to its end and writes its section of the log.
func (s *supervisor) runStep(name string, box sandbox) outcome {
	began := time.Now()
	s.log.mark("section-start %s", name)
	end := s.execute(box)
	status := "ok"
	if end.Reason != OK {
		status = string(end.Reason)
	}
	s.log.mark("section-end %s %.3f %s", name, time.Since(began).Seconds(), status)
	if end.Detail != "" && end.Reason != OK {
		end.Detail = fmt.Sprintf("Step %s: %s", name, end.Detail)
	}
	return end
}

// execute starts the command, watches it, and kills whatever is left of it.
func (s *supervisor) execute(box sandbox) outcome {
	output, outputEnd, err := os.Pipe()
	if err != nil {
		return setupFailed(err)
	}
	status, statusEnd, err := os.Pipe()
	if err != nil {
		return setupFailed(errors.Join(err, output.Close(), outputEnd.Close()))
	}
	command, err := newCommand(s.job, s.group, box, statusEnd)
	if err == nil {
		command.Stdout, command.Stderr = outputEnd, outputEnd
		err = command.Start()
	}
	if err = errors.Join(err, outputEnd.Close(), statusEnd.Close()); err != nil {
		return setupFailed(errors.Join(fmt.Errorf("starting the step: %w", err), output.Close(), status.Close()))
	}
	copied := make(chan error, 1)
	go func() { copied <- s.log.copyFrom(output) }()
	exited := make(chan error, 1)
	go func() { exited <- command.Wait() }()
	report := make(chan []byte, 1)
	go func() { report <- readReport(status) }()

	verdict := s.watch(command, exited)
	err = <-exited
	ctx, cancel := context.WithTimeout(context.Background(), endPatience)
	defer cancel()
	leftover := killChildren(ctx)
	// Everything that had the pipes open is dead; a reader that still waits would wait for ever.
	expires := time.Now().Add(endPatience)
	problem := errors.Join(leftover, output.SetReadDeadline(expires), status.SetReadDeadline(expires), <-copied)
	ended := s.judge(verdict, exitStatus(err), <-report)
	problem = errors.Join(problem, output.Close(), status.Close())
	if problem != nil && ended.Reason == OK {
		return setupFailed(problem)
	}
	return ended
}

// newCommand builds the process of a step: ourselves as the entry, which becomes
// bubblewrap, which becomes the command.
func newCommand(job record, group group, box sandbox, status *os.File) (*exec.Cmd, error) {
	e := entry{Parent: os.Getpid(), Groups: group.entrances(), Env: []string{cookieName + "=" + job.Cookie}}
	if job.Kind == kindNone {
		plain := box.unisolated()
		e.Argv = plain.argv
		e.Env = append(e.Env, plain.env...)
	} else {
		if job.User != 0 {
			e.User = job.User
			e.Stage = box.stage()
		}
		e.Argv = append([]string{job.Bwrap}, box.arguments(job.Readable, statusDescriptor)...)
	}
	e.Limits = limitsOf(job.Spec.Limits)
	if group.kind == groupsNone {
		argv, err := limitedArgv(job, e.Argv)
		if err != nil {
			return nil, err
		}
		e.Argv = argv
	}
	return e.command(job.Self, status)
}

// verdict is why the shim itself ended a step; empty when the step ended by itself.
type verdict struct {
	reason Reason
	detail string
}

// watch waits for the end of the step, or ends it. The error of the process is put back for the caller.
func (s *supervisor) watch(command *exec.Cmd, exited chan error) verdict {
	ticker := time.NewTicker(lookInterval)
	defer ticker.Stop()
	for {
		var found verdict
		select {
		case err := <-exited:
			exited <- err
			s.usage.hurry()
			return s.offence()
		case <-s.stopped:
			found = verdict{Lost, "the supervisor was told to stop, probably because the machine is shutting down."}
		case <-s.log.full:
			found = s.offence()
		case <-ticker.C:
			found = s.offence()
		}
		if found.reason != "" {
			s.kill(command)
			return found
		}
	}
}

// offence looks whether the job must be stopped.
func (s *supervisor) offence() verdict {
	limits := s.job.Spec.Limits
	if cancelWanted(s.folder) {
		return verdict{Cancelled, "the job was cancelled."}
	}
	if !time.Now().Before(s.deadline) {
		return verdict{Timeout, fmt.Sprintf("the job took longer than %s.", limits.Time)}
	}
	select {
	case <-s.log.full:
		if err := s.log.trouble(); err != nil {
			return verdict{Setup, "writing the log: " + sentence(explainDisk(s.folder, err))}
		}
		return verdict{Output, fmt.Sprintf("the job wrote more than %d bytes of output.", limits.Output)}
	default:
	}
	if detail := s.usage.tooMuch(time.Now()); detail != "" {
		return verdict{Disk, detail}
	}
	return verdict{}
}

// kill ends the step. The namespace dies with bubblewrap; what escapes to us is
// killed by killChildren, and the control group catches the rest.
func (s *supervisor) kill(command *exec.Cmd) {
	// These fail only if there is nothing left to kill, which killChildren and destroy find out.
	_ = command.Process.Kill()
	_ = unix.Kill(-command.Process.Pid, unix.SIGKILL)
	_, _ = s.group.kill()
}

// exitStatus gives 128+n for a process killed by signal n, as shells and bubblewrap do.
func exitStatus(err error) int {
	var failed *exec.ExitError
	if err == nil {
		return 0
	}
	if !errors.As(err, &failed) {
		return -1
	}
	if status, ok := failed.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return failed.ExitCode()
}

// mostReport bounds what is read from the status pipe.
const mostReport = 64 << 10

func readReport(status io.Reader) []byte {
	// A broken report is one without an exit code, which judge reads as a failed sandbox.
	text, _ := io.ReadAll(io.LimitReader(status, mostReport))
	return text
}

// ranInside says whether bubblewrap reports the end of a command, and not its own.
func ranInside(report []byte) bool {
	for decoder := json.NewDecoder(bytes.NewReader(report)); ; {
		var line struct {
			ExitCode *int `json:"exit-code"`
		}
		if err := decoder.Decode(&line); err != nil {
			return false
		}
		if line.ExitCode != nil {
			return true
		}
	}
}

// judge says how the step ended.
func (s *supervisor) judge(why verdict, status int, report []byte) outcome {
	end := outcome{Exit: status, Reason: why.reason, Detail: why.detail}
	if why.reason != "" {
		return end
	}
	if status == 0 && (s.job.Kind == kindNone || ranInside(report)) {
		end.Reason = OK
		return end
	}
	if killed := s.group.outOfMemory(); killed > 0 {
		end.Reason = Memory
		end.Detail = fmt.Sprintf("the job needed more than %d bytes of memory.", s.job.Spec.Limits.Memory)
		return end
	}
	if failedToEnter := status == enterStatus && s.job.Kind == kindNone; failedToEnter || s.job.Kind == kindBubblewrap && !ranInside(report) {
		end.Reason = IsolationFail
		end.Detail = "the sandbox could not be set up: " + s.log.lastLine()
		return end
	}
	end.Reason, end.Detail = explainStatus(status, s.log.lastLine(), s.job.Spec.Limits)
	if refused := s.group.refusedForks(); refused > 0 {
		end.Detail += fmt.Sprintf(" It met the limit of %d processes.", s.job.Spec.Limits.Processes)
	}
	return end
}

// explainStatus reads an exit status as shells write it.
func explainStatus(status int, last string, limits Limits) (Reason, string) {
	switch {
	case status == 128+int(unix.SIGXFSZ):
		return Disk, fmt.Sprintf("a file grew beyond %d bytes.", limits.Disk)
	case status > 128 && status <= 128+64:
		return Signal, fmt.Sprintf("killed by signal %d (%s).", status-128, unix.SignalName(unix.Signal(status-128)))
	case status == 126 || status == 127:
		if detail := notFound(last); detail != "" {
			return Exit, detail
		}
	}
	return Exit, fmt.Sprintf("ended with status %d.", status)
}

// shellMessages are what execScript says, behind "drover: 1: " of dash or
// "drover: line 1: " of bash.
var shellMessages = []struct{ before, after, detail string }{
	{"exec: ", ": not found", "the command %s was not found."},
	{"exec: ", ": Permission denied", "the command %s cannot be executed."},
	{"cd: can't cd to ", "", "the folder %s does not exist."},
	{"cd: ", ": No such file or directory", "the folder %s does not exist."},
}

// notFound reads the last line of a step that the shell could not start, "" if it is none of that.
func notFound(last string) string {
	said, ofShell := strings.CutPrefix(last, execName+": ")
	said, first := strings.CutPrefix(strings.TrimPrefix(said, "line "), "1: ")
	if !ofShell || !first {
		return ""
	}
	for _, message := range shellMessages {
		name, begins := strings.CutPrefix(said, message.before)
		name, ends := strings.CutSuffix(name, message.after)
		if begins && ends && name != "" {
			return fmt.Sprintf(message.detail, name)
		}
	}
	return ""
}

// sentence makes an error readable: a capital letter, a full stop, one line.
func sentence(err error) string {
	text := strings.Join(strings.Fields(err.Error()), " ")
	first, size := utf8.DecodeRuneInString(text)
	if !strings.HasPrefix(text, "/") && !strings.HasSuffix(text, ".") {
		text += "."
	}
	return string(unicode.ToUpper(first)) + text[size:]
}
