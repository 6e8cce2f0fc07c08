package server

import (
	"cmp"
	"strings"

	"drover/formats/treefile"
	"drover/models"
	"drover/views/page"
)

func formOfYAML(text string) (page.NewTreeForm, error) {
	f, err := treefile.Parse(text)
	if err != nil {
		return page.NewTreeForm{}, err
	}
	return formOfFile(f), nil
}

// formOfFile is the form of a configuration.
func formOfFile(f treefile.File) page.NewTreeForm {
	form := emptyTree()
	form.URL, form.Name, form.Branches, form.Recipe, form.Trusted = f.URL, f.Tree, strings.Join(f.Branches, "\n"), f.Recipe, f.Trusted
	form.Mail, form.Agreed, form.Tests = strings.Join(f.Mail, "\n"), f.Agreed, f.Tests
	form.Policy, form.Builds = cmp.Or(f.Policy, form.Policy), cmp.Or(f.Builds, form.Builds)
	if len(f.Arches)+len(f.Configs)+len(f.Compilers) > 0 {
		form.Arches, form.Configs, form.Compilers = f.Arches, strings.Join(f.Configs, "\n"), f.Compilers
	}
	return form
}

// file is the draft as its YAML says it.
func (w *treeWizard) file() treefile.File {
	f := treefile.File{
		Tree: w.form.Name, URL: w.form.URL, Branches: models.Lines(w.form.Branches), Policy: w.form.Policy, Builds: w.form.Builds,
		Trusted: w.form.Trusted, Mail: models.Lines(w.form.Mail), Agreed: w.form.Agreed, Tests: w.form.Tests,
	}
	switch w.form.Builds {
	case "matrix":
		f.Arches, f.Configs, f.Compilers = w.form.Arches, models.Lines(w.form.Configs), w.form.Compilers
	case "recipe":
		f.Recipe = strings.ReplaceAll(w.form.Recipe, "\r\n", "\n")
	}
	return f
}
