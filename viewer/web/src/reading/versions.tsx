import type { Report } from '../api/types';
import { instant, named, t } from '../i18n';
import { Chip } from '../ui/controls';

/** All signed versions in the order they were signed: a correction is never taken for the first report. */
export function Versions({ report, onVersion }: { report: Report; onVersion: (id: string) => void }) {
  const versions = [...(report.versions ?? [])].sort((a, b) => a.version - b.version);
  if (versions.length < 2) return null;
  return (
    <ol class="versions" aria-label={t('report.versions')} lang={document.documentElement.lang}>
      {versions.map((v) => (
        <li key={v.id}>
          <button type="button" aria-current={v.id === report.id} data-version={v.version} data-kind={v.kind} onClick={() => onVersion(v.id)}>
            <span class="version-n">{t('report.version', { n: v.version })}</span>
            <KindChip kind={v.kind} />
            <span class="version-when">{instant(v.signedAt)}</span>
            <span class="muted">{named(v.author)}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}

export function KindChip({ kind }: { kind: Report['kind'] }) {
  const tone = kind === 'final' ? 'ok' : kind === 'retraction' ? 'danger' : kind === 'preliminary' ? 'strong' : 'warn';
  return <Chip tone={tone}>{t(`report.${kind}`)}</Chip>;
}
