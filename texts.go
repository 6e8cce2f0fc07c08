package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// text is one file of definitions.
type text struct {
	name    string // as the person wrote it, for messages
	content []byte
}

// mostOfText bounds one file, in bytes.
const mostOfText = 32 << 20

// readTexts reads a file of definitions, all of a folder and the folders in it,
// of which there may be none, or standard input where the name is a dash.
func readTexts(where string) ([]text, error) {
	if where == "-" {
		content, err := readBounded(os.Stdin)
		return []text{{"standard input", content}}, err
	}
	info, err := os.Stat(where)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		one, err := readOneText(os.DirFS(filepath.Dir(where)), filepath.Base(where), where)
		return []text{one}, err
	}
	root, err := os.OpenRoot(where)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }() // only read
	var texts []text
	err = fs.WalkDir(root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !slices.Contains([]string{".yaml", ".yml"}, filepath.Ext(name)) {
			return err
		}
		one, err := readOneText(root.FS(), name, filepath.Join(where, name))
		texts = append(texts, one)
		return err
	})
	return texts, err
}

func readOneText(folder fs.FS, name, shown string) (text, error) {
	f, err := folder.Open(name)
	if err != nil {
		return text{}, err
	}
	defer func() { _ = f.Close() }() // only read
	content, err := readBounded(f)
	if err != nil {
		return text{}, fmt.Errorf("read %s: %w", shown, err)
	}
	return text{shown, content}, nil
}

func readBounded(from io.Reader) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(from, mostOfText+1))
	if err == nil && len(content) > mostOfText {
		err = fmt.Errorf("there are more than %d bytes", mostOfText)
	}
	return content, err
}
