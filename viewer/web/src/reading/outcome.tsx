import { useState } from 'preact/hooks';
import type { Report } from '../api/types';
import { instant, named, t } from '../i18n';
import { api, may } from '../session';
import { Button, Chip } from '../ui/controls';
import { useLoad } from '../ui/load';
import { sayProblem } from '../ui/problem';

const ways = ['confirmed', 'differs', 'unclear'] as const;

/** What became of the patient: the hospital tells who read. */
export function Outcomes({ report }: { report: Report }) {
  const told = useLoad(() => api.outcomes(report.id), [report.id]);
  const [agrees, setAgrees] = useState<(typeof ways)[number]>('confirmed');
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const list = told.data ?? [];
  if (list.length === 0 && !may('outcome.record')) return null;
  const send = async () => {
    setBusy(true);
    try {
      await api.tellOutcome(report.id, agrees, text.trim());
      setText('');
      told.reload();
    } catch (e) {
      sayProblem(e);
    } finally {
      setBusy(false);
    }
  };
  return (
    <section class="outcomes" aria-label={t('outcome.title')} lang={document.documentElement.lang} data-outcomes={list.length}>
      {list.length > 0 ? <h4>{t('outcome.title')}</h4> : null}
      {list.map((o) => (
        <p key={o.id}>
          <Chip tone={o.agrees === 'differs' ? 'warn' : 'ok'}>{t(`outcome.${o.agrees}`)}</Chip> {o.text}{' '}
          <span class="muted">
            {named(o.by)} {instant(o.at)}
          </span>
        </p>
      ))}
      {may('outcome.record') ? (
        <details>
          <summary data-act="outcome">{t('outcome.open')}</summary>
          <div class="contact-form">
            <select value={agrees} aria-label={t('outcome.title')} onChange={(e) => setAgrees(e.currentTarget.value as 'confirmed')}>
              {ways.map((x) => (
                <option key={x} value={x}>
                  {t(`outcome.${x}`)}
                </option>
              ))}
            </select>
            <input value={text} maxLength={2000} placeholder={t('outcome.text')} aria-label={t('outcome.text')} onInput={(e) => setText(e.currentTarget.value)} />
            <Button small kind="primary" busy={busy} disabled={agrees !== 'confirmed' && text.trim() === ''} onClick={() => void send()} act="outcome-send">
              {t('outcome.send')}
            </Button>
          </div>
        </details>
      ) : null}
    </section>
  );
}
