// Command drover is the whole of Drover: pages, workers, tools. This package
// reads the command line and the environment and wires the rooms together; it
// holds no logic of its own.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"drover/clients/local"
)

// version is set by the linker in releases.
var version = "development"

// commands is the command line.
type commands struct {
	Serve   serveCommand   `cmd:"" help:"Pages, workers and queue in one process: all that one machine needs."`
	Web     webCommand     `cmd:"" help:"Pages only; needs DATABASE_URL and REDIS_URL."`
	Worker  workerCommand  `cmd:"" help:"Workers only; needs DATABASE_URL and REDIS_URL."`
	Migrate migrateCommand `cmd:"" help:"Bring the PostgreSQL database up to date."`
	Run     runCommand     `cmd:"" help:"Build and test one revision here, in the terminal."`
	Tree    treeCommands   `cmd:"" help:"Trees of a running server."`
	Wait    waitCommand    `cmd:"" help:"Wait for the verdict of a commit at a running server."`
	Seed    seedCommand    `cmd:"" help:"Fill an empty installation with a month of made-up history, to look at."`
	Report  reportCommand  `cmd:"" help:"Print the report of a checkout."`
	KCIDB   kcidbCommand   `cmd:"" name:"kcidb" help:"Print a checkout as a KCIDB document."`
	Verdict verdictCommand `cmd:"" help:"Judge a file of results and say why."`
	Select  selectCommand  `cmd:"" help:"Say which tests a patch or a range of commits runs, and why."`
	Import  importCommands `cmd:"" help:"Take over the test definitions of other systems."`
	Export  exportCommand  `cmd:"" help:"Write the trees, sets and tests of a server as YAML."`
	Apply   applyCommand   `cmd:"" help:"Bring trees, sets and tests of a server to what files of YAML say."`
	Doctor  doctorCommand  `cmd:"" help:"Look at everything Drover depends on."`
	Config  configCommand  `cmd:"" help:"List all settings, their meaning and their values."`
	Version versionCommand `cmd:"" help:"Print the version."`
	Shim    shimCommand    `cmd:"" hidden:"" help:"Supervise one job; started by the local runner."`
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "shim" { // not for people, and it must start fast
		os.Exit(local.Shim(os.Args[2:]))
	}
	var c commands
	parsed := kong.Parse(&c, kong.Name("drover"), kong.UsageOnError(),
		kong.Description("Continuous integration for the Linux kernel. Settings come from the environment: `drover config` lists them."))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	parsed.BindTo(ctx, (*context.Context)(nil))
	if err := parsed.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "drover: "+err.Error())
		os.Exit(1)
	}
}

type shimCommand struct {
	Job string `arg:""`
}

// Run is never reached: main starts a shim before the command line is read.
func (s shimCommand) Run() error {
	os.Exit(local.Shim([]string{s.Job}))
	return nil
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run() error {
	fmt.Println("drover " + version)
	return nil
}

type configCommand struct{}

// Run lists the settings, also when some are wrong.
func (configCommand) Run() error {
	fmt.Print(describe())
	_, err := readEnvironment()
	return err
}
