// The JSON API of viewer/api, version 1, as the pages see it. Times are
// RFC 3339 UTC, dates and times of a study are the DICOM text (PS3.5 §6.2: DA
// and TM), names are the component groups of a PN.

import type { KeyImage } from '../viewport/marks/keyimage';
import type { Mark } from '../viewport/marks/mark';

export type Role =
  | 'technologist'
  | 'ordering_doctor'
  | 'ward'
  | 'pharmacist'
  | 'hospital'
  | 'reader'
  | 'trainee'
  | 'coordinator'
  | 'admin'
  | 'auditor'
  | 'service';
export type Desk = 'reading' | 'hospital' | 'coordination';

export interface Named {
  id: string;
  name: string;
  nameEn?: string;
}

export interface Me {
  userId: string;
  login: string;
  name: string;
  nameEn?: string;
  role: Role;
  desk: Desk;
  /** What the role may ask for: storage/identity/rights.go. */
  rights: string[];
  /** Steps before the session opens anything: second_factor, password, enrol. */
  needs: string[];
  facility: Named | null;
  panels: Named[] | null;
  /** Engines of the house: dictation, drafting. */
  helps?: string[];
  version: string;
  /** What is shown is a copy of that time, for reading only. */
  copyOf?: string;
}

export type WorkitemState = 'SCHEDULED' | 'IN PROGRESS' | 'COMPLETED' | 'CANCELED';
export type Priority = 'STAT' | 'URGENT' | 'ROUTINE';
/** Of a version: what it is to those before it. */
export type ReportKind = 'preliminary' | 'final' | 'addendum' | 'correction' | 'retraction';
export type ReportState = 'none' | 'reading' | 'draft' | ReportKind;

export interface Reason {
  rule: string;
  matched: boolean;
  /** The rule that decided: others after it may match too. */
  chosen?: boolean;
  /** By language. */
  text: string | Record<string, string>;
}

export interface Patient {
  name: string;
  ideographic: string;
  phonetic: string;
  patientId: string;
  birthDate: string;
  sex: string;
  age: string | number | null;
}

export interface StudySummary {
  id: string;
  facility: Named;
  patient: Patient;
  studyDate: string;
  studyTime: string;
  description: string;
  modalities: string[] | null;
  bodyPart: string;
  accession: string;
  referrer: string;
  requestText: string;
  state: 'receiving' | 'complete';
  instances: number;
  series: number;
  declared: number;
  reopened: number;
  conflicts: number;
  firstArrival: string | null;
  lastArrival: string | null;
  releaseAt: string | null;
  reportState: ReportState;
  reportId: string | null;
  deliveries: { delivered: number; pending: number; failed: number };
  receivedAck: { at: string; by: string | Named } | null;
  thumbnail: string | null;
  /** By when its report is agreed to be signed, while it waits. */
  expectedAt?: string | null;
}

export interface Workitem {
  id: string;
  state: WorkitemState;
  kind: 'interpretation' | 'addendum';
  /** What it asks for beyond its kind. */
  purpose?: '' | 'double' | 'opinion' | 'verification' | 'second' | 'consensus' | 'correction' | 'retraction';
  priority: Priority;
  deadline: string;
  createdAt: string;
  claimedAt: string | null;
  claimedBy: Named | null;
  completedAt: string | null;
  readiness: 'READY' | 'INCOMPLETE';
  /** Until when somebody is to take it. */
  claimDue?: string | null;
  /** Of a stroke, or when last known well: of an open STAT. */
  onset?: string | null;
  panel: Named | null;
  /** How often a limit was passed. */
  escalated?: number;
  /** Then another reader may take it over. */
  heldUntil?: string | null;
  /** In lists: earlier studies that a rule has asked for are to come, or could not be had. */
  priors?: 'waiting' | 'failed';
  /** While only this reader, or a deputy, may claim it. */
  offeredTo?: Named | null;
  deputy?: Named;
  /** Then the whole panel may. */
  offerEnds?: string;
  /** By who asks: it is not theirs to take. */
  declined?: boolean;
  /** While it waits: who has said no. */
  declines?: { reader: Named; reason: string; at: string }[];
  reasons: Reason[] | null;
  replaces: string | null;
  replacedBy: string | null;
  study: StudySummary;
}

export type ListState = 'open' | 'unread' | 'mine' | 'sign' | 'second' | 'late' | 'escalated' | 'stat' | 'done' | 'all';

/** By what a list is put in order: worklist.Column. */
export type SortColumn = 'priority' | 'left' | 'age' | 'status' | 'patient' | 'id' | 'sexAge' | 'modality' | 'description' | 'study' | 'images' | 'hospital' | 'panel' | 'reader';

export interface SortKey {
  column: SortColumn;
  down?: boolean;
}

/** A list, without the place one has come to in it. */
export interface ListFilter {
  state: ListState;
  q?: string;
  facility?: string;
  panel?: string;
  priority?: '' | Priority;
  modality?: string;
  since?: '' | 'today' | 'yesterday' | '3d' | '7d' | '30d';
  sort?: SortKey[];
}

export interface Worklist {
  items: Workitem[];
  next: string | null;
  counts: Partial<Record<ListState, number>>;
}

/** The assignment of an item: router/assign. */
export interface Choice {
  mode: 'offer' | 'direct' | 'deputy';
  main: Named | null;
  deputy: Named | null;
  candidates: { reader: Named; reason?: Record<string, string>; score: number; parts: { name: string; points: number }[] }[];
}

export interface StudyList {
  items: StudySummary[];
  next: string | null;
}

export interface Window {
  center: number;
  width: number;
  explanation?: string;
  function?: string;
}

/** A look-up table (PS3.3 C.11.1.1). */
export interface LUTable {
  first: number;
  bits: number;
  data: number[];
  explanation?: string;
}

/** How one frame is shown. */
export interface RawPresentation {
  /** Other frames of the instance may have others. */
  differ: boolean;
  slope: number;
  intercept: number;
  type: string;
  values: LUTable | null;
  windows: Window[] | null;
  tables: LUTable[] | null;
  invert: boolean;
  padding: [number, number] | null;
  position: number[] | null;
  orientation: number[] | null;
  pixelSpacing: number[] | null;
}

export type Displayable = 'image' | 'document' | 'none' | 'undecodable';

export interface Instance {
  id: string;
  sopInstanceUid: string;
  sopClass: string;
  transferSyntax: string;
  transferSyntaxName: string;
  number: number | null;
  frames: number;
  rows: number;
  columns: number;
  samples: number;
  bitsAllocated: number;
  bitsStored: number;
  signed: boolean;
  photometric: string;
  slope: number | null;
  intercept: number | null;
  /** (0028,1054): what the values are after the modality transformation, HU if absent in CT. */
  rescaleType?: string;
  windows: Window[] | null;
  position: number[] | null;
  orientation: number[] | null;
  pixelSpacing: number[] | null;
  /** At the detector, of projection images: rows, columns in mm. */
  imagerSpacing: number[] | null;
  aspectRatio?: number[] | null;
  /** Empty when the file names none. */
  frameOfReference: string;
  /** ms from frame to frame; null when it is no clip. */
  frameTime: number | null;
  sliceThickness: number | null;
  paddingValue: number | null;
  /** The other end of the padding, when it is a range. */
  paddingLimit: number | null;
  /** MONOCHROME1, or a Presentation LUT Shape of INVERSE. */
  invert: boolean;
  /** There is more to how it is shown than stands here: tables, or frames that differ. */
  elaborate: boolean;
  /** There are overlay planes to draw over it. */
  overlays?: boolean;
  laterality: string;
  displayable: Displayable;
  origin: 'received' | 'dokuei';
  /** Of a document. */
  title?: string;
  conflict: boolean;
  size: number;
  thumbnail: string;
  preview: string;
}

export interface Series {
  id: string;
  number: number | null;
  modality: string;
  description: string;
  bodyPart: string;
  /** Address of all of it as one stream, which changes with its content; null without images. */
  bundle?: string | null;
  instances: Instance[] | null;
}

export interface Opening {
  item: Workitem;
  study: Study;
  /** The one that is shown first, where it is there at once. */
  picture: { url: string; type: string; data: string; shape: number; stream?: string | null } | null;
}

/** As it is sent: what the instances of a series share is said once, the rest by columns. */
export interface OpeningAnswer extends Omit<Opening, 'study'> {
  study: Omit<Study, 'seriesList'> & {
    seriesList: (Omit<Series, 'instances'> & { instances: number; shared: Record<string, unknown>; columns: Record<string, unknown[]> })[];
  };
}

export interface ReportSummary {
  id: string;
  version: number;
  kind: ReportKind;
  signedAt: string;
  author?: Author;
}

export interface Author {
  name: string;
  nameEn?: string;
  license?: string;
}

export interface Delivery {
  id: string;
  destination: string;
  object: string;
  state: 'pending' | 'sending' | 'delivered' | 'failed' | 'given-up';
  /** The destination answered, and said no. */
  refused?: boolean;
  attempts: number;
  nextAt: string | null;
  lastError: string | null;
  /** Its name, and what it says beyond that. */
  reason: string;
  detail: string;
  deliveredAt: string | null;
}

export interface Study extends StudySummary {
  workitems: Omit<Workitem, 'study'>[] | null;
  seriesList: Series[] | null;
  reports: ReportSummary[] | null;
  deliveryList: Delivery[] | null;
  /** The one it was joined with. */
  order?: Order | null;
  priors?: PriorFetch;
  /** Fetched to be compared with: nobody's task. */
  asPrior?: boolean;
}

/** How far the earlier studies are that a rule has fetched: viewer/api/priors.go. */
export interface PriorFetch {
  from: string;
  state: 'waiting' | 'done' | 'failed';
  reason?: 'no-source' | 'no-patient' | 'too-many' | 'unreachable' | 'refused' | 'stranger' | 'incomplete';
  found: number;
  here: number;
  fetched: number;
  /** Images the archive could not send. */
  lacking: number;
  updatedAt: string;
}

/** What a hospital has ordered: viewer/api/orders.go. */
export interface Order {
  id: string;
  facility: string;
  patientId: string;
  patientName: string;
  birthDate: string;
  sex: string;
  accession: string;
  referrer: string;
  procedureDescription: string;
  priority: string;
  comments: string;
  procedureCode?: string;
  /** What the parts of the code are called. */
  procedure?: { part: string; code: string; name: string; nameEn: string }[];
  allergies?: string;
  alerts?: string;
  contrast?: string;
  onset?: string;
  history?: string;
  otherReferrers?: string;
  placer?: string;
  source?: 'hl7' | 'fhir' | 'form' | 'api';
  done?: boolean;
  studies?: { id: string; how: string }[];
  canceledAt?: string;
  step: { stationAe?: string; startDate: string; startTime: string; modality: string };
}

export interface OrderList {
  items: Order[];
  next: string | null;
}

export interface ReportSection {
  code: string;
  heading: string;
  text: string;
}

export interface Report {
  id: string;
  studyId: string;
  version: number;
  kind: ReportKind;
  language: string;
  sections: ReportSection[];
  marks?: Marks;
  /** Who read first, when another verified it. */
  firstReader?: Author | null;
  author: Author;
  signedAt: string;
  contentHash: string;
  predecessor: string | null;
  versions: ReportSummary[] | null;
  deliveries: Delivery[] | null;
}

export interface Sections {
  findings: string;
  impression: string;
  recommendation: string;
  history?: string;
  technique?: string;
  comparison?: string;
  /** Why it is corrected or retracted. */
  reason?: string;
  /** The only section of an addendum. */
  addendum?: string;
}

export interface Draft {
  revision: number;
  sections: Sections;
  template: string;
  language: string;
  savedAt: string | null;
  marks?: Marks;
  /** What was chosen in the fields of the template; ends with the draft. */
  answers?: Answers;
}

/** A saved draft as it would be signed. */
export interface Preview {
  revision: number;
  kind: Report['kind'];
  language: string;
  sections: Sections;
  marks: Marks;
  /** Key images and marks on images that go with it. */
  keys: number;
  drawn: number;
  /** What a signature of just this carries: SHA-256 of each part, and over all. */
  shown: { hash: string; parts: Record<string, string> };
}

/** By item of a template: option IDs, or what was typed. */
export type Answers = Record<string, string[]>;

/** Marks and key images of a workitem, or of a signed version. */
export interface Annotating {
  revision: number;
  marks: Mark[];
  keys: KeyImage[];
  savedAt: string | null;
  reportId?: string;
}

export interface TemplateOption {
  id: string;
  label: string;
  text?: string;
  impression?: string;
}

/** One question of a template: reports/template/item.go. */
export interface TemplateItem {
  id: string;
  label: string;
  code?: Concept;
  kind: 'choice' | 'many' | 'number' | 'text';
  section?: string;
  when?: string;
  inline?: boolean;
  options?: TemplateOption[];
  text?: string;
  normal?: string;
  none?: string;
  from?: number;
  unit?: string;
  min?: number;
  max?: number;
}

export interface Template {
  id: string;
  language: string;
  name: string;
  modality: string;
  bodyPart: string[];
  order?: number;
  items: TemplateItem[];
  /** What stands when every item is normal. */
  sections: Sections;
  /** The text with every normal answer. */
  normal?: Sections;
  own?: boolean;
  shared?: boolean;
  /** Null: it comes with the program. */
  owner?: Named | null;
  revision?: number;
}

/** A short text under a name. */
export interface Macro {
  id: string;
  name: string;
  text: string;
  language: string;
  shared: boolean;
  own: boolean;
  owner: Named;
  revision: number;
}

export interface Destination {
  name: string;
  ae: string;
  host: string;
  port: number;
  objects: string[] | null;
  pending: number;
  failed: number;
}

export interface Facility extends Named {
  aeTitles: string[] | null;
  quietSeconds: number;
  destinations: Destination[] | null;
  studies: number;
  lastArrival: string | null;
}

export interface Panel extends Named {
  readers?: (string | Named)[] | null;
}

export interface Reader extends Named {
  login: string;
  license: string;
  panels: (string | Named)[] | null;
  open: number;
  doneToday: number;
}

export interface Rule {
  order: number;
  name: string;
  when: string[] | null;
  then: { panel: string | Named; priority: Priority; withinSeconds: number };
  matched: number;
}

export type LiveKind = 'study' | 'workitem' | 'report' | 'delivery' | 'emergency' | 'room';

export interface LiveEvent {
  kind: string;
  studyId: string;
  workitemId?: string;
  reportId?: string;
}

// Rooms: conversations about studies.
export interface RoomMember extends Named {
  role: Role;
  facility?: string;
}
/** One whom a consult can ask. */
export interface Candidate extends RoomMember {
  specialties: string[];
  duty: '' | 'reading' | 'on-call' | 'absent';
}
/** One who was asked, and the private room with them. */
export interface Asked {
  room: string;
  candidate: Named;
  state: 'asked' | 'accepted' | 'declined' | 'closed';
  answeredAt: string | null;
}
/** A question to several at once: worklist/room. */
export interface Consult {
  id: string;
  askedBy: Named;
  question: string;
  state: 'open' | 'accepted' | 'declined' | 'withdrawn';
  acceptedBy: Named | null;
  transfer: '' | 'now' | 'later' | 'stay';
  transferNote: string;
  transferBy: Named | null;
  transferAt: string | null;
  createdAt: string;
  asked: Asked[];
}
export interface Message {
  id: string;
  room: string;
  studyId: string;
  at: string;
  author: Named;
  body: string;
  mentions: Named[];
  picture: { url: string; mediaType: string; width: number; height: number; size: number } | null;
  readBy: (Named & { at: string })[];
}
export interface Room {
  id: string;
  studyId: string;
  private: Asked | null;
  members: RoomMember[];
  messages: Message[];
  more: boolean;
  consults: Consult[];
}
export interface RoomSummary {
  room: string;
  lastAt: string;
  messages: number;
  unread: number;
  mentions: number;
  study: StudySummary | null;
}

// What stands beside the text of a report: reports/marks.go.

export interface Figure {
  number: number;
  seriesInstanceUid: string;
  sopClassUid: string;
  sopInstanceUid: string;
  /** From 1; 0 of an image of one frame. */
  frame?: number;
  caption?: string;
}

export interface Measurement {
  name: string;
  code?: string;
  scheme?: string;
  value: number;
  /** UCUM. */
  unit: string;
  figure?: number;
}

export interface CriticalMark {
  level: 'red' | 'orange' | 'yellow';
  finding: string;
  contact?: { told: string; how: string; readBack: boolean };
}

/** A finding in codes, made by the server when a version is signed. */
export interface Coded {
  section: string;
  line: string;
  finding: Concept;
  modifiers?: { name: Concept; value: Concept }[];
}

export interface Concept {
  value: string;
  scheme: string;
  meaning: string;
}

export interface Marks {
  figures?: Figure[];
  measurements?: Measurement[];
  overrides?: { rule: string; quote?: string; reason: string }[];
  critical?: CriticalMark;
  origins?: { source: string; kind: string; text: string; seen: boolean }[];
  teaching?: boolean;
  coded?: Coded[];
}

export interface LintFinding {
  rule: string;
  section: string;
  quote: string;
  text: Record<string, string>;
  /** What can stand in place of the quote: several where it can be read in several ways. */
  fixes?: Record<string, string>[];
}

export interface SectionChange {
  code: string;
  heading: string;
  edits: { op: 'equal' | 'insert' | 'delete'; text: string }[];
}

// The closed loop: viewer/api/loop.go.

export interface Told {
  escalation: boolean;
  step: number;
  person: Named | null;
  way: string;
  at: string;
  sentAt: string | null;
  stopped: boolean;
  attempts: number;
}

export interface LoopItem {
  reportId: string;
  studyId: string;
  facility: Named;
  version: number;
  kind: string;
  importance: number;
  signedAt: string;
  openedAt: string | null;
  acknowledgedAt: string | null;
  actedAt: string | null;
  reminders: number;
  /** Who was reminded outside the pages. */
  told?: Told[];
  patient: string;
  patientId: string;
  description: string;
  studyDate: string;
  referrer: string;
}

export interface Critical {
  id: string;
  reportId: string;
  studyId: string;
  facility: Named;
  level: CriticalMark['level'];
  finding: string;
  flaggedBy: Named;
  flaggedAt: string;
  deadline: string;
  closedAt: string | null;
  closedBy: Named | null;
  escalatedAt: string | null;
  patient: string;
  patientId: string;
  contacts: { told: string; how: 'phone' | 'in person' | 'message' | 'portal'; reached: boolean; readBack: boolean; note: string; by: Named; at: string }[];
}

export interface LoopState {
  versions: LoopItem[];
  receipts: { by: Named; step: string; orderer: boolean; note: string; at: string }[];
  criticals: Critical[];
  orderer: Named | null;
  mine: boolean;
  staff: Named[];
}

// The archive and the second looks: viewer/api/archive.go, quality.go.

export interface ReportQuery {
  text: string;
  /** Of a finding, a site or a side. */
  code: string;
  /** Empty: of every hospital. */
  facility: string;
  modality: string;
  kind: '' | ReportKind;
  /** Days as DICOM writes them. */
  from: string;
  to: string;
  mine: boolean;
  teaching: boolean;
  critical: boolean;
  cursor?: string;
}

export interface FoundReport extends ReportSummary {
  studyId: string;
  title: string;
  impression: string;
  study: StudySummary;
}

export interface Review {
  id: string;
  reportId: string;
  study: StudySummary;
  reader: Named | null;
  reviewer: Named | null;
  why: string;
  score: string;
  note: string;
  reply: string;
  createdAt: string;
  doneAt: string | null;
  seenAt: string | null;
}

export interface Outcome {
  id: string;
  reportId: string;
  studyId: string;
  agrees: 'confirmed' | 'differs' | 'unclear';
  text: string;
  by: Named;
  at: string;
}

export interface PeerRule {
  panel: string;
  modality: string;
  words: string[];
  percent: number;
}

export interface QualityState {
  open: Review[];
  about: Review[];
  discrepancies: Review[];
  outcomes: Outcome[];
  answers: { reportId: string; studyId: string; step: 'opened' | 'acknowledged' | 'acted'; text: string; by: Named; at: string }[];
  figures: { reader: Named; reports: number; chosen: number; scores: Partial<Record<string, number>>; confirmed: number; differs: number }[];
  rules: PeerRule[];
  since: string;
}

/** What an engine of the house proposes. */
export interface Proposal {
  source: string;
  sections: Partial<Record<keyof Sections, string>>;
}
