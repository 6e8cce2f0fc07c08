// A real identity provider for the browser test, which starts it as
// node oidc_provider.mjs PORT SITE LIBRARY. It believes every name; ola
// administers, whoever else comes is a kernel developer.
const [port, site, library] = process.argv.slice(2);
const { default: Provider } = await import(library);

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: "drover",
    client_secret: "a secret of the test",
    redirect_uris: [`${site}/login/back`],
    post_logout_redirect_uris: [`${site}/`],
  }],
  pkce: { required: () => true },
  claims: { openid: ["sub", "groups"], profile: ["name"], email: ["email", "email_verified"] },
  cookies: { keys: ["a key of the test"] },
  findAccount: (_, name) => ({
    accountId: name,
    claims: () => ({
      sub: name, name: name[0].toUpperCase() + name.slice(1), email: `${name}@example.com`, email_verified: true,
      groups: name === "ola" ? ["ci-admins", "lab"] : ["kernel"],
    }),
  }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
