import { ApiError, NetworkError, isAbort, type Problem } from './error';
import type {
  Annotating,
  Candidate,
  Choice,
  Critical,
  LintFinding,
  LoopItem,
  LoopState,
  Marks,
  SectionChange,
  Sections,
  Delivery,
  Draft,
  Facility,
  FoundReport,
  Instance,
  ListFilter,
  ListState,
  Macro,
  Message,
  Me,
  Opening,
  OpeningAnswer,
  Outcome,
  Panel,
  PeerRule,
  Priority,
  Proposal,
  QualityState,
  RawPresentation,
  Reader,
  Preview,
  Report,
  ReportQuery,
  Room,
  RoomSummary,
  Rule,
  Study,
  StudyList,
  StudySummary,
  Template,
  Workitem,
  Worklist,
} from './types';

// Marks that turn the direction of the text after them (UAX #9): a name that holds one
// would be read as another, and so would what stands beside it.
const turning = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

function read(text: string): unknown {
  return JSON.parse(text.replace(turning, ''));
}

const base = '/api/v1';
// What the browser may keep until the sign-out: images, which do not change under their address.
const kept = [base + '/instances/', base + '/series/'];

type Query = Record<string, string | number | undefined>;

interface Call {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  body?: unknown;
  query?: Query;
  signal?: AbortSignal;
}

export interface ClientOptions {
  fetch?: typeof fetch;
  /** Called when a call other than the sign-in itself finds no session. */
  onUnauthenticated?: () => void;
  /** Called when an answer is not of the shape that is known here. */
  onStrange?: () => void;
  /** Called when an act needs a fresh proof of who sits there; true: it was given, ask again. */
  onReauthenticate?: () => Promise<boolean>;
}

/** How far the clock of the server is ahead of this machine's, from its Date header. */
export interface Clock {
  offsetMs: number;
}

// Client is the one door to the server. Ids are the server's, but they come
// back through the address bar, so each is escaped into its path.
export class Client {
  readonly clock: Clock = { offsetMs: 0 };
  private readonly fetch: typeof fetch;
  private readonly onUnauthenticated: () => void;
  private readonly onStrange: () => void;
  private readonly onReauthenticate: () => Promise<boolean>;
  private sessions = 0;
  private readonly annotated = new Set<() => void>();
  private readonly preparers = new Set<() => Promise<void>>();

  constructor(options: ClientOptions = {}) {
    this.fetch = options.fetch ?? ask;
    this.onUnauthenticated = options.onUnauthenticated ?? (() => {});
    this.onStrange = options.onStrange ?? (() => {});
    this.onReauthenticate = options.onReauthenticate ?? (() => Promise.resolve(false));
  }

  async signIn(login: string, password: string): Promise<Me> {
    return this.began(this.json<Me>('/session', { method: 'POST', body: { login, password } }));
  }
  /** Notes that who answers has a session from now on. */
  async began(answer: Promise<Me>): Promise<Me> {
    const who = await answer;
    this.sessions++;
    return who;
  }
  session(): Promise<Me> {
    return this.json('/session');
  }
  /** logout is where the session at the hospital's sign-on ends, too. */
  signOut(): Promise<{ logout: string } | undefined> {
    return this.json('/session', { method: 'DELETE' });
  }
  changePassword(current: string, next: string): Promise<void> {
    return this.json('/session/password', { method: 'POST', body: { current, new: next } });
  }

  // What somebody typed is of a patient, and so may be a cursor of chosen columns:
  // they go in a body, never in an address.
  worklist(state: ListState, q = '', cursor = '', limit = 100, signal?: AbortSignal): Promise<Worklist> {
    return this.worklistOf({ state, q }, cursor, limit, signal);
  }
  worklistOf(filter: ListFilter, cursor = '', limit = 100, signal?: AbortSignal): Promise<Worklist> {
    const { q, sort, ...plain } = filter;
    if (q || sort?.length) return this.json('/worklist/search', { method: 'POST', body: { ...filter, cursor, limit }, signal });
    return this.json('/worklist', { query: { ...plain, cursor, limit }, signal });
  }
  /** An item, its study and the picture that is shown first, in one answer. */
  async opening(id: string): Promise<Opening> {
    const opened: OpeningAnswer = await this.json(`/workitems/${esc(id)}/opening`);
    try {
      const seriesList = opened.study.seriesList.map(({ instances, shared, columns, ...s }) => {
        if (Object.values(columns).some((c) => c.length !== instances)) throw 0;
        return {
          ...s,
          instances: Array.from({ length: instances }, (_, n) => {
            const i = { ...shared } as Record<string, unknown>;
            for (const name in columns) i[name] = columns[name]![n];
            for (const name of ['preview', 'thumbnail']) i[name] = `/api/v1/instances/${i.id}/${name}`;
            return i as unknown as Instance;
          }),
        };
      });
      return { ...opened, study: { ...opened.study, seriesList } };
    } catch {
      // Of a server of another build: a page that stays open is older than it after an upgrade.
      this.onStrange();
      throw new ApiError(200, { code: 'strange' });
    }
  }
  workitem(id: string): Promise<Workitem> {
    return this.json(`/workitems/${esc(id)}`);
  }
  takeOver(id: string, reason: string): Promise<Workitem> {
    return this.json(`/workitems/${esc(id)}/takeover`, { method: 'POST', body: { reason } });
  }
  /** Why a reader was chosen for an item, and the others not. */
  choice(id: string): Promise<Choice> {
    return this.json(`/workitems/${esc(id)}/choice`);
  }
  claim(id: string): Promise<Workitem> {
    return this.json(`/workitems/${esc(id)}/claim`, { method: 'POST', body: {} });
  }
  reassign(id: string, panel: string, priority?: Priority): Promise<Workitem> {
    return this.json(`/workitems/${esc(id)}/reassign`, { method: 'POST', body: { panel, priority } });
  }

  draft(workitem: string): Promise<Draft> {
    return this.json(`/workitems/${esc(workitem)}/draft`);
  }
  saveDraft(workitem: string, draft: Omit<Draft, 'savedAt'>): Promise<{ revision: number; savedAt: string }> {
    return this.json(`/workitems/${esc(workitem)}/draft`, { method: 'PUT', body: draft });
  }
  annotations(workitem: string): Promise<Annotating> {
    return this.json(`/workitems/${esc(workitem)}/annotations`);
  }
  async saveAnnotations(workitem: string, a: Pick<Annotating, 'revision' | 'marks' | 'keys'>): Promise<{ revision: number; savedAt: string }> {
    const kept = await this.json<{ revision: number; savedAt: string }>(`/workitems/${esc(workitem)}/annotations`, { method: 'PUT', body: { ...a, savedAt: null } });
    for (const f of this.annotated) f();
    return kept;
  }
  /** f is called when marks or key images are on the server: rules ask about them. Returns the way out. */
  onAnnotated(f: () => void): () => void {
    this.annotated.add(f);
    return () => void this.annotated.delete(f);
  }
  /** What was signed with the versions of a study's report. */
  studyAnnotations(study: string): Promise<Annotating[]> {
    return this.json(`/studies/${esc(study)}/annotations`);
  }

  /** What must be on the server before a report is signed: marks on their way. Returns the way out. */
  beforeSigning(f: () => Promise<void>): () => void {
    this.preparers.add(f);
    return () => void this.preparers.delete(f);
  }

  /** Sees that what was to be on the server first is there. */
  async prepare() {
    await Promise.all([...this.preparers].map((f) => f()));
  }
  /** The saved draft as it would be signed. */
  async preview(workitem: string): Promise<Preview> {
    await this.prepare();
    return this.json(`/workitems/${esc(workitem)}/preview`);
  }
  /** Signs what a preview showed, and nothing else. */
  sign(workitem: string, revision: number, shown: Preview['shown']): Promise<Report> {
    return this.json(`/workitems/${esc(workitem)}/sign`, { method: 'POST', body: { revision, shown } });
  }
  templates(lang: string): Promise<Template[]> {
    return this.json('/templates', { query: { lang } });
  }
  /** What comes of a file of the MRRT profile; nothing is kept. */
  readTemplate(file: Blob, lang: string): Promise<Template> {
    return this.json('/templates/mrrt', { method: 'POST', body: new Blob([file], { type: 'text/html' }), query: { lang } });
  }
  /** Text of a recording, by the engine of the house. */
  dictate(workitem: string, recording: Blob, lang: string): Promise<{ text: string; source: string }> {
    return this.json(`/workitems/${esc(workitem)}/dictation`, { method: 'POST', body: recording, query: { lang } });
  }
  propose(workitem: string, sections: Sections, language: string): Promise<Proposal> {
    return this.json(`/workitems/${esc(workitem)}/proposal`, { method: 'POST', body: { language, sections } });
  }
  searchReports(q: ReportQuery): Promise<{ items: FoundReport[]; next: string | null }> {
    return this.json('/reports/search', { method: 'POST', body: q });
  }
  /** Reports for research, a JSON value a line. */
  exportReports(q: ReportQuery): Promise<Response> {
    return this.call(base + '/reports/research', { method: 'POST', body: q });
  }
  quality(): Promise<QualityState> {
    return this.json('/quality');
  }
  writeReview(id: string, score: string, note: string): Promise<void> {
    return this.json('/reviews', { method: 'POST', body: { id, score, note } });
  }
  seeReview(id: string, reply: string): Promise<void> {
    return this.json('/reviews/seen', { method: 'POST', body: { id, reply } });
  }
  setPeerRules(rules: PeerRule[]): Promise<void> {
    return this.json('/quality/rules', { method: 'PUT', body: { rules } });
  }
  outcomes(report: string): Promise<Outcome[]> {
    return this.json(`/reports/${esc(report)}/outcomes`);
  }
  tellOutcome(report: string, agrees: string, text: string): Promise<void> {
    return this.json(`/reports/${esc(report)}/outcomes`, { method: 'POST', body: { agrees, text } });
  }
  macros(): Promise<Macro[]> {
    return this.json('/texts');
  }
  keepMacro(m: Pick<Macro, 'id' | 'name' | 'text' | 'language' | 'shared' | 'revision'>): Promise<{ id: string; revision: number }> {
    return this.json('/texts', { method: 'PUT', body: m });
  }
  keepTemplate(t: Template, shared: boolean): Promise<{ id: string; revision: number }> {
    const { id, language, name, modality, bodyPart, items, sections, revision } = t;
    const template = { id: 'own', language, name, modality, bodyPart, order: 0, items, sections };
    return this.json('/texts', { method: 'PUT', body: { id: revision ? id : '', revision: revision ?? 0, shared, template } });
  }
  removeText(id: string): Promise<void> {
    return this.json('/texts/remove', { method: 'POST', body: { id } });
  }

  studies(
    filter: { state?: string; q?: string; facility?: string; from?: string; to?: string; cursor?: string; limit?: number },
    signal?: AbortSignal,
  ): Promise<StudyList> {
    if (filter.q) return this.json('/studies/search', { method: 'POST', body: filter, signal });
    return this.json('/studies', { query: filter, signal });
  }
  /** ahead: nobody looks at it yet, and the audit trail does not say so. */
  study(id: string, { ahead = false, signal }: { ahead?: boolean; signal?: AbortSignal } = {}): Promise<Study> {
    return this.json(`/studies/${esc(id)}`, { query: { ahead: ahead ? 1 : undefined }, signal });
  }
  /** Earlier studies of the same patient, the most comparable first. */
  priors(id: string): Promise<StudySummary[]> {
    return this.json(`/studies/${esc(id)}/priors`);
  }
  preference<T>(name: string): Promise<{ revision: number; value: T | null }> {
    return this.json(`/preferences/${esc(name)}`);
  }
  savePreference(name: string, revision: number, value: unknown): Promise<{ revision: number }> {
    return this.json(`/preferences/${esc(name)}`, { method: 'PUT', body: { revision, value } });
  }
  /** Begins a new version of what is signed, claimed by who asks. */
  addendum(study: string, kind: 'addendum' | 'correction' | 'retraction' = 'addendum'): Promise<Workitem> {
    return this.json(`/studies/${esc(study)}/addendum`, { method: 'POST', body: { kind } });
  }
  lint(workitem: string, sections: Sections, marks: Marks): Promise<LintFinding[]> {
    return this.json(`/workitems/${esc(workitem)}/lint`, { method: 'POST', body: { sections, marks } });
  }
  changes(report: string): Promise<SectionChange[]> {
    return this.json(`/reports/${esc(report)}/changes`);
  }
  receipts(report: string): Promise<LoopState> {
    return this.json(`/reports/${esc(report)}/receipts`);
  }
  receipt(report: string, step: 'acknowledged' | 'acted', note: string): Promise<LoopState> {
    return this.json(`/reports/${esc(report)}/receipts`, { method: 'POST', body: { step, note } });
  }
  nameOrderer(study: string, userId: string): Promise<void> {
    return this.json(`/studies/${esc(study)}/orderer`, { method: 'POST', body: { userId } });
  }
  loop(): Promise<{ items: LoopItem[]; criticals: Critical[] }> {
    return this.json('/loop');
  }
  tellCritical(id: string, contact: { told: string; how: string; reached: boolean; readBack: boolean; note: string }): Promise<Critical> {
    return this.json(`/criticals/${esc(id)}/contacts`, { method: 'POST', body: contact });
  }
  acknowledge(study: string): Promise<StudySummary> {
    return this.json(`/studies/${esc(study)}/received`, { method: 'POST', body: {} });
  }

  presentation(instance: string, frame: number, signal?: AbortSignal): Promise<RawPresentation> {
    return this.json(`/instances/${esc(instance)}/presentation`, { query: { frame }, signal });
  }

  report(id: string): Promise<Report> {
    return this.json(`/reports/${esc(id)}`);
  }
  retryDelivery(id: string): Promise<Delivery> {
    return this.json(`/deliveries/${esc(id)}/retry`, { method: 'POST', body: {} });
  }

  rooms(): Promise<{ items: RoomSummary[] }> {
    return this.json('/rooms');
  }
  room(id: string, before = ''): Promise<Room> {
    return this.json(`/rooms/${esc(id)}`, { query: { before } });
  }
  sayIn(room: string, id: string, body: string, mentions: string[]): Promise<Message> {
    return this.json(`/rooms/${esc(room)}/messages`, { method: 'POST', body: { id, body, mentions } });
  }
  showIn(room: string, picture: Blob): Promise<Message> {
    return this.json(`/rooms/${esc(room)}/pictures`, { method: 'POST', body: picture });
  }
  /** Whom a consult can ask. */
  candidates(room: string): Promise<Candidate[]> {
    return this.json(`/rooms/${esc(room)}/candidates`);
  }
  inviteRole(room: string, role: string): Promise<Room> {
    return this.json(`/rooms/${esc(room)}/invitations`, { method: 'POST', body: { role } });
  }
  askConsult(room: string, question: string, candidates: string[]): Promise<Room> {
    return this.json(`/rooms/${esc(room)}/consults`, { method: 'POST', body: { question, candidates } });
  }
  answerConsult(room: string, accept: boolean): Promise<void> {
    return this.json(`/rooms/${esc(room)}/answer`, { method: 'POST', body: { accept } });
  }
  decideConsult(room: string, decision: { consult: string; withdraw?: boolean; transfer?: string; note?: string }): Promise<Room> {
    return this.json(`/rooms/${esc(room)}/decision`, { method: 'POST', body: decision });
  }
  readRoom(room: string, upTo: string): Promise<void> {
    return this.json(`/rooms/${esc(room)}/read`, { method: 'POST', body: { upTo } });
  }

  facilities(): Promise<Facility[]> {
    return this.json('/facilities');
  }
  panels(): Promise<Panel[]> {
    return this.json('/panels');
  }
  readers(): Promise<Reader[]> {
    return this.json('/readers');
  }
  rules(lang: string): Promise<Rule[]> {
    return this.json('/rules', { query: { lang } });
  }

  /** A series as one stream (viewer/bundle); null when the server has none of it. */
  async bundle(series: string, url?: string | null, signal?: AbortSignal): Promise<Response | null> {
    // The address that names the content may be that of content which has changed since.
    for (const at of [url, `${base}/series/${esc(series)}/bundle`]) {
      try {
        if (at) return await this.call(at, { signal });
      } catch (e) {
        if (!(e instanceof ApiError && e.status === 404)) throw e;
      }
    }
    return null;
  }

  /** The bytes of a picture or of a frame, with the headers that describe them. */
  async bytes(url: string, signal?: AbortSignal): Promise<{ body: ArrayBuffer; headers: Headers }> {
    const res = await this.call(url, { signal });
    try {
      return { body: await res.arrayBuffer(), headers: res.headers };
    } catch (e) {
      throw isAbort(e) ? e : new NetworkError(e);
    }
  }

  async json<T>(path: string, call: Call = {}): Promise<T> {
    const res = await this.call(base + path, call);
    if (res.status === 204) return undefined as T;
    try {
      return read(await res.text()) as T;
    } catch (e) {
      throw isAbort(e) ? e : new NetworkError(e);
    }
  }

  private async call(url: string, call: Call): Promise<Response> {
    const { method = 'GET', body, query, signal } = call;
    const session = this.sessions;
    const init: RequestInit = { method, credentials: 'same-origin', cache: kept.some((p) => url.startsWith(p)) ? 'default' : 'no-store' };
    if (signal) init.signal = signal;
    const headers: Record<string, string> = { Accept: 'application/json, application/problem+json;q=0.9, */*;q=0.1' };
    if (body !== undefined) {
      const file = body instanceof Blob;
      headers['Content-Type'] = file ? body.type : 'application/json';
      init.body = file ? body : JSON.stringify(body);
    }
    init.headers = headers;
    let res: Response;
    try {
      res = await this.fetch(url + queryString(query), init);
    } catch (e) {
      throw isAbort(e) ? e : new NetworkError(e);
    }
    this.readClock(res.headers);
    if (res.ok) return res;
    const error = new ApiError(res.status, await problemOf(res));
    if (error.code === 'reauthenticate' && (await this.onReauthenticate())) return this.call(url, call);
    const signingIn = method === 'POST' && (url === base + '/session' || url === base + '/session/passkey/answer');
    if (res.status === 401 && !signingIn) {
      // Asked before the present session began: nothing was done, ask again.
      if (session !== this.sessions) return this.call(url, call);
      this.onUnauthenticated();
    }
    throw error;
  }

  // The clocks that count down to a deadline run on the server's time: a
  // reader's own machine may be minutes off. Date has whole seconds.
  private readClock(headers: Headers) {
    const at = Date.parse(headers.get('Date') ?? '');
    if (Number.isNaN(at)) return;
    const offset = at - Date.now();
    this.clock.offsetMs = Math.abs(offset) < 2000 ? 0 : offset;
  }
}

export function documentURL(kind: 'pdf' | 'sr', report: string): string {
  return `${base}/reports/${esc(report)}/${kind}`;
}
export function templateURL(id: string, lang: string): string {
  return `${base}/templates/mrrt${queryString({ id, lang })}`;
}
export function fileURL(instance: string): string {
  return `${base}/instances/${esc(instance)}/file`;
}
export function frameURL(instance: string, frame: number): string {
  return `${base}/instances/${esc(instance)}/frames/${frame}`;
}

// What early.ts has asked for already is taken, once.
const ask: typeof fetch = (input, init) => {
  const asked = init?.method === 'GET' && globalThis.early?.[input as string];
  if (!asked) return fetch(input, init);
  delete globalThis.early![input as string];
  return asked;
};

function esc(id: string): string {
  return encodeURIComponent(id);
}

function queryString(query: Query | undefined): string {
  const p = new URLSearchParams();
  for (const [k, v] of Object.entries(query ?? {})) if (v !== undefined && v !== '') p.set(k, String(v));
  const s = p.toString();
  return s ? '?' + s : '';
}

async function problemOf(res: Response): Promise<Problem> {
  if (!(res.headers.get('Content-Type') ?? '').includes('json')) return {};
  try {
    const p: unknown = await res.json();
    return p && typeof p === 'object' ? (p as Problem) : {};
  } catch {
    return {};
  }
}

