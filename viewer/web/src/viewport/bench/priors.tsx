import { formatDate } from '../../format/dicom';
import { sayProblem } from '../../ui/problem';
import type { Stage } from '../stage';
import type { Comparison } from './compare';
import { w } from './words';

/** Earlier studies that are not beside this one yet. */
export function Priors({ stage, comparison }: { stage: Stage; comparison: Comparison }) {
  const list = comparison.priors.value.filter((p) => !stage.priors.value.some((x) => x.id === p.id));
  if (list.length === 0) return null;
  return (
    <section class="priors">
      <h2>{w('prior.title')}</h2>
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
