// dicomweb-client (npm) against our DICOMweb: what viewers built on it ask for.
//
//   BASE_URL=http://127.0.0.1:8080 TOKEN=… STUDY=1.2.3 STUDIES=3 PATIENT=山田^太郎 FILE=new.dcm node e2e/dicomweb.mjs
//
// STUDY is a CT whose images are 512² of 16 bits, one of STUDIES that the token may see,
// PATIENT the ideographic name of its patient. FILE is an object of a study not there yet.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

// The client is of the browser: this much of an XMLHttpRequest it needs.
globalThis.XMLHttpRequest = class {
  readyState = 0;
  status = 0;
  responseType = '';
  headers = {};
  open(method, url) {
    Object.assign(this, { method, url });
  }
  setRequestHeader(name, value) {
    this.headers[name] = this.headers[name] ? `${this.headers[name]}, ${value}` : value;
  }
  getResponseHeader(name) {
    return this.answer?.headers.get(name) ?? null;
  }
  getAllResponseHeaders() {
    return [...(this.answer?.headers ?? [])].map(([k, v]) => `${k}: ${v}\r\n`).join('');
  }
  async send(body) {
    try {
      this.answer = await fetch(this.url, { method: this.method, headers: this.headers, body });
      const raw = await this.answer.arrayBuffer();
      const text = () => new TextDecoder().decode(raw);
      this.response = this.responseType === 'arraybuffer' ? raw : this.responseType === 'json' && raw.byteLength ? JSON.parse(text()) : text();
      this.status = this.answer.status;
    } catch (e) {
      this.status = 0;
      this.response = String(e);
    }
    this.readyState = 4;
    this.onreadystatechange?.();
    this.onloadend?.();
  }
};
globalThis.self ??= globalThis;

const { api } = createRequire(import.meta.url)('dicomweb-client');
const env = process.env;
const url = `${env.BASE_URL}/dicom-web`;
const authorised = { Authorization: `Bearer ${env.TOKEN}` };
const client = new api.DICOMwebClient({ url, headers: authorised, verbose: false });

let steps = 0;
const step = async (name, f) => {
  await f();
  console.log(`ok ${String(++steps).padStart(2)} ${name}`);
};
const must = (condition, message) => {
  if (!condition) throw new Error(message);
};
const refused = async (status, asked, what) => {
  const e = await asked.then(() => null, (e) => e);
  must(e?.status === status, `${what}: ${e ? `${e.status} ${e.message}` : 'not refused'}, ${status} expected`);
};
const one = (o, tag) => o[tag]?.Value?.[0];
const [studyUID, seriesUID, instanceUID, rows, columns] = ['0020000D', '0020000E', '00080018', '00280010', '00280011'];
const bytes = (b) => new Uint8Array(b);
const studyInstanceUID = env.STUDY;
let seriesInstanceUID, sopInstanceUID, count;
const at = () => ({ studyInstanceUID, seriesInstanceUID, sopInstanceUID });
const path = () => `${url}/studies/${studyInstanceUID}/series/${seriesInstanceUID}/instances/${sopInstanceUID}`;

await step('QIDO-RS finds studies, series and instances; names are Japanese', async () => {
  const all = await client.searchForStudies();
  must(all.length === Number(env.STUDIES), `${all.length} studies`);
  const [study, ...others] = await client.searchForStudies({ queryParams: { StudyInstanceUID: studyInstanceUID, includefield: '00081030' } });
  must(others.length === 0 && one(study, studyUID) === studyInstanceUID && '00081030' in study, 'not this study alone');
  must(one(study, '00100010').Ideographic === env.PATIENT, `patient ${JSON.stringify(study['00100010'])}`);
  const byName = await client.searchForStudies({ queryParams: { PatientName: `${env.PATIENT.split('^')[0]}*` } });
  must(byName.some((s) => one(s, studyUID) === studyInstanceUID), 'not found by the kanji of its name');
  const series = await client.searchForSeries({ studyInstanceUID });
  must(series.length === 1 && one(series[0], '00080060') === 'CT', `${series.length} series`);
  seriesInstanceUID = one(series[0], seriesUID);
  const instances = await client.searchForInstances({ studyInstanceUID, seriesInstanceUID });
  count = instances.length;
  must(count === one(series[0], '00201209') && instances.every((i) => one(i, rows) === 512 && one(i, columns) === 512), `${count} instances`);
  sopInstanceUID = one(instances[count >> 1], instanceUID);
});
await step('QIDO-RS pages, and says what it leaves out', async () => {
  const pages = [];
  for (let offset = 0; offset < count; offset += 5) pages.push(...(await client.searchForInstances({ studyInstanceUID, seriesInstanceUID, queryParams: { limit: 5, offset } })));
  must(pages.length === count && new Set(pages.map((i) => one(i, instanceUID))).size === count, `${pages.length} by pages of ${count}`);
  const warned = async (query) => (await fetch(`${url}/studies?${query}`, { headers: authorised })).headers.get('warning') ?? '';
  must(/^299 .*additional results/.test(await warned('limit=1')), 'no word of the rest');
  must(/^299 .*fuzzymatching parameter is not supported/.test(await warned('PatientName=x&fuzzymatching=true')), 'no word of the fuzzy matching');
  must((await warned(`StudyInstanceUID=${studyInstanceUID}`)) === '', 'a warning about nothing');
  const none = await client.searchForStudies({ queryParams: { PatientID: 'nobody-of-this-number' } });
  must(Array.isArray(none) && none.length === 0, 'found nobody');
});
await step('WADO-RS metadata of a study, a series and an instance', async () => {
  const study = await client.retrieveStudyMetadata({ studyInstanceUID });
  const series = await client.retrieveSeriesMetadata({ studyInstanceUID, seriesInstanceUID });
  const instance = await client.retrieveInstanceMetadata(at());
  must(study.length === count && series.length === count, `${study.length}, ${series.length} of ${count}`);
  const found = Array.isArray(instance) ? instance[0] : instance;
  must(one(found, instanceUID) === sopInstanceUID && one(found, '00100010').Ideographic === env.PATIENT, 'another instance');
  must(found['7FE00010'].BulkDataURI.startsWith(path()), `pixel data at ${found['7FE00010'].BulkDataURI}`);
});
let frame;
await step('WADO-RS frames and bulk data: the same pixels every way', async () => {
  const [f] = await client.retrieveInstanceFrames({ ...at(), frameNumbers: [1] });
  frame = bytes(f);
  must(frame.length === 512 * 512 * 2 && frame.some((b) => b !== 0), `${frame.length} bytes of pixels`);
  const [alone] = await client.retrieveInstanceFrames({ ...at(), frameNumbers: [1], mediaTypes: [{ mediaType: 'application/octet-stream', transferSyntaxUID: '1.2.840.10008.1.2.1' }] });
  must(Buffer.compare(Buffer.from(alone), Buffer.from(frame)) === 0, 'other pixels by name of the transfer syntax');
  const [meta] = await client.retrieveInstanceMetadata(at());
  const [bulk] = await client.retrieveBulkData({ BulkDataURI: meta['7FE00010'].BulkDataURI });
  must(Buffer.compare(Buffer.from(bulk), Buffer.from(frame)) === 0, `bulk data of ${bulk.byteLength} bytes`);
  // The client knows no image/jphc: asked for by itself.
  const code = bytes(await (await fetch(`${path()}/frames/1`, { headers: { ...authorised, Accept: 'image/jphc; transfer-syntax=1.2.840.10008.1.2.4.202' } })).arrayBuffer());
  must(code[0] === 0xff && code[1] === 0x4f && code.length < frame.length, `HTJ2K of ${code.length} bytes`);
});
await step('WADO-RS whole objects: an instance, a series, a study', async () => {
  const whole = (b) => new TextDecoder('latin1').decode(b.slice(128, 132)) === 'DICM';
  const instance = await client.retrieveInstance(at());
  must(whole(instance) && instance.byteLength > frame.length, 'no DICOM object');
  const pixels = Buffer.from(instance).indexOf(Buffer.from(frame));
  must(pixels > 132, 'the object has other pixels');
  for (const list of [await client.retrieveSeries({ studyInstanceUID, seriesInstanceUID }), await client.retrieveStudy({ studyInstanceUID })]) must(list.length === count && list.every(whole), `${list.length} objects`);
});
await step('rendered and thumbnail pictures', async () => {
  const jpeg = (b) => bytes(b)[0] === 0xff && bytes(b)[1] === 0xd8;
  // A resource of one kind comes as itself, with whatever the client makes of it.
  const body = (b) => (Array.isArray(b) ? b[0] : b);
  must(jpeg(body(await client.retrieveInstanceRendered({ ...at(), mediaTypes: [{ mediaType: 'image/jpeg' }] }))), 'no JPEG');
  const narrow = bytes(body(await client.retrieveInstanceRendered({ ...at(), mediaTypes: [{ mediaType: 'image/jpeg' }], queryParams: { window: '40,80,linear', viewport: '128,128' } })));
  // The frame header of JPEG: SOF0, its length, the precision, rows and columns.
  const sof = narrow.findIndex((b, i) => b === 0xff && (narrow[i + 1] === 0xc0 || narrow[i + 1] === 0xc1) && narrow[i + 4] === 8);
  const shape = [5, 7].map((i) => narrow[sof + i] * 256 + narrow[sof + i + 1]);
  must(sof > 0 && shape.join() === '128,128', `${shape} pixels, 128 × 128 asked for`);
  must(jpeg(body(await client.retrieveInstanceFramesRendered({ ...at(), frameNumbers: [1], mediaTypes: [{ mediaType: 'image/jpeg' }] }))), 'no rendered frame');
  must(jpeg(body(await client.retrieveInstanceThumbnail({ ...at(), mediaTypes: [{ mediaType: 'image/jpeg' }] }))), 'no thumbnail');
});
await step('refusals: 404, 406, 400, 401', async () => {
  await refused(404, client.retrieveInstanceMetadata({ ...at(), sopInstanceUID: '1.2.3.4.5' }), 'an instance that is not there');
  await refused(404, client.retrieveInstanceFrames({ ...at(), frameNumbers: [2] }), 'a frame that is not there');
  await refused(400, client.searchForStudies({ queryParams: { limit: 0 } }), 'a limit of none');
  await refused(401, new api.DICOMwebClient({ url, verbose: false }).searchForStudies(), 'nobody');
  const status = async (where, accept) => {
    const r = await fetch(where, { headers: { ...authorised, Accept: accept } });
    const said = await r.text();
    must(r.ok || said.length > 0, `${r.status} without a word`);
    return [r.status, r.headers.get('content-type')];
  };
  must((await status(`${path()}/frames/1`, 'video/mp4'))[0] === 406, 'frames as a video');
  must((await status(`${path()}/rendered`, 'application/pdf'))[0] === 406, 'a picture as PDF');
  must((await status(path(), 'image/gif'))[0] === 406, 'an object as GIF');
  const [ok, type] = await status(`${path()}/frames/1`, 'multipart/related; type=application/octet-stream; transfer-syntax=*');
  must(ok === 200 && /^multipart\/related; type="application\/octet-stream"; boundary=/.test(type), `${ok} ${type}`);
});
await step('STOW-RS keeps an object, once, and refuses what is none', async () => {
  const file = await readFile(env.FILE);
  const object = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength);
  const answer = (text) => (typeof text === 'string' ? JSON.parse(text) : text);
  const stored = answer(await client.storeInstances({ datasets: [object] }));
  const [reference] = stored['00081199'].Value;
  must(one(reference, '00081155') && !stored['00081198'], JSON.stringify(stored));
  const again = answer(await client.storeInstances({ datasets: [object] }));
  must(one(again['00081199'].Value[0], '00081155') === one(reference, '00081155'), 'not the same again');
  const there = await client.searchForInstances({ queryParams: { SOPInstanceUID: one(reference, '00081155') } });
  must(there.length === 1, `${there.length} of it after two times`);
  await refused(409, client.storeInstances({ datasets: [new TextEncoder().encode('no DICOM object').buffer] }), 'text');
});
