import './report.css';
import { useEffect, useState } from 'preact/hooks';
import { ApiError } from '../api/error';
import type { LintFinding, Preview, Report, Sections } from '../api/types';
import { lang, t, tOr } from '../i18n';
import { api } from '../session';
import { Banner, Button, Chip } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { problemText } from '../ui/problem';
import { type DraftKeeper, moreSections } from './draft';
import { KindChip } from './versions';

type Names = readonly (keyof Sections)[];

/** The sections of a kind, and those of every report that have a text: nothing is signed that was not shown. */
export function withMore(names: Names, sections: Sections): Names {
  return [...names, ...moreSections.filter((n) => !names.includes(n) && (sections[n] ?? '').trim() !== '')];
}

// What is signed is the server's: the preview shows it, and the signature carries the
// hash of what was shown.
export function SignDialog({ keeper, names, open, onClose, onSigned }: { keeper: DraftKeeper; names: Names; open: LintFinding[]; onClose: () => void; onSigned: (r: Report) => void }) {
  const [busy, setBusy] = useState(true);
  const [error, setError] = useState('');
  const [seen, setSeen] = useState<Preview | null>(null);
  const [changed, setChanged] = useState<string[]>([]);

  const look = async () => {
    setSeen(null);
    const settled = await keeper.settle();
    if (settled === 'unsaved') {
      setError(keeper.state.value === 'conflict' ? '' : t('sign.unsaved'));
      if (keeper.state.value === 'conflict') onClose();
      return;
    }
    const now = await api.preview(keeper.workitem);
    const stale = now.revision !== keeper.currentRevision; // saved by another page
    if (stale) await keeper.renew();
    if (stale || settled === 'changed') setError((was) => was || t('sign.changed'));
    setSeen(now);
  };
  const run = async (f: () => Promise<void>) => {
    setBusy(true);
    setError('');
    try {
      await f();
    } catch (e) {
      setError(refusalText(e));
      if (e instanceof ApiError && (e.code === 'not_as_shown' || e.code === 'stale_draft')) {
        setChanged(e.changed);
        await keeper.renew().then(look, () => setSeen(null));
      }
    } finally {
      setBusy(false);
    }
  };
  useEffect(() => void run(look), []);
  const sign = () => run(async () => onSigned(await api.sign(keeper.workitem, seen!.revision, seen!.shown)));

  const sections = seen?.sections ?? keeper.sections.value;
  const critical = (seen?.marks ?? keeper.marks.value).critical;
  return (
    <Dialog
      title={t('sign.title')}
      onClose={onClose}
      wide
      name="sign"
      actions={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          {seen || busy ? (
            <Button kind="primary" icon="check" busy={busy} disabled={open.length > 0 || !seen} onClick={() => void sign()} act="sign-confirm">
              {t('sign.confirm')}
            </Button>
          ) : (
            <Button kind="primary" onClick={() => void run(look)} act="sign-again">
              {t('retry')}
            </Button>
          )}
        </>
      }
    >
      <p>{t('sign.lead')}</p>
      {open.length > 0 ? (
        <Banner tone="warn">
          <strong>{t('lint.blocks')}</strong>
          <ul class="lint-list">
            {open.map((f) => (
              <li key={`${f.rule} ${f.quote}`} data-lint-open={f.rule}>
                {f.text[lang.value] ?? f.text.en}
              </li>
            ))}
          </ul>
        </Banner>
      ) : null}
      {error ? <Banner tone="danger">{error}</Banner> : null}
      <div class="sign-preview" data-shown={seen?.shown.hash}>
        {seen ? (
          <p class="sign-facts">
            <KindChip kind={seen.kind} />
            {seen.keys > 0 ? <span>{t('sign.keys', { n: seen.keys })}</span> : null}
            {seen.drawn > 0 ? <span>{t('sign.drawn', { n: seen.drawn })}</span> : null}
          </p>
        ) : null}
        {critical ? (
          <p class="sign-facts" data-changed={changed.includes('critical') ? '' : undefined}>
            <Chip tone="danger">{t(`critical.${critical.level}`)}</Chip>
            <span>{critical.finding}</span>
          </p>
        ) : null}
        {withMore(names, sections).map((n) => (
          <section key={n} data-changed={changed.includes(n) ? '' : undefined}>
            <h4>{t(`section.${n}`)}</h4>
            <p class="report-text">{sections[n]?.trim() || <span class="muted">{t('sign.blank')}</span>}</p>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

// Which parts keep it from being signed, by the names they have on the page.
function refusalText(e: unknown): string {
  if (!(e instanceof ApiError)) return problemText(e);
  const names = (list: string[]) => [...new Set(list.map((n) => tOr(`section.${n}`, 'section.other')))].join(lang.value === 'ja' ? '・' : ', ');
  if (e.code === 'not_as_shown') return t('sign.differs', { names: names(e.changed) });
  if (e.code !== 'incomplete_report') return problemText(e);
  return [e.missing.length ? t('sign.missing', { names: names(e.missing) }) : '', e.blanks.length ? t('sign.blanks', { names: names(e.blanks) }) : '', e.unseen.length ? t('sign.unseen', { names: e.unseen.join(', ') }) : ''].filter(Boolean).join(' ') || problemText(e);
}
