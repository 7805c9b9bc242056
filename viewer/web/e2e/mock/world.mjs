// The little world the mock serves: hospitals, people, studies, workitems.
import { brainMR, headCT, ultrasound } from './pixels.mjs';

const now = Date.now();
const minutes = (n) => new Date(now + n * 60_000).toISOString();
let last = 0;
export const newID = () => `0190${(++last).toString(16).padStart(8, '0')}-7000-8000-0000-000000000000`.slice(0, 36);

export const facilities = [
  { id: 'kaifu', name: '海部病院', nameEn: 'Kaifu Hospital', aeTitles: ['KAIFU_CT', 'KAIFU_MR'], quietSeconds: 3, destinations: [{ name: 'PACS', ae: 'KAIFU_PACS', host: '192.0.2.10', port: 104, objects: ['sr', 'pdf'], pending: 0, failed: 1 }], studies: 5, lastArrival: minutes(-2) },
  { id: 'naka', name: '那賀診療所', nameEn: 'Naka Clinic', aeTitles: ['NAKA_CT'], quietSeconds: 30, destinations: [], studies: 2, lastArrival: minutes(-190) },
];
export const panels = [
  { id: 'npo', name: '県NPO読影班', nameEn: 'NPO panel', readers: ['sato', 'suzuki'] },
  { id: 'neuro', name: '神経放射線', nameEn: 'Neuroradiology', readers: ['sato', 'mori'] },
];
export const users = [
  { userId: 'u-sato', login: 'sato', password: 'demo', name: '佐藤 花子', nameEn: 'Hanako Sato', role: 'reader', panels: ['npo', 'neuro'], license: '412345' },
  { userId: 'u-suzuki', login: 'suzuki', password: 'demo', name: '鈴木 一郎', nameEn: 'Ichiro Suzuki', role: 'reader', panels: ['npo'], license: '398712' },
  { userId: 'u-mori', login: 'mori', password: 'demo', name: '森 さくら', nameEn: 'Sakura Mori', role: 'reader', panels: ['neuro'], license: '455001' },
  { userId: 'u-kaifu', login: 'kaifu', password: 'demo', name: '海部病院 放射線室', nameEn: 'Kaifu radiology', role: 'hospital', facility: 'kaifu' },
  { userId: 'u-coord', login: 'coord', password: 'demo', name: '調整 太郎', nameEn: 'Taro Chosei', role: 'coordinator' },
];
export const rules = [
  { order: 1, name: 'stroke', when: ['modality: CT, MR', 'body part: HEAD, BRAIN', 'words: 脳卒中, stroke, 麻痺'], then: { panel: 'neuro', priority: 'STAT', withinSeconds: 1800 }, matched: 3 },
  { order: 2, name: 'emergency', when: ['priority: STAT'], then: { panel: 'npo', priority: 'URGENT', withinSeconds: 7200 }, matched: 1 },
  { order: 3, name: 'fallback', when: [], then: { panel: 'npo', priority: 'ROUTINE', withinSeconds: 86_400 }, matched: 3 },
];
export const templates = {
  ja: [
    { id: 'head-ct', name: '頭部CT', modality: 'CT', bodyPart: 'HEAD', sections: { findings: '頭蓋内出血: なし\n早期虚血変化: なし\n脳室・脳槽: 左右差なし\n正中偏位: なし\n骨: 骨折なし', impression: '頭蓋内に急性期病変を認めません。', recommendation: '' } },
    { id: 'chest-ct', name: '胸部CT', modality: 'CT', bodyPart: 'CHEST', sections: { findings: '肺野: 異常なし\n縦隔: 異常なし\n胸水: なし', impression: '活動性病変を認めません。', recommendation: '' } },
    { id: 'plain', name: '自由記載', modality: '', bodyPart: '', sections: { findings: '', impression: '', recommendation: '' } },
  ],
  en: [
    { id: 'head-ct', name: 'Head CT', modality: 'CT', bodyPart: 'HEAD', sections: { findings: 'No intracranial haemorrhage.\nNo early ischaemic change.\nVentricles symmetric.\nNo midline shift.', impression: 'No acute intracranial abnormality.', recommendation: '' } },
    { id: 'plain', name: 'Free text', modality: '', bodyPart: '', sections: { findings: '', impression: '', recommendation: '' } },
  ],
};

const le = { transferSyntax: '1.2.840.10008.1.2.1', transferSyntaxName: 'Explicit VR Little Endian' };
export const instances = new Map();

function series(number, modality, description, n, make) {
  const s = { id: newID(), number, modality, description, bodyPart: 'HEAD', instances: [] };
  for (let i = 0; i < n; i++) {
    const id = newID();
    const instance = {
      id,
      sopInstanceUid: `2.25.${number}${i}${last}`,
      sopClass: 'CT Image Storage',
      ...le,
      number: i + 1,
      frames: 1,
      rows: 512,
      columns: 512,
      samples: 1,
      bitsAllocated: 16,
      bitsStored: 16,
      signed: false,
      photometric: 'MONOCHROME2',
      slope: 1,
      intercept: 0,
      windows: [],
      position: null,
      orientation: [1, 0, 0, 0, 1, 0],
      pixelSpacing: [0.45, 0.45],
      imagerSpacing: null,
      frameOfReference: '2.25.7',
      frameTime: null,
      sliceThickness: 5,
      paddingValue: null,
      paddingLimit: null,
      invert: false,
      elaborate: false,
      laterality: '',
      displayable: 'image',
      origin: 'received',
      conflict: false,
      size: 524_288,
      thumbnail: `/api/v1/instances/${id}/thumbnail`,
      preview: `/api/v1/instances/${id}/preview`,
      ...make(i, n),
    };
    s.instances.push(instance);
    instances.set(id, { ...instance, draw: instance.draw, window: instance.windows[0] ?? { center: 200, width: 600 } });
    delete instance.draw;
  }
  return s;
}

const headSeries = (n) =>
  series(2, 'CT', '頭部単純 5mm', n, (i) => ({
    signed: true,
    position: [-115, -115, i * 5],
    windows: [
      { center: 40, width: 80, explanation: 'BRAIN', function: 'LINEAR' },
      { center: 600, width: 2800, explanation: 'BONE', function: 'LINEAR' },
    ],
    draw: () => headCT(512, i, n),
  }));
const mrSeries = (number, description, water, n = 20) =>
  series(number, 'MR', description, n, (i) => ({ rows: 256, columns: 256, pixelSpacing: [0.9, 0.9], position: [-115, -115, i * 6], sliceThickness: 6, windows: number === 1 ? [{ center: 300, width: 700 }] : [], draw: () => brainMR(256, i, n, water) }));
const usSeries = () =>
  series(1, 'US', '心エコー 四腔像', 1, () => ({ frames: 24, rows: 480, columns: 640, samples: 3, bitsAllocated: 8, bitsStored: 8, photometric: 'RGB', orientation: null, pixelSpacing: null, sliceThickness: null, transferSyntax: '1.2.840.10008.1.2.4.50', transferSyntaxName: 'JPEG Baseline (Process 1)', draw: (f) => ultrasound(640, 480, f - 1, 24) }));
const ht = () =>
  series(4, 'CT', '骨条件 1mm', 12, (i) => ({ transferSyntax: '1.2.840.10008.1.2.4.201', transferSyntaxName: 'High-Throughput JPEG 2000 (Lossless Only)', displayable: 'undecodable', position: [0, 0, i], draw: null }));
const pdf = () => series(9, 'OT', '紹介状.pdf', 1, () => ({ sopClass: 'Encapsulated PDF Storage', displayable: 'document', draw: null }));

function study(over, list) {
  const s = {
    id: newID(),
    facility: pick(facilities[0]),
    patient: { name: '', ideographic: '', phonetic: '', patientId: '', birthDate: '', sex: '', age: null },
    studyDate: '20251122',
    studyTime: '083015',
    description: '',
    modalities: [],
    bodyPart: 'HEAD',
    accession: '',
    referrer: '',
    requestText: '',
    state: 'complete',
    instances: 0,
    series: list.length,
    declared: 0,
    reopened: 0,
    conflicts: 0,
    firstArrival: minutes(-14),
    lastArrival: minutes(-12),
    releaseAt: minutes(-11),
    reportState: 'none',
    reportId: null,
    deliveries: { delivered: 0, pending: 0, failed: 0 },
    receivedAck: null,
    thumbnail: null,
    ...over,
    seriesList: list,
    reports: [],
    deliveryList: [],
  };
  s.instances = list.reduce((n, x) => n + x.instances.length, 0);
  const first = list[0]?.instances;
  s.thumbnail = first?.length ? first[Math.floor(first.length / 2)].thumbnail : null;
  return s;
}
const pick = ({ id, name, nameEn }) => ({ id, name, nameEn });
const person = (name, ideographic, phonetic, patientId, birthDate, sex, age) => ({ name, ideographic, phonetic, patientId, birthDate, sex, age });

export const studies = [
  study({ patient: person('YOSHIDA^KEIKO', '𠮷田^恵子', 'ヨシダ^ケイコ', '00123456', '19470312', 'F', 78), description: '頭部単純CT', modalities: ['CT'], accession: 'A251122001', referrer: '田中^誠', requestText: '本日 7:40 頃より右上下肢の麻痺と構音障害。脳卒中疑い。出血の有無と早期虚血変化の評価をお願いします。抗凝固薬内服中。', reopened: 1, conflicts: 1 }, [headSeries(32), ht(), pdf()]),
  study({ patient: person('TAKAHASHI^JUN', '髙橋^淳', 'タカハシ^ジュン', '00098711', '19820904', 'M', 43), description: '頭部MRI', modalities: ['MR'], bodyPart: 'BRAIN', requestText: '慢性頭痛の精査。', studyTime: '074500' }, [mrSeries(1, 'T1WI', 60), mrSeries(2, 'T2WI', 800), mrSeries(3, 'FLAIR', 20)]),
  study({ patient: person('YAMAZAKI^SHO', '山﨑^翔', 'ヤマザキ^ショウ', '00200417', '20170601', 'M', 8), description: '心エコー', modalities: ['US'], bodyPart: 'HEART', requestText: '心雑音。', studyTime: '091200' }, [usSeries()]),
  study({ facility: pick(facilities[1]), patient: person('DOE^JANE', '', '', 'N-7781', '19600115', 'F', 65), description: 'CT HEAD W/O CONTRAST', modalities: ['CT'], requestText: '', state: 'receiving', declared: 60, studyTime: '093000' }, [headSeries(8)]),
  study({ patient: person('INOUE^FUMI', '井上^フミ', 'イノウエ^フミ', '00011223', '19331224', 'F', 91), description: '頭部単純CT', modalities: ['CT'], requestText: '転倒後。硬膜下血腫の確認。', studyDate: '20251121', studyTime: '163000' }, [headSeries(16)]),
];
export const byStudy = new Map(studies.map((s) => [s.id, s]));

const reasons = (matched) => rules.map((r) => ({ rule: r.name, matched: r.name === matched, chosen: r.name === matched, text: r.name === matched ? { ja: `条件: ${r.when.join(' / ') || 'なし'} → ${r.then.panel}`, en: `${r.when.join(' / ') || 'always'} → ${r.then.panel}` } : { ja: '依頼文に該当する語がありません', en: 'no such word in the request' } })).slice(0, rules.findIndex((r) => r.name === matched) + 1);

function workitem(s, over) {
  return { id: newID(), state: 'SCHEDULED', kind: 'interpretation', priority: 'ROUTINE', deadline: minutes(600), createdAt: minutes(-30), claimedAt: null, claimedBy: null, completedAt: null, readiness: 'READY', panel: pick(panels[0]), reasons: reasons('fallback'), replaces: null, replacedBy: null, study: s, ...over };
}
const who = (login) => {
  const u = users.find((x) => x.login === login);
  return { id: u.userId, name: u.name, nameEn: u.nameEn };
};
export const workitems = [
  workitem(studies[0], { priority: 'STAT', deadline: minutes(16), createdAt: minutes(-14), panel: pick(panels[1]), reasons: reasons('stroke') }),
  workitem(studies[4], { priority: 'URGENT', deadline: minutes(-12), createdAt: minutes(-132), reasons: reasons('emergency') }),
  workitem(studies[1], { deadline: minutes(1320) }),
  workitem(studies[2], { state: 'IN PROGRESS', claimedBy: who('suzuki'), claimedAt: minutes(-4), deadline: minutes(40), createdAt: minutes(-90) }),
  workitem(studies[3], { readiness: 'INCOMPLETE', deadline: minutes(1400) }),
];
studies[2].reportState = 'reading';
export const reports = new Map();
export const drafts = new Map();

/** A study already read and delivered, so that nothing is empty. */
export function readAlready(s, login, sections, state) {
  const u = users.find((x) => x.login === login);
  const report = {
    id: newID(),
    studyId: s.id,
    version: 1,
    kind: 'final',
    language: 'ja',
    sections: [
      { code: '59776-5', heading: '所見', text: sections.findings },
      { code: '19005-8', heading: '診断・結論', text: sections.impression },
      { code: '18783-1', heading: '推奨事項', text: sections.recommendation },
    ],
    author: { name: u.name, nameEn: u.nameEn, license: u.license },
    signedAt: new Date().toISOString(),
    contentHash: '9f2c7a51d0e84b6fa3c1d2e9b87700554a1f0e6c3b2d498877665544332211ff',
    predecessor: null,
    versions: [],
    deliveries: ['sr', 'pdf'].map((object) => ({ id: newID(), destination: 'KAIFU_PACS', object, state, attempts: state === 'failed' ? 6 : 1, nextAt: null, lastError: state === 'failed' ? 'C-STORE 0xA700: out of resources' : null, deliveredAt: state === 'delivered' ? new Date().toISOString() : null })),
  };
  report.versions = [{ id: report.id, version: 1, kind: 'final', signedAt: report.signedAt, author: report.author }];
  reports.set(report.id, report);
  s.reports = report.versions;
  s.deliveryList = report.deliveries;
  s.reportState = 'final';
  s.reportId = report.id;
  s.deliveries = { delivered: 0, pending: 0, failed: 0, [state]: 2 };
  return report;
}
const old = study({ patient: person('KONDO^SABURO', '近藤^三郎', 'コンドウ^サブロウ', '00054321', '19550707', 'M', 70), description: '頭部MRI', modalities: ['MR'], bodyPart: 'BRAIN', studyDate: '20251121', studyTime: '101500' }, [mrSeries(1, 'T1WI', 60)]);
studies.push(old);
byStudy.set(old.id, old);
readAlready(old, 'suzuki', { findings: '両側大脳白質に散在するT2高信号域を認めます。', impression: '慢性虚血性変化。', recommendation: '' }, 'failed');
workitems.push(workitem(old, { state: 'COMPLETED', claimedBy: who('suzuki'), completedAt: minutes(-300), deadline: minutes(-60), createdAt: minutes(-400) }));
