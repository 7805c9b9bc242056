import type { Answer } from './decode.worker';

interface Job {
  kind: string;
  payload: Uint8Array<ArrayBuffer>;
  samples: number;
  /** Workers that died of it, or before they came to it. */
  tries: number;
  done: (a: Answer) => void;
  failed: (e: unknown) => void;
}

/** As many as the machine has processors, less one for the page. */
const most = typeof navigator === 'undefined' ? 1 : Math.max(1, Math.min(4, (navigator.hardwareConcurrency || 2) - 1));

/** Workers that a frame is given to before it goes another way. */
const enough = 2;

// Pool hands frames to workers. They are started with the first frame and hold
// nothing between two. One that cannot start, or dies, is replaced.
export class Pool {
  readonly size = most;
  private readonly idle: Worker[] = [];
  private readonly all: Worker[] = [];
  private readonly waiting: Job[] = [];
  private readonly jobs = new Map<Worker, Job>();

  decode(kind: string, payload: Uint8Array<ArrayBuffer>, samples: number): Promise<Answer> {
    return new Promise((done, failed) => {
      this.waiting.push({ kind, payload, samples, tries: 0, done, failed });
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
    this.jobs.set(worker, job);
    // The payload is copied: it stays for when the decoded frame has been let go.
    worker.postMessage({ kind: job.kind, payload: job.payload, samples: job.samples });
  }

  private hire(): Worker {
    const worker = new Worker(new URL('./decode.worker.ts', import.meta.url), { type: 'module' });
    this.all.push(worker);
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      const job = this.take(worker);
      if (data.error) job?.failed(new Error(data.error));
      else job?.done(data);
      this.idle.push(worker);
      this.next();
    };
    worker.onerror = (e) => {
      e.preventDefault();
      worker.terminate();
      for (const list of [this.all, this.idle]) if (list.includes(worker)) list.splice(list.indexOf(worker), 1);
      const job = this.take(worker);
      if (job && ++job.tries < enough) this.waiting.unshift(job);
      else job?.failed(new Error('no decoder'));
      this.next();
    };
    return worker;
  }

  private take(worker: Worker): Job | undefined {
    const job = this.jobs.get(worker);
    this.jobs.delete(worker);
    return job;
  }
}
