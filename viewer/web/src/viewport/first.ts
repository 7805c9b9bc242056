// The picture that src/early.ts shows while the page is made.

// How long the page waits for it, in milliseconds: what takes longer the page brings itself.
const patience = 1000;

/** Is fulfilled when it has been seen, or is not to be waited for. */
export function firstSeen(): Promise<unknown> {
  return Promise.race([globalThis.first, globalThis.first && new Promise((done) => setTimeout(done, patience))]);
}

/** The page shows what is to be seen now. */
export function firstOver() {
  document.getElementById('first')?.remove();
}
