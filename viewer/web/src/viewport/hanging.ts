// Hanging protocols: how the series of a study, and of an earlier one, are laid
// out when it is opened.

import type { Series, StudySummary } from '../api/types';
import { slotsOf } from './stack';

/** What one pane takes. */
export interface PaneRule {
  from: 'current' | 'prior';
  /** Words of the series' description; empty: the next series nobody shows. */
  series: string;
}

export interface HangingRule {
  id: string;
  name: string;
  /** Empty: any. */
  modality: string;
  bodyPart: string;
  laterality: '' | 'R' | 'L';
  /** Only with, only without an earlier study; null: either way. */
  prior: boolean | null;
  rows: number;
  columns: number;
  panes: PaneRule[];
}

const side = (id: string, modality: string): HangingRule => ({
  id,
  name: id,
  modality,
  bodyPart: '',
  laterality: '',
  prior: true,
  rows: 1,
  columns: 2,
  panes: [
    { from: 'current', series: '' },
    { from: 'prior', series: '' },
  ],
});

/** For readers who have made none: current and earlier study side by side. */
export const builtIn: HangingRule[] = ['CT', 'MR', 'CR', 'DX', 'MG', 'US'].map((m) => side(`builtin.${m}`, m));

type Asked = Pick<StudySummary, 'modalities' | 'bodyPart'> & { seriesList?: Series[] | null };

/** The first rule that fits. */
export function ruleFor(rules: HangingRule[], study: Asked, prior: boolean): HangingRule | null {
  const sides = new Set((study.seriesList ?? []).flatMap((s) => (s.instances ?? []).map((i) => i.laterality)));
  return (
    rules.find(
      (r) =>
        (!r.modality || (study.modalities ?? []).includes(r.modality)) &&
        (!r.bodyPart || study.bodyPart.toUpperCase().includes(r.bodyPart.toUpperCase())) &&
        (!r.laterality || sides.has(r.laterality)) &&
        (r.prior === null || r.prior === prior),
    ) ?? null
  );
}

/** The series of each pane, by id; empty where none fits. */
export function hang(rule: HangingRule, current: Series[], prior: Series[]): string[] {
  const shown = new Set<string>();
  const first = current.find((s) => slotsOf(s).length > 0);
  return Array.from({ length: rule.rows * rule.columns }, (_, i) => {
    const p = rule.panes[i] ?? { from: 'current', series: '' };
    const list = (p.from === 'prior' ? prior : current).filter((s) => slotsOf(s).length > 0 && !shown.has(s.id));
    const words = p.series.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (s: Series) => words.every((w) => s.description.toLowerCase().includes(w));
    // An earlier series is to be like the one it stands beside.
    const like = (s: Series) => (p.from === 'prior' && first ? Number(s.modality === first.modality) * 4 + Number(s.description === first.description) * 2 + Number(s.number === first.number) : 0);
    const chosen = list.filter(fits).sort((a, b) => like(b) - like(a))[0];
    if (chosen) shown.add(chosen.id);
    return chosen?.id ?? '';
  });
}
