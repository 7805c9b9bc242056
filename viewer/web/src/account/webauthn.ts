// Passkeys (WebAuthn Level 3): what the server asks in JSON becomes what the
// browser takes, and back. The browsers' own conversions are younger than some
// browsers that radiologists use.
import type { Me } from '../api/types';
import { api } from '../session';

interface Question {
  id: string;
  options: Record<string, unknown>;
}

/** Signs in by a passkey, or proves the session there is. */
export async function askPasskey(): Promise<Me> {
  const q = await api.json<Question>('/session/passkey', { method: 'POST', body: {} });
  const made = await navigator.credentials.get({ publicKey: decoded(q.options) as unknown as PublicKeyCredentialRequestOptions });
  return api.began(api.json<Me>('/session/passkey/answer', { method: 'POST', body: { id: q.id, credential: encoded(made) } }));
}

/** Registers a passkey for who is signed in. */
export async function makePasskey(name: string): Promise<Me> {
  const q = await api.json<Question>('/account/passkeys', { method: 'POST', body: {} });
  const made = await navigator.credentials.create({ publicKey: decoded(q.options) as unknown as PublicKeyCredentialCreationOptions });
  return api.json<Me>('/account/passkeys/answer', { method: 'POST', body: { id: q.id, name, credential: encoded(made) } });
}

function decoded(o: Record<string, unknown>): Record<string, unknown> {
  const ids = (list: unknown) => (list as { id: string }[] | undefined)?.map((c) => ({ ...c, id: bytes(c.id) }));
  const out: Record<string, unknown> = { ...o, challenge: bytes(o.challenge as string) };
  const user = o.user as { id: string } | undefined;
  if (user) out.user = { ...user, id: bytes(user.id) };
  if (o.allowCredentials) out.allowCredentials = ids(o.allowCredentials);
  if (o.excludeCredentials) out.excludeCredentials = ids(o.excludeCredentials);
  return out;
}

function encoded(c: Credential | null): unknown {
  if (!(c instanceof PublicKeyCredential)) throw new DOMException('no passkey', 'NotAllowedError');
  const r = c.response;
  const response: Record<string, unknown> = { clientDataJSON: text(r.clientDataJSON) };
  if (r instanceof AuthenticatorAttestationResponse) {
    response.attestationObject = text(r.attestationObject);
    response.transports = r.getTransports?.() ?? [];
  } else if (r instanceof AuthenticatorAssertionResponse) {
    response.authenticatorData = text(r.authenticatorData);
    response.signature = text(r.signature);
    response.userHandle = r.userHandle ? text(r.userHandle) : null;
  }
  return { id: c.id, rawId: text(c.rawId), type: c.type, response, authenticatorAttachment: c.authenticatorAttachment, clientExtensionResults: {} };
}

function bytes(s: string): Uint8Array<ArrayBuffer> {
  const raw = atob(s.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(raw, (x) => x.charCodeAt(0));
}

function text(b: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(b)))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '');
}
