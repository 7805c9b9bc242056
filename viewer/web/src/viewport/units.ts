import type { Instance } from '../api/types';
import type { Presentation } from './presentation';

// Rescale Type (PS3.3 C.11.1.1.2) names the unit; US is "unspecified". CT
// without one is in Hounsfield units (C.8.2.1.1.2).
export function unitOf(i: Instance, p: Presentation, modality: string): 'HU' | string {
  const type = p.type.trim();
  if (type && type !== 'US') return type;
  return modality === 'CT' && i.intercept !== null && !p.values ? 'HU' : '';
}

/** The same as UCUM has it (PS3.16 CID 84); 1 is a number without a unit. */
export function ucum(unit: string): string {
  return unit === 'HU' ? "[hnsf'U]" : unit === '' ? '1' : `{${unit}}`;
}

const shown: Record<string, string> = { mm2: 'mm²', mm3: 'mm³', cm2: 'cm²', cm3: 'cm³', deg: '°', "[hnsf'U]": 'HU', '{pixels}': 'px', '{pixels}2': 'px²', '1': '' };

/** As people write it. */
export function unitText(code: string): string {
  return Object.hasOwn(shown, code) ? shown[code]! : code.replace(/[{}]/g, '');
}
