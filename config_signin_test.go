package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drover/rules/permission"
)

// signInEnvironment is an environment in which people sign in.
func signInEnvironment(more ...string) []string {
	return append([]string{
		"DROVER_OIDC_ISSUER=https://login.example.org/realms/ci", "DROVER_OIDC_CLIENT_ID=drover", "DROVER_OIDC_CLIENT_SECRET=s3cret",
		"DROVER_OIDC_ROLES=admin=ci-admins, operator=lab staff,triager=ci", "DROVER_URL=https://ci.example.org",
	}, more...)
}

// signsIn is what that environment sets.
func signsIn(c *Config) {
	c.Issuer, c.ClientID, c.ClientSecret, c.URL = "https://login.example.org/realms/ci", "drover", "s3cret", "https://ci.example.org"
	c.GroupRoles = map[string][]permission.Role{"ci-admins": {permission.Admin}, "lab staff": {permission.Operator}, "ci": {permission.Triager}}
}

func TestSignInSettings(t *testing.T) {
	c, err := readConfig(signInEnvironment())
	if err != nil {
		t.Fatal(err)
	}
	want := standard(t)
	signsIn(&want)
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
	for _, one := range []struct{ set, want string }{
		{"DROVER_OIDC_ISSUER=http://login.example.org", "needs https"},
		{"DROVER_OIDC_ISSUER=login.example.org", "no address of an identity provider"},
		{"DROVER_OIDC_ISSUER=https://u:p@login.example.org", "no address of an identity provider"},
		{"DROVER_OIDC_ISSUER=https://login.example.org?x=1", "no query"},
		{"DROVER_OIDC_ISSUER=", "DROVER_OIDC_ISSUER: set it too"},
		{"DROVER_OIDC_CLIENT_ID=", "DROVER_OIDC_CLIENT_ID"},
		{"DROVER_OIDC_SCOPES=profile", "openid"},
		{"DROVER_OIDC_ROLES=operator=lab", "admin=ci-admins"},
		{"DROVER_OIDC_ROLES=root=ci-admins", "no role with a group"},
		{"DROVER_OIDC_ROLES=owner=ci", "no role with a group"},
		{"DROVER_OIDC_ROLES=admin=", "no role with a group"},
		{"DROVER_URL=http://ci.example.org", "need https"},
	} {
		if _, err := readConfig(signInEnvironment(one.set)); err == nil || !strings.Contains(err.Error(), one.want) {
			t.Errorf("%s: %v, want %q", one.set, err, one.want)
		}
	}
	for _, set := range []string{"DROVER_OIDC_ISSUER=http://127.0.0.1:3000", "DROVER_OIDC_ISSUER=http://localhost:3000/x", "DROVER_OIDC_ISSUER=http://[::1]:3000", "DROVER_URL=http://127.0.0.1:8080"} {
		if _, err := readConfig(signInEnvironment(set)); err != nil {
			t.Errorf("%s: %v", set, err)
		}
	}
	if _, err := readConfig([]string{"DROVER_CLOSED=true"}); err != nil {
		t.Errorf("closed on loopback, where the token signs in: %v", err)
	}
	if _, err := readConfig([]string{"DROVER_CLOSED=true", "DROVER_LISTEN=0.0.0.0:80"}); err == nil {
		t.Error("nobody could sign in")
	}
}
