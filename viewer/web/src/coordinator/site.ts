// The directory as a site file in JSON (router/site): what the forms change and what
// is planned and applied.
import type { Priority } from '../api/types';
import { api } from '../session';

export interface Terms {
  claim?: string;
  final?: string;
  time?: '' | 'wall' | 'working';
}
export interface SiteDestination {
  name: string;
  to: string;
  objects?: string[];
  retrieve_only?: boolean;
  notify?: string;
  commit?: boolean;
  performed?: boolean;
  tls?: string;
}
export interface SiteFacility {
  id: string;
  name: string;
  name_en?: string;
  ae_titles?: string[];
  certificates?: string[];
  addresses?: string[];
  quiet?: string;
  destinations?: SiteDestination[];
  mode?: string;
  panel?: string;
  readers?: string[];
  language?: string;
  hours?: string[];
  hl7_senders?: string[];
  pseudonymous?: boolean;
  contract?: Partial<Record<Priority, Terms>>;
}
export interface SiteUser {
  login: string;
  name: string;
  name_en?: string;
  role: string;
  facility?: string;
  license?: string;
  ae_titles?: string[];
  certificates?: string[];
  email?: string;
  license_expires?: string;
  subspecialties?: string[];
  modalities?: string[];
  languages?: string[];
  home?: string;
  conflicts?: string[];
  capacity?: number;
  monitor_tested?: string;
  hours?: string[];
  on_call?: string[];
  quiet_hours?: string[];
}
export interface SitePanel {
  id: string;
  name: string;
  name_en?: string;
  readers?: string[];
  trainees?: string[];
  readings?: number;
}
export interface SiteCondition {
  modality?: string[];
  body_part?: string[];
  facility?: string[];
  words?: string[];
  age?: { min?: number; max?: number };
  sex?: string[];
  priority?: Priority[];
}
export interface SiteAction {
  panel: string;
  priority?: '' | Priority;
  within: string;
  assign?: '' | 'offer' | 'direct' | 'deputy';
  /** How long it is theirs before the panel's. */
  alone?: string;
  hold?: boolean;
  task?: '' | 'double' | 'opinion';
  forward?: string[];
  priors?: { from: string; most: number; months?: number };
  requires?: string[];
}
export interface SiteRule {
  name: string;
  when?: SiteCondition;
  if?: string;
  from?: string;
  until?: string;
  then: SiteAction;
}
export interface Site {
  facilities?: SiteFacility[];
  panels?: SitePanel[];
  users?: SiteUser[];
  rules?: SiteRule[];
  fallback?: SiteAction;
  closures?: string[];
  targets?: Record<string, number>;
  replace?: ('rules' | 'destinations')[];
}

export interface Change {
  op: '+' | '~' | '-';
  kind: string;
  name: string;
  text: string;
}

/** What is planned or applied: a site file, or a table of one. */
export interface Part {
  text: string;
  table?: 'facilities' | 'users' | 'panels' | 'destinations' | 'shifts' | 'codes';
}

export function part(site: Site): Part {
  return { text: JSON.stringify(tidy(site)) };
}

/** A value without what is empty in it: an empty text is a key that is not given. */
export function tidy<T>(v: T): T {
  if (Array.isArray(v)) return v.map(tidy) as T;
  if (!v || typeof v !== 'object') return v;
  const out: Record<string, unknown> = {};
  for (const [k, x] of Object.entries(v)) {
    const y: unknown = tidy(x);
    const empty = y === undefined || y === null || y === '' || y === false || (Array.isArray(y) ? y.length === 0 && k !== 'rules' && k !== 'closures' : typeof y === 'object' && Object.keys(y).length === 0);
    if (!empty) out[k] = y;
  }
  return out as T;
}

export function readSite(): Promise<Site> {
  return api.json('/directory', { query: { format: 'json' } });
}
export function plan(p: Part): Promise<{ changes: Change[] }> {
  return api.json('/directory/plan', { method: 'POST', body: p });
}
export function apply(p: Part): Promise<{ changes: Change[]; passwords: { login: string; password: string }[] }> {
  return api.json('/directory/apply', { method: 'POST', body: p });
}

/** Words apart by commas, Japanese ones too. */
export function splitWords(s: string): string[] {
  return s
    .split(/[,、，\n]/)
    .map((x) => x.trim())
    .filter(Boolean);
}
/** Codes apart by commas or spaces. */
export function splitCodes(s: string): string[] {
  return s.split(/[\s,、，;]+/).filter(Boolean);
}
export function splitLines(s: string): string[] {
  return s
    .split('\n')
    .map((x) => x.trim())
    .filter(Boolean);
}
