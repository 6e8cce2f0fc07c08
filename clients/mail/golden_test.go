package mail

import (
	"os"
	"path/filepath"
	"testing"

	"drover/clients/mail/mailtest"
)

// The mails that the portal writes pass the check and arrive as they were. They
// are read as files: this room knows no reports.
func TestMailsOfThePortal(t *testing.T) {
	files, err := filepath.Glob("../../views/mail/testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden mails: %v", err)
	}
	server := relay(t, mailtest.Script{})
	for i, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		list, err := sender(server).Send(t.Context(), Envelope{To: []string{"asha@example.com"}}, raw)
		if err != nil || list[0].State != Delivered {
			t.Errorf("%s: %v, %v", file, list, err)
			continue
		}
		if got := server.Messages()[i].Header("Message-Id"); got == "" {
			t.Errorf("%s arrived without its id", file)
		}
	}
}
