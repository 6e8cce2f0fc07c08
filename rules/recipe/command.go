package recipe

import (
	"path"
	"strings"
	"time"
)

// Command is a test that is one command of its owner.
type Command struct {
	Command string        `json:"command"`           // for sh -c
	Dir     string        `json:"dir,omitempty"`     // in the tree; "" is its top
	Format  Format        `json:"format"`            // KTAP, TAP or Exit
	Timeout time.Duration `json:"timeout,omitempty"` // 0: DefaultTest
}

// maxCommand keeps a command readable on a page; longer ones belong in a
// script in the tree.
const maxCommand = 4000

// Check returns Problems, or nil.
func (c Command) Check() error { return c.problems().err() }

func (c Command) problems() Problems {
	var list Problems
	switch {
	case strings.TrimSpace(c.Command) == "":
		list.add("command", "write the command that runs the test, such as ./run.sh --quick")
	case len(c.Command) > maxCommand:
		list.add("command", "is longer than 4000 bytes: put it into a script in the tree and call that")
	case control(c.Command) || strings.ToValidUTF8(c.Command, "") != c.Command:
		list.add("command", "has a character that cannot be printed: remove it, or write it as an escape such as \\033")
	}
	if c.Dir != "" && !relativePath(c.Dir) {
		list.add("dir", "use a folder in the tree such as tools/testing/selftests, without .. and spaces, or leave it empty for its top")
	}
	switch c.Format {
	case KTAP, TAP, Exit:
	default:
		list.add("format", "choose ktap, tap, or exit when only the exit code counts")
	}
	list.timeout("timeout", c.Timeout)
	return list
}

// Plan runs the command in the source tree. It finds the folders of the place
// in the variables SOURCE and OUTPUT.
func (c Command) Plan(p Place) (Plan, error) {
	if err := append(c.problems(), p.check()...).err(); err != nil {
		return Plan{}, err
	}
	return Plan{
		Steps: []Step{{
			Name: "run",
			Argv: []string{"sh", "-c", c.Command},
			Dir:  path.Join(p.Source, c.Dir),
			Env:  []string{"LC_ALL=C", "SOURCE=" + p.Source, "OUTPUT=" + p.Output},
		}},
		Format:  c.Format,
		Timeout: pick(c.Timeout, DefaultTest),
	}, nil
}
