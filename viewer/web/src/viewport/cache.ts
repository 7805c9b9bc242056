// ByteCache keeps values up to a number of bytes. What is least wanted goes
// first: the caller ranks, since for a stack of slices "used long ago" says
// less than "far from where the reader is".
export class ByteCache<V extends { bytes: number }> {
  private readonly entries = new Map<string, V>();
  private used = 0;

  constructor(
    readonly limit: number,
    private readonly rank: (key: string) => number,
  ) {}

  get size(): number {
    return this.entries.size;
  }
  get bytes(): number {
    return this.used;
  }
  has(key: string): boolean {
    return this.entries.has(key);
  }
  get(key: string): V | undefined {
    return this.entries.get(key);
  }

  set(key: string, value: V) {
    this.delete(key);
    this.entries.set(key, value);
    this.used += value.bytes;
    while (this.used > this.limit && this.entries.size > 1) this.delete(this.leastWanted(key));
  }

  delete(key: string) {
    const old = this.entries.get(key);
    if (!old) return;
    this.entries.delete(key);
    this.used -= old.bytes;
  }

  clear() {
    this.entries.clear();
    this.used = 0;
  }

  // The newest entry stays: dropping what was just asked for would fetch it for ever.
  private leastWanted(keep: string): string {
    let worst = '';
    let worstRank = -Infinity;
    for (const key of this.entries.keys()) {
      if (key === keep) continue;
      const r = this.rank(key);
      if (r > worstRank) {
        worst = key;
        worstRank = r;
      }
    }
    return worst;
  }
}
