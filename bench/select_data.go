package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"drover/rules/targeting"
)

// selectData is what targeting is measured on: the paths of a kernel, files
// that changed among them, and patterns as maintainers of tests write them.
type selectData struct {
	source   string // of the paths, for the names of rows
	paths    []string
	sections []string // the patterns of MAINTAINERS, F: lines alone
}

// kernelSources is where Debian's package linux-source puts a kernel.
const kernelSources = "/usr/src/linux-source-*.tar.xz"

// kernelPaths reads the list of files and MAINTAINERS out of Debian's kernel. Where
// that is not installed, or cannot be read, it makes up a kernel of the same shape.
func kernelPaths(ctx context.Context) (selectData, error) {
	found, err := filepath.Glob(kernelSources)
	if err != nil {
		return selectData{}, err
	}
	if len(found) == 0 {
		return madeUpKernel(), nil
	}
	archive := found[len(found)-1]
	d := selectData{source: strings.TrimSuffix(path.Base(archive), ".tar.xz")}
	listing, err := exec.CommandContext(ctx, "tar", "-tJf", archive).Output()
	if err != nil {
		return d, fmt.Errorf("list %s: %w", archive, err)
	}
	for line := range strings.Lines(string(listing)) {
		if _, name, ok := strings.Cut(strings.TrimSpace(line), "/"); ok && name != "" && !strings.HasSuffix(name, "/") {
			d.paths = append(d.paths, name)
		}
	}
	slices.Sort(d.paths)
	text, err := exec.CommandContext(ctx, "tar", "-xJOf", archive, "--occurrence=1", d.source+"/MAINTAINERS").Output()
	if err != nil {
		return d, fmt.Errorf("read MAINTAINERS of %s: %w", archive, err)
	}
	for line := range strings.Lines(string(text)) {
		if pattern, ok := strings.CutPrefix(line, "F:"); ok {
			d.sections = append(d.sections, strings.TrimSpace(pattern))
		}
	}
	if len(d.paths) < 10_000 || len(d.sections) < 1000 {
		return d, errors.New(archive + " holds no kernel")
	}
	return d, nil
}

// madeUpKernel has as many files and folders as a kernel, by the same seed always.
func madeUpKernel() selectData {
	r := rand.New(rand.NewPCG(6, 1))
	word := func() string {
		syllables := []string{"net", "usb", "ice", "mp", "tcp", "core", "drv", "phy", "mm", "x", "gpu", "acpi", "snd", "fs", "ext", "b"}
		text := ""
		for range 1 + r.IntN(3) {
			text += syllables[r.IntN(len(syllables))]
		}
		return text
	}
	d := selectData{source: "a made-up kernel"}
	folders := []string{"drivers", "net", "fs", "arch", "sound", "kernel", "include", "tools", "Documentation"}
	for len(folders) < 5000 {
		above := folders[r.IntN(len(folders))]
		if strings.Count(above, "/") < 5 {
			folders = append(folders, above+"/"+word()+fmt.Sprint(r.IntN(10)))
		}
	}
	for _, folder := range folders {
		for range 1 + r.IntN(30) {
			d.paths = append(d.paths, folder+"/"+word()+"_"+word()+[]string{".c", ".h", ".c", ".rst"}[r.IntN(4)])
		}
	}
	slices.Sort(d.paths)
	d.paths = slices.Compact(d.paths)
	for range 7000 {
		p := d.paths[r.IntN(len(d.paths))]
		d.sections = append(d.sections, []string{p, path.Dir(p) + "/", path.Dir(p) + "/*", stem(p) + "*"}[r.IntN(4)])
	}
	return d
}

// stem is a path up to the first sign that parts words in its name.
func stem(name string) string {
	folder, file := path.Split(name)
	if end := strings.IndexAny(file, "_-."); end > 0 {
		file = file[:end]
	}
	return folder + file
}

// changed are n files of some hundred folders, as a pull brings them.
func (d selectData) changed(n int) []targeting.File {
	r := rand.New(rand.NewPCG(7, uint64(n)))
	byFolder := map[string][]string{}
	for _, name := range d.paths {
		byFolder[path.Dir(name)] = append(byFolder[path.Dir(name)], name)
	}
	var folders []string
	for folder := range byFolder {
		folders = append(folders, folder)
	}
	slices.Sort(folders)
	r.Shuffle(len(folders), func(i, j int) { folders[i], folders[j] = folders[j], folders[i] })
	var names []string
	for _, folder := range folders {
		inside := byFolder[folder]
		names = append(names, inside[:min(len(inside), 1+r.IntN(8))]...)
		if len(names) >= n {
			break
		}
	}
	names = names[:min(n, len(names))]
	slices.Sort(names)
	files := make([]targeting.File, len(names))
	for i, name := range names {
		files[i] = targeting.File{Path: name, Kind: "modified"}
	}
	return files
}

// patterns are n regular expressions of whole paths, as kpet's databases have
// them: 60 % are lines of MAINTAINERS, the others are made of real folders; 7 %
// begin with a top folder alone, and 3 % with nothing at all.
func (d selectData) patterns(n int) []string {
	r := rand.New(rand.NewPCG(8, uint64(n)))
	order := r.Perm(len(d.sections))
	list := make([]string, 0, n)
	for i := range n {
		if share := r.IntN(100); share < 60 {
			list = append(list, sectionExpression(d.sections[order[i%len(order)]]))
		} else {
			list = append(list, d.pattern(r, share))
		}
	}
	return list
}

func (d selectData) pattern(r *rand.Rand, share int) string {
	name := d.paths[r.IntN(len(d.paths))]
	other := d.paths[r.IntN(len(d.paths))]
	folder, q := regexp.QuoteMeta(path.Dir(name)), regexp.QuoteMeta
	word := q(path.Base(stem(name)))
	if len(word) < 3 {
		word = q(path.Base(name))
	}
	top, _, _ := strings.Cut(name, "/")
	switch {
	case share < 67:
		return q(top) + "/.*" + word + ".*"
	case share < 70:
		return ".*" + word + ".*"
	case share < 72:
		return ".*" + q(path.Base(name))
	case share < 78:
		return q(name)
	case share < 84:
		return "(" + folder + "|" + q(path.Dir(other)) + ")/.*"
	case share < 90:
		return folder + `/[^/]*\.[ch]`
	case share < 95:
		return q(stem(name)) + ".*"
	}
	return folder + "/.*"
}

// sectionExpression is an F: line as a regular expression.
func sectionExpression(pattern string) string {
	text := strings.NewReplacer(`\*`, "[^/]*", `\?`, "[^/]").Replace(regexp.QuoteMeta(pattern))
	if strings.HasSuffix(pattern, "/") {
		text += ".*"
	}
	return text
}
