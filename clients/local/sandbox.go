package local

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Kinds of isolation.
const (
	kindBubblewrap = "bubblewrap"
	kindNone       = "none"
)

// Paths inside the sandbox. They are the same in every job, so that compiler
// caches hit and logs compare.
const (
	insideSource = "/work/src"
	insideOut    = "/work/out"
	insideBuild  = "/work/build" // the output of the job that From names, read-only
	insideHome   = "/work/home"
	insideIndex  = "/work/git"
	insideMirror = "/work/mirror"
	insideCCache = "/ccache"
)

const (
	searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	// insideUser is the user and group id of a job as it sees itself.
	insideUser = 1000
	// execScript enters the folder and becomes the command. A missing command is then status
	// 127 and a missing folder 126, as shells have it; bubblewrap would give 1 for both.
	execScript = `cd -- "$1" || exit 126; shift; exec "$@"`
	execName   = "drover"
)

// bind is a folder of this machine that a sandbox sees.
type bind struct {
	outside, inside string
	writable        bool
}

// sandbox is one command with everything it may see.
type sandbox struct {
	argv    []string
	dir     string // inside
	env     []string
	binds   []bind
	network bool
	memory  int64 // bytes of each of /tmp and /dev/shm
}

// systemFolders are shown read-only; where the distribution merged them into /usr they are links.
var systemFolders = []string{"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"}

// etcFiles are all that a job sees of users and hosts.
var etcFiles = map[string]string{
	"passwd":        "root:x:0:0:root:/work/home:/bin/sh\nbuild:x:1000:1000:build:/work/home:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
	"group":         "root:x:0:\nbuild:x:1000:\nnogroup:x:65534:\n",
	"hosts":         "127.0.0.1 localhost drover\n::1 localhost\n",
	"nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
	"ld.so.cache":   "", // the machine's is mounted here
	"resolv.conf":   "", // the machine's is mounted here for jobs with network
}

// writeEtc makes the folder that becomes /etc.
func writeEtc(folder string) error {
	for _, name := range []string{"alternatives", "ssl"} {
		if err := os.MkdirAll(filepath.Join(folder, name), 0o755); err != nil {
			return explainDisk(folder, err)
		}
	}
	for name, text := range etcFiles {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			return explainDisk(folder, err)
		}
	}
	return nil
}

// arguments are those of bubblewrap, up to and with the command.
func (s sandbox) arguments(readable []string, statusDescriptor int) []string {
	args := []string{
		"--unshare-user", "--disable-userns", "--uid", strconv.Itoa(insideUser), "--gid", strconv.Itoa(insideUser),
		"--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try", "--hostname", "drover",
		"--die-with-parent", "--new-session", "--clearenv", "--ro-bind", "/usr", "/usr",
	}
	if !s.network {
		args = append(args, "--unshare-net")
	}
	args = append(args, systemArguments()...)
	size := strconv.FormatInt(s.memory, 10)
	args = append(args, "--proc", "/proc", "--dev", "/dev",
		"--perms", "1777", "--size", size, "--tmpfs", "/dev/shm",
		"--perms", "1777", "--size", size, "--tmpfs", "/tmp",
		"--perms", "0755", "--dir", "/work")
	for _, folder := range readable {
		args = append(args, "--ro-bind-try", folder, folder)
	}
	for _, folder := range s.binds {
		option := "--ro-bind"
		if folder.writable {
			option = "--bind"
		}
		args = append(args, option, folder.outside, folder.inside)
		if folder.inside == "/etc" {
			args = append(args, etcArguments(s.network)...)
		}
	}
	for _, pair := range s.env {
		name, value, _ := strings.Cut(pair, "=")
		args = append(args, "--setenv", name, value)
	}
	// bubblewrap's own tmpfs at / and /dev would be writable without a bound.
	args = append(args, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/work",
		"--json-status-fd", strconv.Itoa(statusDescriptor), "--")
	return append(args, shellArgv(s.dir, s.argv)...)
}

func shellArgv(dir string, argv []string) []string {
	return append([]string{"/bin/sh", "-c", execScript, execName, dir}, argv...)
}

func systemArguments() (args []string) {
	for _, folder := range systemFolders {
		info, err := os.Lstat(folder)
		if err != nil {
			continue // This distribution has no such folder.
		}
		if info.Mode()&os.ModeSymlink == 0 {
			args = append(args, "--ro-bind", folder, folder)
		} else if target, err := os.Readlink(folder); err == nil {
			args = append(args, "--symlink", target, folder)
		}
	}
	return args
}

func etcArguments(network bool) []string {
	args := []string{
		"--ro-bind-try", "/etc/alternatives", "/etc/alternatives",
		"--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache",
	}
	if network {
		args = append(args, "--ro-bind-try", "/etc/resolv.conf", "/etc/resolv.conf",
			"--ro-bind-try", "/etc/ssl/certs", "/etc/ssl/certs")
	}
	return args
}

// environment is a clean one, with what the job and the step add.
func environment(added ...[]string) []string {
	values := map[string]string{
		"PATH": searchPath, "HOME": insideHome, "LC_ALL": "C", "TZ": "UTC", "TMPDIR": "/tmp",
	}
	for _, pairs := range added {
		for _, pair := range pairs {
			name, value, _ := strings.Cut(pair, "=")
			values[name] = value
		}
	}
	env := make([]string, 0, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		env = append(env, name+"="+values[name])
	}
	return env
}

// workPath is a path of the sandbox where it stands alone, as in O=/work/out.
var workPath = regexp.MustCompile(`(^|[^A-Za-z0-9_./-])(/work/src|/work/out|/work/build|/work/home|/work/git|/work/mirror|/ccache)\b`)

// unisolated replaces the paths of the sandbox by those of this machine, in what a
// trusted job without isolation is given.
func (s sandbox) unisolated() sandbox {
	outside := map[string]string{}
	for _, folder := range s.binds {
		outside[folder.inside] = folder.outside
	}
	translate := func(text string) string {
		return workPath.ReplaceAllStringFunc(text, func(found string) string {
			at := strings.IndexByte(found, '/')
			if folder, known := outside[found[at:]]; known {
				return found[:at] + folder
			}
			return found
		})
	}
	translated := func(words []string) []string {
		words = slices.Clone(words)
		for i, word := range words {
			words[i] = translate(word)
		}
		return words
	}
	dir := strings.Replace(s.dir, insideSource, outside[insideSource], 1)
	return sandbox{argv: shellArgv(dir, translated(s.argv)), env: translated(s.env)}
}

// stage moves the folders of the sandbox below a place that the job's user can
// reach, see entry.Stage, and gives what has to be mounted there.
func (s *sandbox) stage() (mounts []stageMount) {
	s.binds = slices.Clone(s.binds)
	for i, folder := range s.binds {
		name := fmt.Sprintf("drover-%d", i)
		mounts = append(mounts, stageMount{From: folder.outside, Name: name})
		s.binds[i].outside = filepath.Join(stageFolder, name)
	}
	return mounts
}
