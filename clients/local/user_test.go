package local

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// ordinaryUser is the id that root becomes to run tests as somebody without rights.
const ordinaryUser = 61999

// TestAsOrdinaryUser runs the most important tests of this package again without root:
// then there are no control groups and jobs run as the same user as Drover.
func TestAsOrdinaryUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("this is an ordinary user already")
	}
	if testing.Short() {
		t.Skip("it takes long")
	}
	folder := t.TempDir()
	openUp(t, folder)
	program := filepath.Join(folder, "local.test")
	copyProgram(t, program)
	if err := os.CopyFS(filepath.Join(folder, "testdata"), os.DirFS("testdata")); err != nil {
		t.Fatal(err)
	}
	temporary := filepath.Join(folder, "tmp")
	if err := os.Mkdir(temporary, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(temporary, ordinaryUser, ordinaryUser); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program, "-test.v", "-test.run",
		"^(TestNormalJob|TestEnds|TestHostileMakefiles|TestNothingSurvives|TestWarmTree|TestTreeOfAnotherJob|TestRemove|TestReadOnlyForUser|TestSlots)$")
	command.Dir = folder
	command.Env = []string{"PATH=" + searchPath, "TMPDIR=" + temporary, "HOME=" + temporary}
	command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: ordinaryUser, Gid: ordinaryUser}}
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	if strings.Contains(string(output), "cannot isolate") {
		t.Skipf("an ordinary user cannot isolate here:\n%s", output)
	}
	for _, want := range []string{"--- PASS: TestHostileMakefiles", "--- PASS: TestReadOnlyForUser", "Cgroup:none"} {
		if !strings.Contains(string(output), want) {
			t.Errorf("the output lacks %q:\n%s", want, output)
		}
	}
}

// openUp lets everybody walk through the folders that a test makes.
func openUp(t *testing.T, folder string) {
	t.Helper()
	for path := folder; path != filepath.Clean(os.TempDir()) && path != "/"; path = filepath.Dir(path) {
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

func copyProgram(t *testing.T, target string) {
	t.Helper()
	source, err := os.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	file, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(file, source); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestReadOnlyForUser(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write everywhere")
	}
	config := newConfig(t)
	if err := os.MkdirAll(config.Dir, 0o500); err != nil {
		t.Fatal(err)
	}
	_, err := Open(config)
	if err == nil || !strings.Contains(err.Error(), "cannot be written by this user: change its owner") {
		t.Errorf("opening a folder of somebody else: %v", err)
	}
	if err := os.Chmod(config.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
}

// TestUserModeLinuxNeeds checks what a kernel that runs as a process needs: memory files
// that can be executed, and tracing its own children.
func TestUserModeLinuxNeeds(t *testing.T) {
	runner := isolated(t)
	state := run(t, runner, shell("needs", `
for place in /dev/shm /tmp /work/src; do cp /bin/true $place/program && $place/program && echo "executable $place"; done
perl -e 'my $pid = fork; if (!$pid) { exit(kill(19, $$) ? 7 : 1) } waitpid $pid, 2;
  require "syscall.ph" if 0; my $r = syscall(101, 16, $pid, 0, 0); print $r == 0 ? "tracing\n" : "no tracing: $!\n"; kill 9, $pid'
`))
	wantReason(t, runner, "needs", state, OK)
	log := logText(t, runner, "needs")
	for _, want := range []string{"executable /dev/shm", "executable /tmp", "executable /work/src"} {
		if !strings.Contains(log, want+"\n") {
			t.Errorf("the log lacks %q:\n%s", want, log)
		}
	}
	if ptrace := uintptr(unix.SYS_PTRACE); ptrace == 101 && !strings.Contains(log, "tracing\n") || strings.Contains(log, "no tracing") {
		t.Errorf("tracing is refused:\n%s", log)
	}
}
