package server

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"drover/formats/treefile"
	"drover/models"
	"drover/rules/recipe"
	"drover/views/page"
)

// storedTree is a tree and where it comes from.
type storedTree struct {
	models.Tree
	source models.SourceLine
	builds []models.TreeBuild
}

// readTree reads a tree as files say it; ok tells whether a file can: it has
// one source.
func readTree(q models.Query, t models.Tree) (stored storedTree, ok bool, err error) {
	sources, err := q.SourcesWithRemote(t.ID)
	if err != nil || len(sources) != 1 {
		return storedTree{}, false, err
	}
	builds, err := q.TreeBuilds(t.ID)
	return storedTree{t, sources[0], builds}, true, err
}

// file is the tree as a file says it. What it is built for is left out where
// the words of files cannot say it.
func (t storedTree) file() treefile.File {
	f := treefile.File{
		Tree: t.Name, URL: t.source.URL, Branches: models.Lines(t.source.Branches), Policy: t.Policy, Trusted: t.Trusted, Mail: models.Lines(t.MailTo),
	}
	f.Agreed = hasList(f.Mail)
	if form, ok := formOfBuilds(t.builds); ok {
		f.Builds = form.Builds
		switch f.Builds {
		case "matrix":
			f.Arches, f.Configs, f.Compilers = form.Arches, models.Lines(form.Configs), form.Compilers
		case "recipe":
			f.Recipe = form.Recipe
		}
	}
	return f
}

// hasList tells whether a mailing list gets mail.
func hasList(mail []string) bool {
	return slices.ContainsFunc(mail, func(line string) bool { return strings.HasPrefix(strings.ToLower(line), "list ") })
}

// formOfBuilds finds the choice that gives these builds.
func formOfBuilds(builds []models.TreeBuild) (page.NewTreeForm, bool) {
	if len(builds) == 0 {
		return page.NewTreeForm{}, false
	}
	own := ownChoice(builds)
	for _, p := range presets {
		form := own
		if form.Builds = p.option.Value; sameBuilds(p.builds(form), builds) {
			return form, true
		}
	}
	return page.NewTreeForm{}, false
}

// ownChoice is the matrix, or the recipe, that builds may come from.
func ownChoice(builds []models.TreeBuild) page.NewTreeForm {
	var form page.NewTreeForm
	var configs []string
	add := func(list *[]string, value string) {
		if !slices.Contains(*list, value) {
			*list = append(*list, value)
		}
	}
	for _, b := range builds {
		switch b.Recipe {
		case recipe.NameCommand:
			var c recipe.Command
			if json.Unmarshal([]byte(b.Settings), &c) == nil { // else no choice gives these builds
				form.Recipe = c.Command
			}
		case recipe.NameKBuild:
			var k recipe.KBuild
			if json.Unmarshal([]byte(b.Settings), &k) == nil {
				add(&form.Arches, b.Arch)
				add(&form.Compilers, b.Compiler)
				add(&configs, strings.Join(append([]string{k.ConfigTarget}, k.Fragments...), "+"))
			}
		}
	}
	form.Configs = strings.Join(configs, "\n")
	return form
}

// sameBuilds compares what is built, in any order.
func sameBuilds(a, b []models.TreeBuild) bool {
	words := func(builds []models.TreeBuild) []string {
		list := make([]string, len(builds))
		for i, b := range builds {
			list[i] = fmt.Sprintf("%q %q %q %q %q", b.Arch, b.Config, b.Compiler, b.Recipe, b.Settings)
		}
		slices.Sort(list)
		return list
	}
	return slices.Equal(words(a), words(b))
}

// wholeTree is a tree of a file with what files leave to Drover filled in, ready to
// be stored, and what is wrong with it by key.
func wholeTree(f treefile.File, known bool) (treefile.File, models.NewTree, page.NewTreeForm, map[string]string) {
	wrong := map[string]string{}
	form := formOfFile(f)
	wanted, errs := treeOf(&form)
	for _, e := range errs {
		key := e.Field
		if key == "name" {
			key = "tree"
		}
		wrong[key] = e.Text
	}
	switch {
	case len(f.Tests) > 0:
		wrong["tests"] = "here the tests say where they run: put this tree among the `trees` of each test, and leave `tests` out"
	case hasList(f.Mail) && !f.Agreed:
		wrong["mail"] = "a list gets reports only if it agreed to: write lists_agreed: true if it did"
	}
	f.Policy, f.Branches, f.Agreed = form.Policy, wanted.Branches, hasList(f.Mail)
	if known && f.SaysNoBuilds() {
		wanted.Builds = nil // they stay as they are
		return f, wanted, form, wrong
	}
	f.Builds = form.Builds
	if f.Builds != "matrix" {
		f.Arches, f.Configs, f.Compilers = nil, nil, nil
	}
	if f.Builds != "recipe" {
		f.Recipe = ""
	}
	return f, wanted, form, wrong
}
