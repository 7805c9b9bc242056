import { documentURL, fileURL } from '../api/client';
import type { Instance, Series } from '../api/types';
import { t } from '../i18n';
import { Thumb } from '../ui/controls';
import { Icon } from '../ui/icon';
import { documentsOf, slotsOf } from './stack';
import type { Viewer } from './viewer';

/** The series of the study as thumbnails; papers below. onPick is told when one is chosen. */
export function Strip({ viewer, report, onPick }: { viewer: Viewer; report: string; onPick?: () => void }) {
  const pictures = viewer.series.value.filter((s) => slotsOf(s).length > 0);
  const papers = viewer.series.value.flatMap((s) => documentsOf(s).map((instance) => ({ instance, series: s })));
  return (
    <nav class="strip" aria-label={t('series.label')}>
      {pictures.map((s) => (
        <SeriesButton key={s.id} series={s} viewer={viewer} {...(onPick ? { onPick } : {})} />
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

function SeriesButton({ series, viewer, onPick }: { series: Series; viewer: Viewer; onPick?: () => void }) {
  const slots = slotsOf(series);
  const active = viewer.active.value === series.id;
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
      onClick={() => {
        viewer.open(series.id);
        onPick?.();
      }}
    >
      <Thumb src={middle.thumbnail || null} />
      <span class="series-text">
        <span class="series-name">
          {series.modality} {series.number ?? ''}
          {conflict ? <Icon name="warn" size={14} /> : null}
        </span>
        <span class="series-desc">{series.description || series.bodyPart || '–'}</span>
        <span class="series-count">{blocked ? t('series.blocked') : t('series.images', { n: slots.length })}</span>
      </span>
      {active && !blocked ? <Progress viewer={viewer} /> : null}
    </button>
  );
}

function Progress({ viewer }: { viewer: Viewer }) {
  const { loaded, total } = viewer.loader.progress.value;
  if (total === 0) return null;
  const done = loaded >= total;
  return (
    <span class={`series-progress${done ? ' done' : ''}`} role="progressbar" aria-label={t('series.loaded')} aria-valuemin={0} aria-valuemax={total} aria-valuenow={loaded}>
      <span style={{ width: `${(loaded / total) * 100}%` }} />
    </span>
  );
}
