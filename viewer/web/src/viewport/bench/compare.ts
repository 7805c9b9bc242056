import type { Study, StudySummary } from '../../api/types';
import { signal } from '@preact/signals';
import { api } from '../../session';
import { builtIn, hang, ruleFor, type HangingRule } from '../hanging';
import type { Stage } from '../stage';

// Comparison finds the earlier studies of the patient and hangs the most
// comparable one beside the study, once, when it is opened.
export class Comparison {
  /** Null until they have been asked for. */
  readonly priors = signal<StudySummary[] | null>(null);
  private done = '';
  private fetched: string | undefined;

  constructor(private readonly stage: Stage) {}

  /** Looks for priors and hangs; a reader who has begun to lay out is left alone. */
  async begin(study: Study, rules: HangingRule[] | null) {
    if (this.done === study.id) return;
    this.done = study.id;
    this.fetched = study.priors?.updatedAt;
    const known = await api.priors(study.id);
    this.priors.value = known;
    const best = known[0];
    const comparable = best && best.bodyPart === study.bodyPart && best.modalities?.some((m) => study.modalities?.includes(m));
    const rule = ruleFor([...(rules ?? []), ...builtIn], study, !!comparable);
    if (!rule || this.stage.panes.value.length > 1 || matchMedia('(max-width: 760px)').matches) return;
    const prior = comparable ? await this.open(best.id) : null;
    if (this.stage.panes.value.length > 1) return;
    this.stage.hang(rule.rows, rule.columns, hang(rule, study.seriesList ?? [], prior?.seriesList ?? []));
  }

  /** Looks again when more has come from the hospital's archive. */
  async more(study: Study) {
    if (this.done !== study.id || this.fetched === study.priors?.updatedAt) return;
    this.fetched = study.priors?.updatedAt;
    this.priors.value = await api.priors(study.id);
  }

  /** Puts the series of an earlier study beside those of this one. */
  async open(id: string): Promise<Study> {
    const there = this.stage.priors.value.find((p) => p.id === id);
    if (there) return there;
    const study = await api.study(id);
    this.stage.addPrior(study);
    return study;
  }
}
