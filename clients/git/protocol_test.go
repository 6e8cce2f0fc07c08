package git_test

import (
	"context"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"drover/clients"
	"drover/clients/git/gittest"

	"github.com/google/go-cmp/cmp"
)

// By https the name is known to the resolver of the test alone: git and we
// reach the server by the pin, and a name that turns elsewhere meanwhile
// does not move either.
func TestPinnedHTTPS(t *testing.T) {
	server := gittest.NewTLS(t)
	_, want := tree(t, server)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	visited := false
	elsewhere := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visited = true }))
	elsewhere.Listener.Close()
	if elsewhere.Listener, err = net.Listen("tcp", "127.0.0.2:"+port); err != nil {
		t.Skipf("no second loopback address: %v", err)
	}
	elsewhere.StartTLS()
	defer elsewhere.Close()

	asked := 0
	c := client(t)
	c.Lookup = func(_ context.Context, host string) ([]netip.Addr, error) {
		if host != "example.com" {
			return nil, fmt.Errorf("asked for %s", host)
		}
		asked++
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, byte(asked)})}, nil
	}
	c.CAFile = filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(c.CAFile, text, 0o644); err != nil {
		t.Fatal(err)
	}
	target := check(t, c, "https://example.com:"+port+"/linux.git")
	got, err := c.LsRefs(t.Context(), target, usualPrefixes)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("listing (-want +got):\n%s", diff)
	}
	fetch(t, c, target, "refs/heads/master")
	if asked != 1 || visited {
		t.Errorf("resolved %d times, the other address visited: %v", asked, visited)
	}
	// Without the authority the certificate is refused, by both.
	c = client(t)
	target = check(t, c, "https://127.0.0.1:"+port+"/linux.git")
	_, err = c.LsRefs(t.Context(), target, nil)
	wantClass(t, err, clients.Transient)
	wantClass(t, c.Fetch(t.Context(), target, "k", []string{"refs/heads/master"}), clients.Transient)
}

// daemon speaks enough of git:// for one client after the other, and tells
// the first line of each.
func daemon(t *testing.T, root string) (port string, seen <-chan string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	lines := make(chan string, 10)
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			head := make([]byte, 4)
			var length int
			if _, err := connection.Read(head); err == nil {
				if _, err := fmt.Sscanf(string(head), "%04x", &length); err != nil {
					t.Error(err)
				}
			}
			line := make([]byte, max(length-4, 0))
			if _, err := connection.Read(line); err != nil {
				t.Error(err)
			}
			lines <- string(line)
			path, _, _ := strings.Cut(strings.TrimPrefix(string(line), "git-upload-pack "), "\x00")
			command := exec.Command("git", "upload-pack", filepath.Join(root, path))
			command.Stdin, command.Stdout = connection, connection
			command.WaitDelay = time.Second
			_ = command.Run() // the client's error tells
			connection.Close()
		}
	}()
	_, port, err = net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port, lines
}

func TestPinnedGitDaemon(t *testing.T) {
	root := t.TempDir()
	repo := gittest.NewRepo(t, filepath.Join(root, "linux.git"))
	first := repo.Commit("master", "a", "1")
	port, seen := daemon(t, root)
	c := client(t)
	c.Lookup = func(context.Context, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}
	target := check(t, c, "git://git.example.com:"+port+"/linux.git")
	got, err := c.LsRefs(t.Context(), target, []string{"refs/heads/"})
	if err != nil {
		t.Fatal(err)
	}
	if ref, _ := got.Find("refs/heads/master"); ref.OID != first || got.Head != "refs/heads/master" {
		t.Errorf("listing %+v", got)
	}
	if line := <-seen; !strings.Contains(line, "\x00host=git.example.com:"+port+"\x00") {
		t.Errorf("the daemon was told %q", line)
	}
	fetch(t, c, target, "refs/heads/master")
	if got := resolve(t, c, target, "master"); got != first {
		t.Errorf("master is %s", got)
	}
}

// The stand-in for ssh writes down its arguments and runs the command here.
func TestPinnedSSH(t *testing.T) {
	folder := t.TempDir()
	repo := gittest.NewRepo(t, filepath.Join(folder, "it's linux.git"))
	first := repo.Commit("master", "a", "1")
	ssh, arguments := filepath.Join(folder, "my ssh"), filepath.Join(folder, "arguments")
	script := "#!/bin/sh\nprintf '%s\\n' \"$@\" >'" + arguments + "'\nfor last; do :; done\nexec sh -c \"$last\"\n"
	if err := os.WriteFile(ssh, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	c := client(t)
	c.SSH = ssh
	c.Lookup = func(context.Context, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}
	if err := os.Symlink(repo.Dir, filepath.Join(folder, "it's.git")); err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{"ssh://ada@git.example.com:2222" + folder + "/it's.git", "ada@git.example.com:" + folder + "/it's.git"} {
		target := check(t, c, url)
		got, err := c.LsRefs(t.Context(), target, nil)
		if err != nil {
			t.Fatal(err)
		}
		if ref, _ := got.Find("refs/heads/master"); ref.OID != first {
			t.Errorf("listing %+v", got)
		}
		fetch(t, c, target, "refs/heads/master")
		text, err := os.ReadFile(arguments)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"\nHostName=127.0.0.1\n", "\nStrictHostKeyChecking=yes\n", "\nada@git.example.com\n", "\nProxyCommand=none\n"} {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s: %q is not among\n%s", url, want, text)
			}
		}
	}
}
