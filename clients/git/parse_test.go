package git

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	oidA = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	oidB = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
)

func pkt(text string) string { return fmt.Sprintf("%04x%s", len(text)+4, text) }

func TestPackets(t *testing.T) {
	for _, test := range []struct {
		name, in string
		want     []string
		err      error
	}{
		{"data", "0006a\n0005b0004", []string{"a", "b", ""}, io.ErrUnexpectedEOF},
		{"marks", "000000010002", []string{"<1>", "<2>", "<3>"}, io.ErrUnexpectedEOF},
		{"upper case digits", "000Aabcdef", []string{"abcdef"}, io.ErrUnexpectedEOF},
		{"length 3", "0003", nil, errMalformed},
		{"too long", "fff1" + strings.Repeat("x", 70000), nil, errMalformed},
		{"no digits", "PACK", nil, errMalformed},
		{"sign", "+004", nil, errMalformed},
		{"cut head", "00", nil, io.ErrUnexpectedEOF},
		{"cut payload", "0009abc", nil, io.ErrUnexpectedEOF},
		{"longest", "fff0" + strings.Repeat("x", 65516), []string{strings.Repeat("x", 65516)}, io.ErrUnexpectedEOF},
		{"error of the server", pkt("ERR no\n"), nil, remoteError("no")},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPacketReader(strings.NewReader(test.in))
			var got []string
			for {
				kind, line, err := p.next()
				if err != nil {
					if !errors.Is(err, test.err) {
						t.Errorf("error %v, want %v", err, test.err)
					}
					break
				}
				if kind != packetData {
					line = fmt.Sprintf("<%d>", kind)
				}
				got = append(got, line)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("packets (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAdvertisements(t *testing.T) {
	refs := []Ref{{Name: "refs/heads/a", OID: oidA}, {Name: "refs/tags/t", OID: oidB, Peeled: oidA}}
	list := pkt(oidA+" refs/heads/a\n") + pkt(oidB+" refs/tags/t\n") + pkt(oidA+" refs/tags/t^{}\n")
	head := pkt(oidA + " HEAD\x00multi_ack symref=HEAD:refs/heads/a object-format=sha1\n")
	for _, test := range []struct {
		name, in string
		want     Listing
		v2       bool
		err      error
	}{
		{"v0", pkt("# service=git-upload-pack\n") + "0000" + head + list + "0000", Listing{Refs: refs, Head: "refs/heads/a"}, false, nil},
		{"v1", pkt("version 1") + head + list + "0000", Listing{Refs: refs, Head: "refs/heads/a"}, false, nil},
		{"v0 with shallow", head + list + pkt("shallow "+oidB) + "0000", Listing{Refs: refs, Head: "refs/heads/a"}, false, nil},
		{"v0 empty", pkt(strings.Repeat("0", 40)+" capabilities^{}\x00symref=HEAD:refs/heads/main") + "0000",
			Listing{Empty: true, Head: "refs/heads/main"}, false, nil},
		{"v0 empty, old", "0000", Listing{Empty: true}, false, nil},
		{"v2", pkt("version 2\n") + pkt("ls-refs=unborn\n") + pkt("object-format=sha1\n") + "0000", Listing{}, true, nil},
		{"v0 without flush", head + list, Listing{}, false, io.ErrUnexpectedEOF},
		{"v2 without flush", pkt("version 2\n"), Listing{}, false, io.ErrUnexpectedEOF},
		{"no flush after the service", pkt("# service=git-upload-pack") + head + "0000", Listing{}, false, errMalformed},
		{"mark among the refs", head + "0001" + list + "0000", Listing{}, false, errMalformed},
		{"mark among the capabilities", pkt("version 2\n") + "00010000", Listing{}, false, errMalformed},
		{"no ref line", pkt("hello") + "0000", Listing{}, false, errMalformed},
		{"short id", pkt("abc refs/heads/a") + "0000", Listing{}, false, errMalformed},
		{"listed twice", pkt(oidA+" refs/heads/a") + pkt(oidB+" refs/heads/a") + "0000", Listing{}, false, errMalformed},
		{"empty", "", Listing{}, false, io.ErrUnexpectedEOF},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := readAdvertisement(strings.NewReader(test.in))
			if !errors.Is(err, test.err) {
				t.Fatalf("error %v, want %v", err, test.err)
			}
			if err != nil {
				return
			}
			if got.v2 != test.v2 {
				t.Fatalf("v2 is %v", got.v2)
			}
			if test.v2 {
				want := map[string]string{"ls-refs": "unborn", "object-format": "sha1"}
				if diff := cmp.Diff(want, got.capabilities); diff != "" {
					t.Error(diff)
				}
				return
			}
			if diff := cmp.Diff(test.want, got.refs.listing(nil)); diff != "" {
				t.Errorf("listing (-want +got):\n%s", diff)
			}
		})
	}
}

func TestV2Refs(t *testing.T) {
	in := pkt(oidA+" HEAD symref-target:refs/heads/a\n") + pkt(oidA+" refs/heads/a") +
		pkt(oidB+" refs/heads/sym symref-target:refs/heads/a") + pkt(oidB+" refs/tags/t peeled:"+oidA+"\n") + "0000"
	got, err := readV2Refs(strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	want := Listing{Head: "refs/heads/a", Refs: []Ref{{Name: "refs/heads/a", OID: oidA},
		{Name: "refs/heads/sym", OID: oidB}, {Name: "refs/tags/t", OID: oidB, Peeled: oidA}}}
	if diff := cmp.Diff(want, got.listing(nil)); diff != "" {
		t.Errorf("listing (-want +got):\n%s", diff)
	}
	tag, found := got.listing(nil).Find("refs/tags/t")
	if !found || tag.Commit() != oidA {
		t.Errorf("the tag's commit is %s", tag.Commit())
	}
	unborn, err := readV2Refs(strings.NewReader(pkt("unborn HEAD symref-target:refs/heads/main\n") + "0000"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Listing{Head: "refs/heads/main", Empty: true}, unborn.listing(nil)); diff != "" {
		t.Errorf("unborn (-want +got):\n%s", diff)
	}
	for _, bad := range []string{pkt(oidA) + "0000", pkt(oidA+" refs/tags/t peeled:xyz") + "0000", "0002", pkt(oidA + " refs/heads/a")} {
		if _, err := readV2Refs(strings.NewReader(bad)); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

func TestLsRefsRequest(t *testing.T) {
	for _, test := range []struct {
		name       string
		advertised map[string]string
		want       string
	}{
		{"direct", nil, "0014command=ls-refs\n00010009peel\n000csymrefs\n0014ref-prefix HEAD\n001bref-prefix refs/heads/\n0000"},
		{"advertised", map[string]string{"ls-refs": "unborn", "object-format": "sha1"},
			"0014command=ls-refs\n0017object-format=sha1\n00010009peel\n000csymrefs\n000bunborn\n0014ref-prefix HEAD\n001bref-prefix refs/heads/\n0000"},
	} {
		if diff := cmp.Diff(test.want, string(lsRefsRequest([]string{"refs/heads/"}, test.advertised))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestBoundedReader(t *testing.T) {
	for _, test := range []struct {
		size int
		err  error
	}{{9, nil}, {10, errTooLarge}, {11, errTooLarge}} {
		got, err := io.ReadAll(&boundedReader{strings.NewReader(strings.Repeat("x", test.size)), 10})
		if err != test.err || len(got) > 10 {
			t.Errorf("%d bytes: %d read, %v", test.size, len(got), err)
		}
	}
}

func TestOneLine(t *testing.T) {
	for in, want := range map[string]string{
		"fatal: a\nerror: b\r\n":  "fatal: a; error: b",
		"\x1b[31mred\x07\u202ert": "?[31mred??rt",
		"bad \xff":                "bad ?",
	} {
		if got := oneLine(in); got != want {
			t.Errorf("oneLine(%q) = %q, want %q", in, got, want)
		}
	}
	if got := oneLine(strings.Repeat("ä", 1000)); len([]rune(got)) != 501 {
		t.Errorf("%d characters are kept", len([]rune(got)))
	}
}

// FuzzAnswers: no answer makes a parser crash or lets a bad name or id out,
// and none without a flush counts as complete.
func FuzzAnswers(f *testing.F) {
	f.Add(pkt("version 2\n") + pkt("ls-refs=unborn\n") + "0000")
	f.Add(pkt("# service=git-upload-pack\n") + "0000" + pkt(oidA+" HEAD\x00symref=HEAD:refs/heads/a") + pkt(oidB+" refs/heads/a") + "0000")
	f.Add(pkt(oidA+" HEAD symref-target:refs/heads/a\n") + pkt(oidB+" refs/tags/t peeled:"+oidA+"\n") + "0000")
	f.Add(oidA + "\trefs/heads/a\n" + "ref: refs/heads/a\tHEAD\n" + oidB + "\trefs/tags/t^{}\n")
	f.Add(pkt("ERR nope"))
	f.Fuzz(func(t *testing.T, answer string) {
		var found []*gathering
		if a, err := readAdvertisement(strings.NewReader(answer)); err == nil {
			if !strings.Contains(answer, "0000") {
				t.Error("complete without a flush")
			}
			if !a.v2 {
				found = append(found, a.refs)
			}
		}
		if g, err := readV2Refs(strings.NewReader(answer)); err == nil {
			if !strings.Contains(answer, "0000") {
				t.Error("complete without a flush")
			}
			found = append(found, g)
		}
		if g, err := readTabbed(strings.NewReader(answer)); err == nil {
			found = append(found, g)
		}
		for _, g := range found {
			l := g.listing(nil)
			if l.Head != "" && !isRef(l.Head) {
				t.Errorf("head %q", l.Head)
			}
			for _, ref := range l.Refs {
				if !isRef(ref.Name) || !isOID(ref.OID) || (ref.Peeled != "" && !isOID(ref.Peeled)) || l.Empty {
					t.Errorf("ref %+v", ref)
				}
			}
		}
	})
}
