import type { Answer } from './decode.worker';

interface Job {
  kind: string;
  payload: Uint8Array<ArrayBuffer>;
  samples: number;
  done: (a: Answer) => void;
  failed: (e: unknown) => void;
}

/** As many as the machine has processors, less one for the page. */
const most = typeof navigator === 'undefined' ? 1 : Math.max(1, Math.min(4, (navigator.hardwareConcurrency || 2) - 1));

// Pool hands frames to workers. They are started with the first frame and hold
// nothing between two.
export class Pool {
  readonly size = most;
  private readonly idle: Worker[] = [];
  private readonly all: Worker[] = [];
  private readonly waiting: Job[] = [];
  private readonly jobs = new Map<number, Job>();
  private last = 0;

  decode(kind: string, payload: Uint8Array<ArrayBuffer>, samples: number): Promise<Answer> {
    return new Promise((done, failed) => {
      this.waiting.push({ kind, payload, samples, done, failed });
      this.next();
    });
  }

  stop() {
    for (const w of this.all) w.terminate();
    this.all.length = this.idle.length = 0;
    for (const j of [...this.waiting.splice(0), ...this.jobs.values()]) j.failed(new DOMException('stopped', 'AbortError'));
    this.jobs.clear();
  }

  private next() {
    const job = this.waiting[0];
    if (!job) return;
    const worker = this.idle.pop() ?? (this.all.length < this.size ? this.hire() : null);
    if (!worker) return;
    this.waiting.shift();
    const id = ++this.last;
    this.jobs.set(id, job);
    // The payload is copied: it stays for when the decoded frame has been let go.
    worker.postMessage({ id, kind: job.kind, payload: job.payload, samples: job.samples });
  }

  private hire(): Worker {
    const worker = new Worker(new URL('./decode.worker.ts', import.meta.url), { type: 'module' });
    this.all.push(worker);
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      this.settle(data.id, (j) => (data.error ? j.failed(new Error(data.error)) : j.done(data)));
      this.idle.push(worker);
      this.next();
    };
    // A worker that cannot start, or died: what it had, and all that waits, goes another way.
    worker.onerror = (e) => {
      e.preventDefault();
      for (const id of [...this.jobs.keys()]) this.settle(id, (j) => j.failed(new Error('no decoder')));
      for (const j of this.waiting.splice(0)) j.failed(new Error('no decoder'));
    };
    return worker;
  }

  private settle(id: number, f: (j: Job) => void) {
    const job = this.jobs.get(id);
    this.jobs.delete(id);
    if (job) f(job);
  }
}
