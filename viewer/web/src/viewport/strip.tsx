import { documentURL, fileURL } from '../api/client';
import type { Instance, Series } from '../api/types';
import { formatDate } from '../format/dicom';
import { t } from '../i18n';
import { Thumb } from '../ui/controls';
import { Icon } from '../ui/icon';
import { seriesDrag } from './canvas';
import type { Look } from './loader';
import { documentsOf, slotsOf } from './stack';
import type { Stage } from './stage';

/** The series of the study as thumbnails; papers below. onPick is told when one is chosen. */
export function Strip({ stage, report, onPick }: { stage: Stage; report: string; onPick?: () => void }) {
  const pictures = stage.series.value.filter((s) => slotsOf(s).length > 0);
  const papers = stage.series.value.flatMap((s) => documentsOf(s).map((instance) => ({ instance, series: s })));
  const More = stage.bench.value?.Strip;
  return (
    <nav class="strip" aria-label={t('series.label')}>
      {pictures.map((s) => (
        <SeriesButton key={s.id} series={s} stage={stage} {...(onPick ? { onPick } : {})} />
      ))}
      {pictures.length === 0 && papers.length === 0 ? <p class="strip-empty">{t('series.empty')}</p> : null}
      {papers.length ? (
        <section class="papers">
          <h2>{t('series.documents')}</h2>
          {papers.map(({ instance, series }) => (
            <a key={instance.id} class="paper" {...paperLink(instance, report)}>
              <Icon name="doc" size={16} />
              <span>
                {instance.title || series.description || series.modality}
                <small>{[paperKind(instance, series), instance.origin === 'dokuei' ? t('series.ours') : ''].filter(Boolean).join(' · ')}</small>
              </span>
            </a>
          ))}
        </section>
      ) : null}
      {More ? <More stage={stage} /> : null}
    </nav>
  );
}

// PS3.4 B.5: Encapsulated PDF Storage.
const pdfClass = '1.2.840.10008.5.1.4.1.1.104.1';

function paperKind(i: Instance, s: Series): string {
  return i.sopClass === pdfClass ? 'PDF' : s.modality;
}

// The printed report opens as the PDF it holds; other papers are handed out as
// the objects they came as.
function paperLink(i: Instance, report: string) {
  if (report && i.origin === 'dokuei' && i.sopClass === pdfClass) return { href: documentURL('pdf', report), target: '_blank', rel: 'noopener noreferrer' };
  return { href: fileURL(i.id), download: true };
}

function SeriesButton({ series, stage, onPick }: { series: Series; stage: Stage; onPick?: () => void }) {
  const slots = slotsOf(series);
  const shown = stage.panes.value.filter((v) => v.active.value === series.id);
  const active = stage.active.value.active.value === series.id;
  const middle = slots[Math.floor(slots.length / 2)]!.instance;
  const blocked = slots.every((s) => s.instance.displayable === 'undecodable');
  const conflict = slots.some((s) => s.instance.conflict);
  return (
    <button
      type="button"
      class="series"
      aria-current={active}
      data-series={series.id}
      data-modality={series.modality}
      data-shown={shown.length > 0}
      data-prior={!!stage.priorOf(series.id)}
      draggable
      onDragStart={(e) => e.dataTransfer?.setData(seriesDrag, series.id)}
      onClick={() => {
        stage.open(series.id);
        onPick?.();
      }}
    >
      <Thumb src={middle.thumbnail || null} />
      <span class="series-text">
        <span class="series-name">
          {series.modality} {series.number ?? ''}
          {conflict ? <Icon name="warn" size={14} /> : null}
        </span>
        {stage.priorOf(series.id) ? <span class="series-prior">{t('image.prior')} {formatDate(stage.priorOf(series.id)!.studyDate)}</span> : null}
        <span class="series-desc">{series.description || series.bodyPart || '–'}</span>
        <span class="series-count">{blocked ? t('series.blocked') : t('series.images', { n: slots.length })}</span>
      </span>
      {shown[0] && !blocked ? <Progress look={shown[0].look} /> : null}
    </button>
  );
}

function Progress({ look }: { look: Look }) {
  const { loaded, pictures, total } = look.progress.value;
  if (total === 0) return null;
  const done = loaded >= total;
  return (
    <span class={`series-progress${done ? ' done' : ''}`} role="progressbar" aria-label={t('series.loaded')} aria-valuemin={0} aria-valuemax={total} aria-valuenow={loaded} data-pictures={pictures}>
      <span style={{ width: `${(loaded / total) * 100}%` }} />
    </span>
  );
}
