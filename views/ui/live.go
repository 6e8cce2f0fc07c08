package ui

import (
	"strconv"
	"strings"
)

// Live is what is heard about a page while it is open. Its parts that may
// change are fragments with data-part; what has data-row in them is a row that
// waits until the reader wants it.
type Live struct {
	// Topics as package route names them; none for a page that stays as it is.
	Topics []string
	// At is the newest change that was known before the page was read.
	At int64
	// Off says that this reader wants no live updates.
	Off bool
}

// LivePage is the fragment that goes along with every other: title, icon and
// the time of the data.
const LivePage = "page"

func (l Live) on() bool { return len(l.Topics) > 0 && !l.Off }

func (l Live) topics() string { return strings.Join(l.Topics, ",") }

func (l Live) at() string { return strconv.FormatInt(l.At, 10) }

// LiveTopics are the topics of the page of a frame.
func (f Frame) LiveTopics() []string { return f.Live.Topics }
