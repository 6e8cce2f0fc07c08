package git

import (
	"net/netip"

	"drover/clients"
)

// allowed refuses unless every one of a name's addresses may be contacted: one
// private address among public ones is how a name is bent towards the inside.
func (c *Client) allowed(host string, addresses []netip.Addr) error {
	for _, address := range addresses {
		what, never := clients.JudgeAddress(address)
		switch {
		case what == "" || (c.AllowPrivate && !never):
		case never:
			return permanent(opCheck, "%s is %s (%s), never a git server: %w", host, what, address, clients.ErrPrivate)
		default:
			return permanent(opCheck, "%s is %s (%s); if this remote is meant, "+
				"the operator sets DROVER_ALLOW_PRIVATE_REMOTES: %w", host, what, address, clients.ErrPrivate)
		}
	}
	return nil
}

// loopback says whether all addresses are this machine.
func loopback(addresses []netip.Addr) bool {
	for _, address := range addresses {
		if !address.Unmap().IsLoopback() {
			return false
		}
	}
	return len(addresses) > 0
}
