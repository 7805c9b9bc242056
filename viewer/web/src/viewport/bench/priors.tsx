import type { PriorFetch } from '../../api/types';
import { formatDate } from '../../format/dicom';
import { t } from '../../i18n';
import { sayProblem } from '../../ui/problem';
import type { Stage } from '../stage';
import type { Comparison } from './compare';
import { w } from './words';

/** How it stands with the earlier studies; unknown until they have been asked for. */
export type PriorState = 'unknown' | 'none' | 'fetching' | 'here' | 'failed';

/** What a fetch from the hospital's archive is about goes before what happens to be here. */
export function priorState(known: number | null, fetch: PriorFetch | undefined): PriorState {
  if (fetch?.state === 'waiting') return 'fetching';
  if (fetch && (fetch.state === 'failed' || fetch.lacking > 0)) return 'failed';
  if (known === null) return 'unknown';
  return known ? 'here' : 'none';
}

/** Whether there are earlier studies, and those that are not beside this one yet. */
export function Priors({ stage, comparison, fetch }: { stage: Stage; comparison: Comparison; fetch: PriorFetch | undefined }) {
  const known = comparison.priors.value;
  const state = priorState(known?.length ?? null, fetch);
  if (state === 'unknown') return null;
  const list = known?.filter((p) => !stage.priors.value.some((x) => x.id === p.id)) ?? [];
  return (
    <section class="priors" data-priors={state}>
      <h2>
        {w('prior.title')} <span class="priors-state">{w(`prior.${state}`, { n: known?.length ?? 0 })}</span>
      </h2>
      {state === 'failed' && fetch?.reason ? <p class="priors-state">{t(`fetch.reason.${fetch.reason}`)}</p> : null}
      {list.map((p) => {
        const name = `${formatDate(p.studyDate)} ${(p.modalities ?? []).join('/')} ${p.description || p.bodyPart}`;
        return (
          <button key={p.id} type="button" class="key-image" data-prior-study={p.id} title={w('prior.open', { name })} onClick={() => void comparison.open(p.id).catch(sayProblem)}>
            <span>{name}</span>
          </button>
        );
      })}
    </section>
  );
}
