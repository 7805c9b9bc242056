import type { Order } from '../api/types';

/** What somebody types, each field as its input has it. */
export interface OrderInput {
  kanji: string;
  kana: string;
  roman: string;
  patientId: string;
  birth: string;
  sex: string;
  modality: string;
  description: string;
  code: string;
  day: string;
  time: string;
  priority: string;
  station: string;
  question: string;
  history: string;
  onset: string;
  alerts: string;
  contrast: string;
  allergies: string;
  referrer: string;
  others: string;
  accession: string;
}

const two = (n: number) => String(n).padStart(2, '0');

/** A day and a time as inputs of the browser have them, where the page is. */
function local(at: Date): [string, string] {
  return [`${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`, `${two(at.getHours())}:${two(at.getMinutes())}`];
}

export function blank(now: Date): OrderInput {
  const [day, time] = local(now);
  return { kanji: '', kana: '', roman: '', patientId: '', birth: '', sex: '', modality: 'CT', description: '', code: '', day, time, priority: 'ROUTINE', station: '', question: '', history: '', onset: '', alerts: '', contrast: '', allergies: '', referrer: '', others: '', accession: '' };
}

/** PN of one writing: the first space parts family and given name (PS3.5 6.2). */
export function toName(typed: string): string {
  return typed.trim().replace(/[\s　]+/, '^').replace(/[\s　]+/g, ' ');
}

/** A writing of a PN as people write it. */
function fromName(group = ''): string {
  return group.replace(/\^+/g, ' ').trim();
}

/** A doctor's name in the group of its writing. */
export function toPerson(typed: string): string {
  const name = toName(typed);
  return /[\u2e80-\uffff]/.test(name) ? `=${name}` : name;
}

const fromPerson = (pn: string) => fromName(pn.split('=').find((g) => g !== ''));

export function inputOf(o: Order): OrderInput {
  const [roman, kanji, kana] = o.patientName.split('=');
  const d = o.step.startDate;
  const b = o.birthDate;
  return {
    kanji: fromName(kanji), kana: fromName(kana), roman: fromName(roman), patientId: o.patientId,
    birth: b.length === 8 ? `${b.slice(0, 4)}-${b.slice(4, 6)}-${b.slice(6)}` : '', sex: o.sex,
    modality: o.step.modality, description: o.procedureDescription, code: o.procedureCode ?? '',
    day: `${d.slice(0, 4)}-${d.slice(4, 6)}-${d.slice(6)}`, time: `${o.step.startTime.slice(0, 2)}:${o.step.startTime.slice(2, 4)}`, priority: o.priority, station: o.step.stationAe ?? '',
    question: o.comments, history: o.history ?? '', onset: o.onset ? local(new Date(o.onset)).join('T') : '',
    alerts: o.alerts ?? '', contrast: o.contrast ?? '', allergies: o.allergies ?? '',
    referrer: fromPerson(o.referrer), others: (o.otherReferrers ?? '').split('\n').map(fromPerson).join('\n'), accession: o.accession,
  };
}

/** The body of a request for an order. placer is the number it is known by when it is sent again. */
export function bodyOf(i: OrderInput, placer: string) {
  return {
    patientId: i.patientId.trim(),
    patientName: [i.roman, i.kanji, i.kana].map(toName).join('=').replace(/=+$/, ''),
    birthDate: i.birth.replaceAll('-', ''), sex: i.sex, accession: i.accession.trim(), placer,
    referrer: toPerson(i.referrer), otherReferrers: i.others.split('\n').map((s) => s.trim()).filter(Boolean).map(toPerson).join('\n'),
    procedureDescription: i.description.trim(), procedureCode: i.code.trim(), priority: i.priority,
    comments: i.question.trim(), history: i.history.trim(), alerts: i.alerts.trim(), contrast: i.contrast.trim(), allergies: i.allergies.trim(),
    ...(i.onset ? { onset: new Date(i.onset).toISOString() } : {}),
    step: { stationAe: i.station.trim(), startDate: i.day.replaceAll('-', ''), startTime: i.time.replace(':', ''), modality: i.modality },
  };
}
