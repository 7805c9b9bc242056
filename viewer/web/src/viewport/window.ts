// VOI LUT functions of PS3.3 C.11.2.1.2 and C.11.2.1.3.

import { look, type Table } from './table';

export type VOIFunction = 'LINEAR' | 'LINEAR_EXACT' | 'SIGMOID';

export interface VOI {
  center: number;
  width: number;
  function: VOIFunction;
  explanation?: string;
  /** A VOI LUT of the file, in place of the function. */
  table?: Table;
}

export function voi(center: number, width: number, fn?: string): VOI {
  const f = (fn ?? '').trim().toUpperCase();
  const known: VOIFunction = f === 'SIGMOID' || f === 'LINEAR_EXACT' ? f : 'LINEAR';
  return { center, width: validWidth(width, known), function: known };
}

// C.11.2.1.2.1: the width of LINEAR is at least 1; the others need it above 0.
function validWidth(width: number, fn: VOIFunction): number {
  const least = fn === 'LINEAR' ? 1 : 1e-6;
  return Number.isFinite(width) && width >= least ? width : least;
}

/** The brightness, 0…255, of a value that the modality transformation has made. */
export function brightness(x: number, w: VOI): number {
  if (w.table) return Math.floor((look(w.table, Math.floor(x + 0.5)) / w.table.top) * 255 + 0.5);
  return Math.floor(255 * fraction(x, w) + 0.5);
}

function fraction(x: number, { center, width, function: fn }: VOI): number {
  switch (fn) {
    case 'LINEAR': {
      const c = center - 0.5;
      const half = (width - 1) / 2;
      if (x <= c - half) return 0;
      if (x > c + half) return 1;
      return (x - c) / (width - 1) + 0.5;
    }
    case 'LINEAR_EXACT':
      if (x <= center - width / 2) return 0;
      if (x > center + width / 2) return 1;
      return (x - center) / width + 0.5;
    case 'SIGMOID':
      return 1 / (1 + Math.exp((-4 * (x - center)) / width));
  }
}

/** Window after a drag: across changes the width, down raises the centre (darkens), in steps of the width itself. */
export function dragWindow(w: VOI, dx: number, dy: number, integer: boolean): VOI {
  const gain = Math.max(w.width, integer ? 40 : 1e-3) / 350;
  const round = (v: number) => (integer ? Math.round(v) : v);
  return voi(round(w.center + dy * gain), round(Math.max(w.width + dx * gain, integer ? 1 : w.width * 0.05)), w.function);
}

export interface Preset {
  id: 'brain' | 'subdural' | 'stroke' | 'bone' | 'lung' | 'mediastinum' | 'abdomen';
  key: string;
  center: number;
  width: number;
}

// Customary CT windows in Hounsfield units.
const ct: Preset[] = [
  { id: 'brain', key: '1', center: 40, width: 80 },
  { id: 'subdural', key: '2', center: 75, width: 215 },
  { id: 'stroke', key: '3', center: 35, width: 40 },
  { id: 'bone', key: '4', center: 480, width: 2500 },
  { id: 'lung', key: '5', center: -600, width: 1500 },
  { id: 'mediastinum', key: '6', center: 40, width: 400 },
  { id: 'abdomen', key: '7', center: 40, width: 350 },
];

/** Presets have a meaning only where values do: in Hounsfield units. */
export function presetsFor(modality: string): Preset[] {
  return modality === 'CT' ? ct : [];
}

// Body Part Examined (PS3.16 Annex L), and what consoles write instead.
const firstFor: [words: RegExp, center: number, width: number][] = [
  [/HEAD|BRAIN|SKULL/, 40, 80],
  [/HEART|CARDIAC|AORTA|CORONARY/, 250, 700],
  [/EAR|\bIACS?\b|AUDITORY|SINUS|ORBIT|FACE|MAXILLA|JAW/, 480, 2500],
  [/NECK|THYROID|CAROTID/, 60, 300],
  [/CHEST|THORAX|LUNG|RIB/, -600, 1500],
  [/SPINE/, 50, 300],
  [/EXTREMITY|HIP|KNEE|FOOT|HAND|SHOULDER|ANKLE|WRIST|ELBOW|ARM|LEG/, 480, 2500],
];

/** The window for a CT whose file names none; null for what is no CT. */
export function presetOf(modality: string, bodyPart: string): VOI | null {
  if (modality !== 'CT') return null;
  const [, center, width] = firstFor.find(([words]) => words.test(bodyPart.toUpperCase())) ?? [, 40, 350];
  return voi(center, width);
}

/** Two windows with values in common: a preset that shows everything black or white is no help. */
export function meet(a: VOI, b: VOI): boolean {
  return a.center - a.width / 2 < b.center + b.width / 2 && b.center - b.width / 2 < a.center + a.width / 2;
}
