package targeting

import (
	"testing"

	"drover/formats/maintainers"
)

func TestSectionsOf(t *testing.T) {
	file, err := maintainers.Parse("Maintainers List\n----------------\n\nNETWORKING [MPTCP]\nM:\tA <a@example.org>\nF:\tnet/mptcp/\nF:\tinclude/net/mptcp.h\nF:\tDocumentation/*/mptcp*\nN:\tmptcp_\n\nEMPTY\nM:\tB <b@example.org>\n", maintainers.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	when, err := Parse("maintainers: ['NETWORKING [MPTCP]']")
	if err != nil || !when.NeedsSections() {
		t.Fatal(err)
	}
	ix, err := Compile([]Definition{{Name: "mptcp", When: when}}, SectionsOf(file))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{
		"net/mptcp/a/b.c": true, "include/net/mptcp.h": true, "Documentation/networking/mptcp.rst": true, "Documentation/a/b/mptcp.rst": false,
		"tools/x/mptcp_lib.sh": true, "net/ipv4/tcp.c": false,
	} {
		if got := ix.Select(Change{Files: OfFiles(File{Path: path})}, Policy{}).Chosen(0); got != want {
			t.Errorf("%s: %v", path, got)
		}
	}
	if patterns, known := SectionsOf(file)("EMPTY"); !known || patterns != nil {
		t.Error(patterns, known)
	}
	if _, known := SectionsOf(file)("NOBODY"); known {
		t.Error("a section that is not there is known")
	}
	nested, err := Parse("or:\n- not: {maintainers: [EMPTY]}\n- paths: [a]\n")
	if err != nil || !nested.NeedsSections() || (Condition{Paths: []string{"a"}}).NeedsSections() {
		t.Error("needs sections", err)
	}
}
