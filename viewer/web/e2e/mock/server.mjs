// A stand-in for the server, to develop the pages against and to photograph
// them: the JSON API over a little world in memory, under the same content
// security policy. Not part of the product.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { colourPNG, greyPNG } from './pixels.mjs';
import * as world from './world.mjs';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const sessions = new Map();
const streams = new Set();
// Slow enough to see a preview before its frame.
const delay = Number(process.env.MOCK_DELAY ?? 15);
let seq = 0;

class Refusal extends Error {
  constructor(status, code, detail = '') {
    super(code);
    Object.assign(this, { status, code, detail });
  }
}

const routes = [];
const on = (method, path, f) => routes.push({ method, path: new RegExp('^/api/v1' + path.replace(/:\w+/g, '([^/]+)') + '$'), f });

on('POST', '/session', (c) => {
  const u = world.users.find((x) => x.login === c.body.login && x.password === c.body.password);
  if (!u) throw new Refusal(401, 'bad_credentials');
  const id = Math.random().toString(36).slice(2);
  sessions.set(id, u);
  c.res.setHeader('Set-Cookie', `dokuei_session=${id}; HttpOnly; SameSite=Strict; Path=/`);
  return meOf(u);
});
on('DELETE', '/session', (c) => {
  sessions.delete(c.session);
});
on('GET', '/session', (c) => meOf(c.user));
// For tests of the pages: the session ends while they are open.
on('POST', '/mock/expire', (c) => {
  sessions.delete(c.session);
});

on('GET', '/worklist', (c) => {
  const mine = (w) => w.claimedBy?.id === c.user.userId;
  const seen = world.workitems.filter((w) => c.user.role !== 'reader' || c.user.panels.includes(w.panel.id));
  const pick = { open: (w) => w.state === 'SCHEDULED' || (w.state === 'IN PROGRESS' && !mine(w)), mine: (w) => w.state === 'IN PROGRESS' && mine(w), done: (w) => w.state === 'COMPLETED', all: () => true };
  const counts = Object.fromEntries(['open', 'mine', 'done'].map((k) => [k, seen.filter(pick[k]).length]));
  const order = { STAT: 0, URGENT: 1, ROUTINE: 2 };
  const items = seen.filter(pick[c.query.get('state') ?? 'open']).sort((a, b) => order[a.priority] - order[b.priority] || a.deadline.localeCompare(b.deadline));
  return { items: items.map(itemOf), next: null, counts };
});
on('POST', '/worklist/search', (c) => {
  const items = world.workitems.filter((w) => [w.study.patient.patientId, w.study.patient.ideographic, w.study.description].join(' ').includes(c.body.q)).map(itemOf);
  return { items, next: null, counts: { open: items.length, mine: 0, done: 0 } };
});
on('POST', '/studies/search', (c) => ({ items: world.studies.filter((s) => [s.patient.patientId, s.patient.ideographic, s.description].join(' ').includes(c.body.q)).map(summaryOf), next: null }));
on('POST', '/session/password', (c) => {
  if (c.body.current !== c.user.password) throw new Refusal(403, 'bad_password');
  c.user.password = c.body.new;
});
on('GET', '/workitems/:id', (c, id) => itemOf(find(id)));
on('POST', '/workitems/:id/claim', (c, id) => {
  const w = find(id);
  if (w.state !== 'SCHEDULED') throw new Refusal(409, 'already_claimed');
  Object.assign(w, { state: 'IN PROGRESS', claimedBy: person(c.user), claimedAt: new Date().toISOString() });
  w.study.reportState = 'reading';
  tell('workitem', w);
  return itemOf(w);
});
on('POST', '/workitems/:id/release', (c, id) => {
  const w = find(id);
  const replacement = { ...w, id: world.newID(), state: 'SCHEDULED', claimedBy: null, claimedAt: null, replaces: w.id };
  Object.assign(w, { state: 'CANCELED', replacedBy: replacement.id });
  w.study.reportState = 'none';
  world.workitems.push(replacement);
  tell('workitem', w);
  return { released: itemOf(w), replacement: itemOf(replacement) };
});
on('POST', '/workitems/:id/reassign', (c, id) => {
  const w = find(id);
  const p = world.panels.find((x) => x.id === c.body.panel);
  if (!p) throw new Refusal(400, 'weak_input');
  Object.assign(w, { panel: { id: p.id, name: p.name, nameEn: p.nameEn }, priority: c.body.priority ?? w.priority, state: 'SCHEDULED', claimedBy: null });
  tell('workitem', w);
  return itemOf(w);
});
on('GET', '/workitems/:id/draft', (c, id) => draftOf(find(id).id));
on('PUT', '/workitems/:id/draft', (c, id) => {
  const w = find(id);
  const d = draftOf(w.id);
  if (w.claimedBy?.id !== c.user.userId) throw new Refusal(403, 'forbidden');
  if (d.revision !== c.body.revision) throw new Refusal(409, 'stale_draft');
  const next = { ...d, ...c.body, revision: d.revision + 1, savedAt: new Date().toISOString() };
  world.drafts.set(w.id, next);
  w.study.reportState = 'draft';
  return { revision: next.revision, savedAt: next.savedAt };
});
on('GET', '/studies/:id/priors', () => []);
const preferences = new Map();
on('GET', '/preferences/:name', (c, name) => preferences.get(c.user.userId + name) ?? { revision: 0, value: null });
on('PUT', '/preferences/:name', (c, name) => {
  const next = { revision: c.body.revision + 1, value: c.body.value };
  preferences.set(c.user.userId + name, next);
  return { revision: next.revision };
});
const annotations = new Map();
const annotationsOf = (id) => annotations.get(id) ?? { revision: 0, marks: [], keys: [], savedAt: null };
on('GET', '/workitems/:id/annotations', (c, id) => annotationsOf(id));
on('PUT', '/workitems/:id/annotations', (c, id) => {
  const now = annotationsOf(id);
  if (now.revision !== c.body.revision) throw new Refusal(409, 'stale_draft');
  const next = { ...c.body, revision: now.revision + 1, savedAt: new Date().toISOString() };
  annotations.set(id, next);
  return { revision: next.revision, savedAt: next.savedAt };
});
on('GET', '/studies/:id/annotations', (c, id) => world.workitems.filter((w) => w.study.id === id && w.state === 'COMPLETED').map((w) => annotationsOf(w.id)));
on('GET', '/workitems/:id/preview', (c, id) => {
  const { revision, sections, language } = draftOf(find(id).id);
  return { revision, sections, language, marks: {}, kind: 'final', keys: annotationsOf(id).keys.length, drawn: annotationsOf(id).marks.length, shown: { hash: String(revision), parts: {} } };
});
on('POST', '/workitems/:id/sign', (c, id) => {
  const w = find(id);
  const d = draftOf(w.id);
  if (d.revision !== c.body.revision) throw new Refusal(409, 'stale_draft');
  if (!d.sections.findings.trim() || !d.sections.impression.trim()) throw new Refusal(422, 'weak_input');
  const report = world.readAlready(w.study, c.user.login, d.sections, 'pending');
  Object.assign(w, { state: 'COMPLETED', completedAt: new Date().toISOString() });
  setTimeout(() => {
    for (const x of report.deliveries) Object.assign(x, { state: 'delivered', attempts: 1, deliveredAt: new Date().toISOString() });
    w.study.deliveries = { delivered: 2, pending: 0, failed: 0 };
    tell('delivery', w);
  }, 1500);
  tell('report', w);
  return report;
});
on('POST', '/workitems/:id/lint', () => []);
on('GET', '/reports/:id/changes', () => []);
on('GET', '/reports/:id/receipts', () => ({ versions: [], receipts: [], criticals: [], orderer: null, mine: false, staff: [] }));
on('GET', '/loop', () => ({ items: [], criticals: [] }));
on('GET', '/templates', (c) => world.templates[c.query.get('lang')] ?? world.templates.en);

on('GET', '/studies', (c) => ({ items: world.studies.filter((s) => c.user.role !== 'hospital' || s.facility.id === c.user.facility).map(summaryOf), next: null }));
on('GET', '/studies/:id', (c, id) => {
  const s = studyOf(c, id);
  return { ...s, workitems: world.workitems.filter((w) => w.study === s).map(itemOf) };
});
on('POST', '/studies/:id/received', (c, id) => {
  const s = studyOf(c, id);
  s.receivedAck = { at: new Date().toISOString(), by: c.user.name };
  tell('study', { study: s });
  return summaryOf(s);
});
on('GET', '/reports/:id', (c, id) => world.reports.get(id) ?? missing());
on('GET', '/reports/:id/pdf', (c) => {
  c.res.setHeader('Content-Type', 'application/pdf');
  return Buffer.from('%PDF-1.4\n%%EOF\n');
});
on('GET', '/reports/:id/sr', (c) => {
  c.res.setHeader('Content-Type', 'application/dicom');
  return Buffer.concat([Buffer.alloc(128), Buffer.from('DICM')]);
});
on('POST', '/deliveries/:id/retry', (c, id) => {
  for (const r of world.reports.values()) {
    const d = r.deliveries.find((x) => x.id === id);
    if (!d) continue;
    Object.assign(d, { state: 'pending', nextAt: new Date().toISOString() });
    return d;
  }
  return missing();
});

on('GET', '/instances/:id/thumbnail', (c, id) => picture(c, id, 128));
on('GET', '/instances/:id/preview', (c, id) => picture(c, id, 512));
on('GET', '/instances/:id/frames/:n', (c, id, n) => {
  const i = world.instances.get(id) ?? missing();
  if (!i.draw) throw new Refusal(415, 'no_decoder', i.transferSyntaxName);
  const px = i.draw(Number(n));
  const h = { Rows: i.rows, Columns: i.columns, Samples: i.samples, Bits: i.bitsAllocated, Signed: i.signed };
  for (const [k, v] of Object.entries(h)) c.res.setHeader(`X-Dokuei-${k}`, String(v));
  c.res.setHeader('Content-Type', 'application/octet-stream');
  c.res.setHeader('Cache-Control', 'private, max-age=60');
  return Buffer.from(px.buffer);
});
on('GET', '/instances/:id/file', (c) => {
  c.res.setHeader('Content-Type', 'application/dicom');
  return Buffer.from('DICM');
});

// The room of a study: everybody of it has a seat.
const said = new Map();
const roomOf = (c, id) => ({ id, studyId: studyOf(c, id).id, private: null, members: world.users.filter((u) => u.role !== 'admin').map((u) => ({ ...person(u), role: u.role })), messages: said.get(id) ?? [], more: false, consults: [] });
const sayIn = (c, id, message) => {
  const room = roomOf(c, id);
  const m = { id: world.newID(), room: id, studyId: id, at: new Date().toISOString(), author: person(c.user), body: '', mentions: [], picture: null, readBy: [], ...message };
  said.set(id, [...room.messages, m]);
  tell('room', { study: { id } });
  return m;
};
on('GET', '/rooms', (c) => ({ items: [...said].map(([room, list]) => ({ room, lastAt: list.at(-1).at, messages: list.length, mentions: 0, unread: list.filter((m) => m.author.id !== c.user.userId && !m.readBy.some((r) => r.id === c.user.userId)).length })) }));
on('GET', '/rooms/:id', roomOf);
on('POST', '/rooms/:id/messages', (c, id) => sayIn(c, id, { id: c.body.id, body: c.body.body, mentions: world.users.filter((u) => c.body.mentions.includes(u.userId)).map(person) }));
on('POST', '/rooms/:id/read', (c, id) => {
  for (const m of roomOf(c, id).messages) if (m.author.id !== c.user.userId && !m.readBy.some((r) => r.id === c.user.userId)) m.readBy.push({ ...person(c.user), at: new Date().toISOString() });
  tell('room', { study: { id } });
});

on('GET', '/facilities', () => world.facilities);
on('GET', '/panels', () => world.panels);
on('GET', '/readers', () => world.users.filter((u) => u.role === 'reader').map((u) => ({ id: u.userId, login: u.login, name: u.name, nameEn: u.nameEn, license: u.license, panels: u.panels, open: world.workitems.filter((w) => w.state === 'IN PROGRESS' && w.claimedBy?.id === u.userId).length, doneToday: world.workitems.filter((w) => w.state === 'COMPLETED' && w.claimedBy?.id === u.userId).length })));
on('GET', '/rules', () => world.rules);

function meOf(u) {
  const facility = world.facilities.find((f) => f.id === u.facility);
  return { userId: u.userId, login: u.login, name: u.name, nameEn: u.nameEn, role: u.role, desk: { reader: 'reading', hospital: 'hospital' }[u.role] ?? 'coordination', rights: { reader: ['report.sign', 'room.join'], hospital: ['study.received', 'room.join'] }[u.role] ?? [], facility: facility ? { id: facility.id, name: facility.name, nameEn: facility.nameEn } : null, panels: world.panels.filter((p) => u.panels?.includes(p.id)), needs: [], version: 'mock' };
}
const person = (u) => ({ id: u.userId, name: u.name, nameEn: u.nameEn });
const missing = () => {
  throw new Refusal(404, 'not_found');
};
const find = (id) => world.workitems.find((w) => w.id === id) ?? missing();
const summaryOf = ({ seriesList, reports, deliveryList, ...s }) => s;
const itemOf = (w) => ({ ...w, study: summaryOf(w.study) });
const studyOf = (c, id) => {
  const s = world.byStudy.get(id);
  return s && (c.user.role !== 'hospital' || s.facility.id === c.user.facility) ? s : missing();
};
const draftOf = (id) => world.drafts.get(id) ?? { revision: 0, sections: { findings: '', impression: '', recommendation: '' }, template: '', language: 'ja', savedAt: null };

function picture(c, id, side) {
  const i = world.instances.get(id) ?? missing();
  c.res.setHeader('Content-Type', 'image/png');
  c.res.setHeader('Cache-Control', 'private, max-age=60');
  if (!i.draw) {
    c.res.setHeader('X-Dokuei-Placeholder', i.displayable === 'document' ? 'no-pixels' : 'no-decoder');
    return greyPNG(new Int16Array(64 * 64).fill(60), 64, 64, 128, 256, 64);
  }
  const px = i.draw(1);
  return i.samples === 3 ? colourPNG(px, i.columns, i.rows, side) : greyPNG(px, i.columns, i.rows, i.window.center, i.window.width, side);
}

function tell(event, w) {
  const data = { kind: `${event}.changed`, studyId: w.study.id, workitemId: w.id };
  for (const res of streams) res.write(`id: ${++seq}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

async function answer(req, res) {
  const url = new URL(req.url, 'http://mock');
  res.setHeader('Content-Security-Policy', "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'");
  res.setHeader('X-Content-Type-Options', 'nosniff');
  if (!url.pathname.startsWith('/api/')) return page(url.pathname, res);
  const session = /dokuei_session=(\w+)/.exec(req.headers.cookie ?? '')?.[1];
  const user = sessions.get(session);
  const signingIn = url.pathname === '/api/v1/session' && req.method === 'POST';
  if (!user && !signingIn) throw new Refusal(401, 'unauthenticated');
  if (url.pathname === '/api/v1/events') {
    res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    res.write('event: hello\ndata: \n\n');
    streams.add(res);
    req.on('close', () => streams.delete(res));
    return;
  }
  const body = req.method === 'GET' ? null : JSON.parse((await read(req)) || '{}');
  for (const r of routes) {
    const m = r.method === req.method && r.path.exec(url.pathname);
    if (!m) continue;
    if (delay && /frames|preview/.test(url.pathname)) await new Promise((f) => setTimeout(f, url.pathname.includes('frames') ? delay * 4 : delay));
    const out = r.f({ req, res, body, user, session, query: url.searchParams }, ...m.slice(1).map(decodeURIComponent));
    if (out === undefined) return res.writeHead(204).end();
    if (Buffer.isBuffer(out)) return res.end(out);
    return res.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(out));
  }
  missing();
}

async function page(path, res) {
  const file = join(dist, normalize(path === '/' ? '/index.html' : path));
  if (!file.startsWith(dist)) missing();
  const content = await readFile(file).catch(() => missing());
  res.writeHead(200, { 'Content-Type': types[extname(file)] ?? 'application/octet-stream' }).end(content);
}

async function read(req) {
  const parts = [];
  for await (const p of req) parts.push(p);
  return Buffer.concat(parts).toString();
}

const server = createServer((req, res) => {
  answer(req, res).catch((e) => {
    const { status = 500, code = 'server', detail = '' } = e;
    if (status === 500) console.error(e);
    if (res.headersSent) return res.end();
    res.writeHead(status, { 'Content-Type': 'application/problem+json' }).end(JSON.stringify({ title: e.message, status, code, detail }));
  });
});
server.listen(Number(process.env.PORT ?? 8181), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
