package consolelog

import (
	"strconv"
	"strings"
)

// KernelSeconds is the time that the kernel wrote at the begin of a clean line:
// seconds since it started. ok is false for a line without one.
func KernelSeconds(text string) (seconds float64, ok bool) {
	for {
		text = strings.TrimLeft(text, " \t")
		size := stampLength(text)
		if size == 0 {
			return 0, false
		}
		if stamp := text[:size]; stamp[0] == '[' && strings.IndexByte(stamp, '.') > 0 {
			seconds, err := strconv.ParseFloat(strings.TrimLeft(stamp[1:size-1], " "), 64)
			return seconds, err == nil
		}
		text = text[size:]
	}
}
