package jobs

import (
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"drover/clients"
	"drover/clients/local"
	"drover/models"
	"drover/rules/recipe"
)

// Where a job finds its files; the same in every job, so that the compiler
// cache and incremental builds see the same paths.
const (
	sourceFolder = "/work/src"
	outputFolder = "/work/out"
	buildFolder  = "/work/build" // the output of the build that a test runs on, read-only
)

// settingsOf are a build's settings as the recipes read them.
func settingsOf(b models.Build) recipe.BuildSettings {
	return recipe.BuildSettings{Name: b.Recipe, JSON: b.Settings}
}

// runOf is how a test is run as the recipes read it.
func runOf(t models.Test) recipe.TestSettings {
	return recipe.TestSettings{
		Name: t.Recipe, Command: t.Command, Format: recipe.Format(t.Format),
		Timeout: time.Duration(t.TimeoutS) * time.Second, Code: models.Lines(t.Code),
	}
}

// specOf turns a plan into what the local runner takes.
func specOf(job models.Job, p recipe.Plan) (local.Spec, error) {
	spec := local.Spec{
		Marker: job.Marker,
		// Tests may ask which attempt they are: a log that says so helps.
		Env:    []string{"DROVER_ATTEMPT=" + strconv.FormatInt(job.Attempt, 10), "DROVER_OUT=" + outputFolder},
		Limits: local.Limits{Time: p.Timeout},
	}
	for _, step := range p.Steps {
		dir, err := filepath.Rel(sourceFolder, step.Dir)
		if err != nil {
			return spec, clients.Fail(clients.Permanent, "recipe", err)
		}
		if !filepath.IsLocal(dir) { // a program outside of the tree needs no place of its own
			dir = ""
		}
		spec.Steps = append(spec.Steps, local.Step{Name: step.Name, Argv: step.Argv, Dir: dir, Env: step.Env})
	}
	for _, keep := range p.Keep {
		glob := keep.Glob
		if !strings.HasPrefix(glob, "/") {
			glob = path.Join(outputFolder, glob)
		}
		spec.Keep = append(spec.Keep, local.Keep{Name: keep.Name, Glob: glob, Max: keep.Max})
	}
	return spec, nil
}
