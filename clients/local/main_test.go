package local

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"testing"
)

// TestMain makes the test binary its own shim, and a submitter that tests kill.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "shim" {
		os.Exit(Shim(os.Args[2:]))
	}
	if len(os.Args) > 2 && os.Args[1] == "submit" {
		os.Exit(submitAndStay(os.Args[2]))
	}
	os.Exit(m.Run())
}

// submission is what a submitter process is told.
type submission struct {
	Config Config
	Spec   Spec
}

// submitAndStay submits a job, says so and stays until it is killed.
func submitAndStay(text string) int {
	var s submission
	err := json.Unmarshal([]byte(text), &s)
	if err == nil {
		var runner *Runner
		if runner, err = Open(s.Config); err == nil {
			fmt.Println("opened")
			err = runner.Submit(context.Background(), s.Spec)
		}
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println("submitted")
	select {}
}
