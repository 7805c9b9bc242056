// What the sign-in has to know about passkeys before one is used: see webauthn.ts.

/** Not on a bare address: passkeys are made for names. */
export function hasPasskeys(): boolean {
  return !/^[\d.]+$|:/.test(location.hostname) && typeof PublicKeyCredential !== 'undefined' && typeof navigator.credentials?.get === 'function';
}

/** Somebody closed the browser's own dialog: no error to show. */
export function cancelled(e: unknown): boolean {
  return e instanceof DOMException && (e.name === 'NotAllowedError' || e.name === 'AbortError');
}
