package main

import (
	"fmt"
	"os"
)

type importCommands struct {
	Kpet importKpetCommand `cmd:"" help:"Print a database of kpet as test definitions."`
}

type importKpetCommand struct {
	Folder string `arg:"" help:"The database: the folder with index.yaml."`
}

// Run prints what can be said, and to standard error what cannot.
func (k importKpetCommand) Run() error {
	root, err := os.OpenRoot(k.Folder)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }() // only read
	db, err := readKpet(root.FS())
	if err != nil {
		return err
	}
	text, err := db.YAML()
	if err == nil {
		fmt.Print(text)
	}
	return err
}
