import { num } from '../../i18n';
import type { Mark } from '../marks/mark';
import { unitText } from '../units';
import { w } from './words';

/** The values of a mark as a report says them: "32.1 × 24.0 mm". */
export function valuesText(m: Mark): string {
  const of = (name: string) => m.values.find((v) => v.name === name);
  const say = (name: string) => {
    const v = of(name);
    return v ? `${num(v.value, 1)} ${unitText(v.unit)}`.trim().replace(' °', '°') : '';
  };
  const [long, short] = [of('long'), of('short')];
  if (long && short) return `${num(long.value, 1)} × ${say('short')}`;
  const mean = of('mean');
  if (mean) return [`${w('value.mean')} ${say('mean')}`, say('area')].filter(Boolean).join(', ');
  return ['length', 'angle', 'value', 'area'].map(say).find(Boolean) ?? '';
}
