package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"drover/formats/maintainers"
)

const (
	ownersFiles  = 5000 // asked of us
	ownersBatch  = 300  // asked of the script in one call: a call of its own takes some 0.2 s
	ownersProved = 25   // asked of both, one by one
	ownersRounds = 5
)

// owners is the owner of a file by MAINTAINERS, beside the kernel's own script
// on the same tree. Keywords, for which both read the file, are left out.
func (b *bench) owners(ctx context.Context) ([]row, error) {
	sources, err := filepath.Glob("/usr/src/linux-source-*.tar.xz")
	if err != nil || len(sources) == 0 {
		return nil, errors.Join(errors.New("owners: no /usr/src/linux-source-*.tar.xz: run deploy/setup.sh bench"), err)
	}
	folder := filepath.Join(b.folder, "linux")
	if err := os.Mkdir(folder, 0o755); err != nil {
		return nil, err
	}
	if out, err := exec.CommandContext(ctx, "tar", "-xJf", sources[0], "--strip-components=1", "-C", folder).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("owners: unpack the kernel: %w: %s", err, out)
	}
	ix, err := ownersIndex(folder)
	if err != nil {
		return nil, err
	}
	files, err := someFiles(folder, ownersFiles)
	if err != nil {
		return nil, err
	}
	if err := sameOwners(ctx, folder, ix, files[:ownersProved]); err != nil {
		return nil, err
	}
	var ours, peer []time.Duration
	for range ownersRounds {
		began := time.Now()
		if _, err := askScript(ctx, folder, files[:ownersBatch]); err != nil {
			return nil, err
		}
		peer = append(peer, time.Since(began)/ownersBatch)
		began = time.Now()
		for _, file := range files {
			ix.Owners(file, "")
		}
		ours = append(ours, time.Since(began)/time.Duration(len(files)))
	}
	return []row{inMilliseconds(against("G4 owners of a file, of 5,000; the script in one call of 300", ours, peer, 50))}, nil
}

func ownersIndex(folder string) (*maintainers.Index, error) {
	text, err := os.ReadFile(filepath.Join(folder, "MAINTAINERS"))
	if err != nil {
		return nil, err
	}
	mailmap, err := os.ReadFile(filepath.Join(folder, ".mailmap"))
	if err != nil {
		return nil, err
	}
	f, err := maintainers.Parse(string(text), maintainers.Limits{})
	if err != nil {
		return nil, err
	}
	m, err := maintainers.ParseMailmap(string(mailmap), maintainers.Limits{})
	return maintainers.NewIndex(f, maintainers.Options{Mailmap: m, IsDir: func(path string) bool {
		info, err := os.Stat(filepath.Join(folder, path))
		return err == nil && info.IsDir()
	}}), err
}

// someFiles chooses files at random, the same ones each time. In .yaml files
// the script looks for addresses too.
func someFiles(folder string, n int) ([]string, error) {
	var all []string
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || strings.HasSuffix(path, ".yaml") || filepath.Base(path) == "MAINTAINERS" {
			return err
		}
		name, err := filepath.Rel(folder, path)
		all = append(all, name)
		return err
	})
	rand.New(rand.NewPCG(6, 1)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:min(n, len(all))], err
}

func askScript(ctx context.Context, folder string, files []string) (string, error) {
	script := exec.CommandContext(ctx, "perl", append([]string{"scripts/get_maintainer.pl", "--no-git", "--no-git-fallback", "--no-keywords", "-f"}, files...)...)
	script.Dir = folder
	var problems bytes.Buffer
	script.Stderr = &problems
	out, err := script.Output()
	if err != nil {
		return "", fmt.Errorf("get_maintainer.pl: %w: %s", err, problems.String())
	}
	return string(out), nil
}

// sameOwners checks that both name the same people and lists.
func sameOwners(ctx context.Context, folder string, ix *maintainers.Index, files []string) error {
	for _, file := range files {
		text, err := askScript(ctx, folder, []string{file})
		if err != nil {
			return err
		}
		want, got := map[string]bool{}, map[string]bool{}
		for line := range strings.Lines(text) {
			name, _, _ := strings.Cut(strings.TrimSpace(line), " (")
			name, _, _ = strings.Cut(name, " <") // one name may have two addresses in sections of one rank
			want[name] = true
		}
		o := ix.Owners(file, "")
		for _, p := range slices.Concat(o.People, o.Lists) {
			name, _, _ := strings.Cut(p.Mailbox(), " <")
			got[name] = true
		}
		if !maps.Equal(want, got) {
			return fmt.Errorf("owners of %s: the script says %v, we say %v", file, slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got)))
		}
	}
	return nil
}
