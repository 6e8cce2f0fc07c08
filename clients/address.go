package clients

import (
	"errors"
	"net/netip"
)

// ErrPrivate marks the refusal of an address that is not on the public
// internet: a remote named by a user must not reach the operator's own network.
var ErrPrivate = errors.New("not a public address")

// special lists what IANA's special-purpose registries and the clouds set
// apart inside of otherwise routable space. never: no setting allows it.
var special = []struct {
	prefix netip.Prefix
	never  bool
	what   string
}{
	{netip.MustParsePrefix("169.254.169.254/32"), true, "a cloud's metadata service"},
	{netip.MustParsePrefix("fd00:ec2::254/128"), true, "a cloud's metadata service"},
	{netip.MustParsePrefix("168.63.129.16/32"), true, "a cloud's metadata service"},
	{netip.MustParsePrefix("100.100.100.200/32"), true, "a cloud's metadata service"},
	{netip.MustParsePrefix("192.0.0.192/32"), true, "a cloud's metadata service"},
	{netip.MustParsePrefix("255.255.255.255/32"), true, "a broadcast address"},
	{netip.MustParsePrefix("0.0.0.0/8"), true, "an unspecified address"},
	{netip.MustParsePrefix("::/128"), true, "an unspecified address"},
	{netip.MustParsePrefix("224.0.0.0/4"), true, "a multicast address"},
	{netip.MustParsePrefix("ff00::/8"), true, "a multicast address"},
	{netip.MustParsePrefix("240.0.0.0/4"), false, "a reserved address"},
	{netip.MustParsePrefix("127.0.0.0/8"), false, "a loopback address"},
	{netip.MustParsePrefix("::1/128"), false, "a loopback address"},
	{netip.MustParsePrefix("10.0.0.0/8"), false, "a private address"},
	{netip.MustParsePrefix("172.16.0.0/12"), false, "a private address"},
	{netip.MustParsePrefix("192.168.0.0/16"), false, "a private address"},
	{netip.MustParsePrefix("fc00::/7"), false, "a private address"},
	{netip.MustParsePrefix("fec0::/10"), false, "a site-local address"},
	{netip.MustParsePrefix("169.254.0.0/16"), false, "a link-local address"},
	{netip.MustParsePrefix("fe80::/10"), false, "a link-local address"},
	{netip.MustParsePrefix("100.64.0.0/10"), false, "an address behind a provider's NAT"},
	{netip.MustParsePrefix("192.0.0.0/24"), false, "a reserved address"},
	{netip.MustParsePrefix("192.0.2.0/24"), false, "a documentation address"},
	{netip.MustParsePrefix("198.51.100.0/24"), false, "a documentation address"},
	{netip.MustParsePrefix("203.0.113.0/24"), false, "a documentation address"},
	{netip.MustParsePrefix("198.18.0.0/15"), false, "a benchmark address"},
	{netip.MustParsePrefix("192.88.99.0/24"), false, "a 6to4 relay"},
	// These carry an IPv4 address that a translator or tunnel would contact.
	{netip.MustParsePrefix("64:ff9b::/96"), false, "a NAT64 address"},
	{netip.MustParsePrefix("64:ff9b:1::/48"), false, "a NAT64 address"},
	{netip.MustParsePrefix("::/96"), false, "an IPv4-compatible address"},
	{netip.MustParsePrefix("2002::/16"), false, "a 6to4 address"},
	{netip.MustParsePrefix("2001::/23"), false, "a tunnel or test address"},
	{netip.MustParsePrefix("2001:db8::/32"), false, "a documentation address"},
	{netip.MustParsePrefix("3fff::/20"), false, "a documentation address"},
}

// publicIPv6 is all that was ever handed out for the global internet.
var publicIPv6 = netip.MustParsePrefix("2000::/3")

// JudgeAddress says why address may not be contacted; what is "" for a public one.
// never means that no setting allows it.
func JudgeAddress(address netip.Addr) (what string, never bool) {
	switch {
	case !address.IsValid():
		return "not an address", true
	case address.Zone() != "":
		return "an address of one network card", true
	case address.Is4In6():
		// The kernel would contact the IPv4 address inside; say what that is.
		if what, never := JudgeAddress(address.Unmap()); what != "" {
			return what + " written as IPv6", never
		}
		return "an IPv4 address written as IPv6", false
	}
	for _, s := range special {
		if s.prefix.Contains(address) {
			return s.what, s.never
		}
	}
	if address.Is6() && !publicIPv6.Contains(address) {
		return "a reserved address", false
	}
	return "", false
}
