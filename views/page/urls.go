package page

import (
	"strconv"

	"drover/rules/id"
	"drover/views/route"
)

// fileOfBuild gives the URL of a stored file of a build.
func fileOfBuild(build id.ID) func(string) route.URL {
	return func(name string) route.URL { return route.BuildFile(build, name) }
}

// fileOfResult gives the URL of a stored file of a result.
func fileOfResult(result id.ID) func(string) route.URL {
	return func(name string) route.URL { return route.ResultFile(result, name) }
}

// testsOfBuild is the tests of a checkout that ran on one build, with a status
// or "all".
func testsOfBuild(checkout, build id.ID, status string) route.URL {
	return route.CheckoutTests(checkout, "build", build.String(), "status", status)
}

// at is the viewer of this log at a line.
func (d LogData) at(lines route.Lines) route.URL {
	if known(d.Build) {
		return route.BuildLog(d.Build, d.Name, lines)
	}
	return route.ResultLog(d.Result, d.Name, lines)
}

// from is the viewer of this log with a window that starts at a line.
func (d LogData) from(line int) route.URL {
	return route.With(d.at(route.Lines{}), "from", strconv.Itoa(max(1, line)))
}

// end is the viewer of this log at its end.
func (d LogData) end() route.URL { return route.With(d.at(route.Lines{}), "at", "end") }

// raw is this log as plain text.
func (d LogData) raw() route.URL {
	if known(d.Build) {
		return route.BuildLogRaw(d.Build, d.Name)
	}
	return route.ResultLogRaw(d.Result, d.Name)
}

// object is the page of what wrote the log.
func (d LogData) object() route.URL {
	if known(d.Build) {
		return route.Build(d.Build)
	}
	return route.Result(d.Result)
}
