// A Problem is what the server says when it does not do what was asked
// (RFC 9457). The pages translate its code; title and detail are for the log
// of the browser and for codes the dictionary does not have.
export interface Problem {
  type?: string;
  title?: string;
  status?: number;
  code?: string;
  detail?: string;
  /** Sections of a report that are empty, or have a blank of their template left. */
  missing?: string[];
  blanks?: string[];
  /** Engines whose text nobody has read. */
  unseen?: string[];
  /** Parts of a report that are not what was shown before it was signed. */
  changed?: string[];
}

/** The server answered, and the answer is no. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly missing: string[];
  readonly blanks: string[];
  readonly unseen: string[];
  readonly changed: string[];

  constructor(status: number, problem: Problem = {}) {
    super(problem.title ?? `HTTP ${status}`);
    this.name = 'ApiError';
    this.status = status;
    this.code = problem.code || codeOf(status);
    this.detail = problem.detail ?? '';
    this.missing = problem.missing ?? [];
    this.blanks = problem.blanks ?? [];
    this.unseen = problem.unseen ?? [];
    this.changed = problem.changed ?? [];
  }
}

/** The server did not answer: no network, or it is not running. */
export class NetworkError extends Error {
  readonly code = 'network';

  constructor(cause: unknown) {
    super('no answer from the server', { cause });
    this.name = 'NetworkError';
  }
}

// A proxy in between may answer without a problem document.
function codeOf(status: number): string {
  switch (status) {
    case 401:
      return 'unauthenticated';
    case 403:
      return 'forbidden';
    case 404:
      return 'not_found';
    case 409:
      return 'conflict';
    case 413:
      return 'too_large';
    case 415:
      return 'unsupported';
    case 429:
      return 'slow_down';
    default:
      return status >= 500 ? 'server' : 'bad_request';
  }
}

/** The stable code of anything thrown by the client. */
export function errorCode(e: unknown): string {
  if (e instanceof ApiError || e instanceof NetworkError) return e.code;
  return 'unknown';
}

/** Worth asking again: nobody answered, or the server is not well or busy. */
export function isPassing(e: unknown): boolean {
  return e instanceof NetworkError || (e instanceof ApiError && (e.status >= 500 || e.status === 429));
}

export function isAbort(e: unknown): boolean {
  return e instanceof DOMException && e.name === 'AbortError';
}
