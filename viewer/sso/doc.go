// Package sso lets a hospital's own sign-on open the accounts of that hospital: the
// authorization code flow of OpenID Connect Core 1.0 3.1 with PKCE (RFC 7636), state
// and nonce, and RP-Initiated Logout 1.0.
//
// A provider opens accounts of one hospital and of no other. Who somebody is there is
// issuer and subject, linked to an account beforehand (identity.LinkSSO); names, groups
// and e-mail addresses of the provider are not asked for and not looked at. What the
// provider says about how the person was authenticated (amr, RFC 8176; acr) counts as
// a second factor only where its entry says so.
//
// Providers are asked for their configuration when the first person signs in, so that
// one that is down keeps nobody else out; answers are bounded in size and time.
//
// Left out: dynamic registration, front- and back-channel logout, refresh tokens,
// userinfo, encrypted ID tokens.
package sso
