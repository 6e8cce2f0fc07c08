package git

import (
	"context"
	"net/netip"
	"strconv"
	"strings"
)

// outsideRun is what the git program needs to reach a checked target, and
// nothing else.
type outsideRun struct {
	url    string
	config []string // options of git, before the command
	env    []string
}

// outside ties git to the checked addresses, each protocol in its way. None
// of them resolves the name again.
func (c *Client) outside(ctx context.Context, target Target) (outsideRun, error) {
	if !target.Checked() {
		return outsideRun{}, permanent("git", "the remote was not checked")
	}
	run := outsideRun{url: target.URL, env: []string{"GIT_ALLOW_PROTOCOL=" + target.Scheme}}
	switch target.Scheme {
	case schemeHTTPS, schemeHTTP:
		run.config = c.httpConfig(target)
		return run, nil
	case schemeLocal:
		return run, nil
	}
	address, err := c.reachable(ctx, target)
	if err != nil {
		return outsideRun{}, transient("git connect", "%s: %w", target.URL, err)
	}
	if target.Scheme == schemeGit {
		return gitDaemonRun(run, target, address), nil
	}
	run.env = append(run.env, "GIT_SSH_COMMAND="+c.sshCommand(target, address), "GIT_SSH_VARIANT=ssh")
	return run, nil
}

// httpConfig pins curl, forbids redirects and ends a connection that is silent
// for a minute. The limit is a byte a second and not more, because a server
// that counts the objects of a kernel sends five bytes in five seconds.
func (c *Client) httpConfig(target Target) []string {
	config := []string{
		"-c", "http.followRedirects=false",
		"-c", "http.userAgent=" + c.agent(),
		"-c", "http.lowSpeedLimit=1",
		"-c", "http.lowSpeedTime=60",
		"-c", "http.proxy=",
		"-c", "credential.helper=",
	}
	if c.CAFile != "" {
		config = append(config, "-c", "http.sslCAInfo="+c.CAFile)
	}
	if _, err := netip.ParseAddr(target.Host); err == nil {
		return config // already an address: there is nothing to resolve
	}
	addresses := make([]string, len(target.addresses))
	for i, address := range target.addresses {
		addresses[i] = bracketed(address)
	}
	return append(config, "-c", "http.curloptResolve="+target.Host+":"+
		strconv.Itoa(int(target.Port))+":"+strings.Join(addresses, ","))
}

// reachable picks one address for the protocols that take only one.
func (c *Client) reachable(ctx context.Context, target Target) (netip.Addr, error) {
	if len(target.addresses) == 1 {
		return target.addresses[0], nil
	}
	connection, address, err := c.dialFirst(ctx, target)
	if err != nil {
		return netip.Addr{}, err
	}
	return address, connection.Close()
}

// gitDaemonRun connects to the address; the name still goes into host=, by
// which one daemon serves several sites.
func gitDaemonRun(run outsideRun, target Target, address netip.Addr) outsideRun {
	at := bracketed(address)
	if target.Port != defaultPorts[schemeGit] {
		at += ":" + strconv.Itoa(int(target.Port))
	}
	run.url = schemeGit + "://" + at + target.Path
	run.env = append(run.env, "GIT_OVERRIDE_VIRTUAL_HOST="+target.authority())
	return run
}

// sshCommand is run by a shell that git starts, hence the quotes. The host
// key is looked up by the name, the connection goes to the address.
func (c *Client) sshCommand(target Target, address netip.Addr) string {
	program := c.SSH
	if program == "" {
		program = "ssh"
	}
	alias := target.Host
	if target.Port != defaultPorts[schemeSSH] {
		alias = "[" + target.Host + "]:" + strconv.Itoa(int(target.Port))
	}
	options := []string{
		"HostName=" + address.String(), "HostKeyAlias=" + alias,
		"BatchMode=yes", "StrictHostKeyChecking=yes", "UpdateHostKeys=no",
		"ProxyCommand=none", "ClearAllForwardings=yes", "ForwardAgent=no", "PermitLocalCommand=no",
		"ConnectTimeout=15", "ServerAliveInterval=15", "ServerAliveCountMax=4",
	}
	if c.KnownHosts != "" {
		options = append(options, "UserKnownHostsFile="+sshQuote(c.KnownHosts))
	}
	if c.SSHKey != "" {
		options = append(options, "IdentitiesOnly=yes", "IdentityFile="+sshQuote(c.SSHKey))
	}
	words := []string{program, "-F", "none"}
	for _, option := range options {
		words = append(words, "-o", option)
	}
	for i := range words {
		words[i] = shellQuote(words[i])
	}
	return strings.Join(words, " ")
}

func shellQuote(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// sshQuote is for a path within ssh's own option syntax.
func sshQuote(path string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `%`, `%%`).Replace(path) + `"`
}

func bracketed(address netip.Addr) string {
	if address.Is4() {
		return address.String()
	}
	return "[" + address.String() + "]"
}
