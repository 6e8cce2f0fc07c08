package webhook_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"drover/clients/webhook"
)

// TestExampleOfTheDocumentation: what users are told to do takes our messages
// and refuses others.
func TestExampleOfTheDocumentation(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	text, err := os.ReadFile("../../docs/users.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "```python\n")
	code, _, _ := strings.Cut(rest, "```")
	if !found || !strings.Contains(code, "def is_from_drover(") {
		t.Fatal("the example is not there")
	}
	s := start(t)
	client := webhook.Client{AllowPrivate: true, Roots: s.Roots}
	old := message(s.URL)
	fresh := old
	fresh.At, fresh.Secrets = time.Now(), []string{former, secret}
	for _, m := range []webhook.Message{fresh, old} {
		if _, err := client.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	messages, err := json.Marshal(s.Messages())
	if err != nil {
		t.Fatal(err)
	}
	code += `
import json, sys
for m in json.loads(sys.argv[1]):
    h = {"webhook-id": m["ID"], "webhook-timestamp": m["Timestamp"], "webhook-signature": m["Signature"]}
    b = m["Body"].encode()
    print(is_from_drover(h, b, sys.argv[2]), is_from_drover(h, b + b" ", sys.argv[2]), is_from_drover(h, b, "whsec_MDAwMA=="))
`
	out, err := exec.Command(python, "-c", code, string(messages), secret).CombinedOutput()
	if want := "True False False\nFalse False False\n"; err != nil || string(out) != want {
		t.Errorf("got %q, want %q: %v", out, want, err)
	}
}
