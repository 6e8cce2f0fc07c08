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
}

// LivePage is the fragment that goes along with every other: title, icon and
// the time of the data.
const LivePage = "page"

func (l Live) topics() string { return strings.Join(l.Topics, ",") }

func (l Live) at() string { return strconv.FormatInt(l.At, 10) }

// isLive tells whether this page hears of changes in this browser.
func (f Frame) isLive() bool { return len(f.Live.Topics) > 0 && !f.LiveOff }

// LiveTopics are the topics of the page of a frame.
func (f Frame) LiveTopics() []string { return f.Live.Topics }
