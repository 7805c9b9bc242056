// The bundle of a series (viewer/bundle): "DKB1", then records of four letters, a
// frame number and a length, big endian, and a payload.

export interface BundleRecord {
  kind: string;
  frame: number;
  payload: Uint8Array<ArrayBuffer>;
}

const magic = 'DKB1';
const head = 12;
const maxPayload = 1 << 30;

export class BundleError extends Error {}

// Records takes a bundle as it comes, in pieces of any size, and gives its records.
// Each payload is a copy of its own, so that it can be handed to a worker.
export class Records {
  private pieces: Uint8Array[] = [];
  private have = 0;
  private begun = false;
  private next: { kind: string; frame: number; length: number } | null = null;

  /** The records that are whole with this piece. */
  *push(piece: Uint8Array): Generator<BundleRecord> {
    this.pieces.push(piece);
    this.have += piece.length;
    if (!this.begun) {
      if (this.have < magic.length) return;
      if (text(this.take(magic.length)) !== magic) throw new BundleError('no bundle');
      this.begun = true;
    }
    for (;;) {
      if (!this.next) {
        if (this.have < head) return;
        const b = this.take(head);
        const v = new DataView(b.buffer);
        this.next = { kind: text(b.subarray(0, 4)), frame: v.getUint32(4), length: v.getUint32(8) };
        if (this.next.length > maxPayload) throw new BundleError(`record of ${this.next.length} bytes`);
      }
      if (this.have < this.next.length) return;
      const { kind, frame, length } = this.next;
      this.next = null;
      yield { kind, frame, payload: this.take(length) };
    }
  }

  private take(n: number): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(n);
    let at = 0;
    while (at < n) {
      const first = this.pieces[0]!;
      const part = first.subarray(0, n - at);
      out.set(part, at);
      at += part.length;
      if (part.length === first.length) this.pieces.shift();
      else this.pieces[0] = first.subarray(part.length);
    }
    this.have -= n;
    return out;
  }
}

function text(b: Uint8Array): string {
  return String.fromCharCode(...b);
}
