import './report.css';
import { useState } from 'preact/hooks';
import type { Study, Workitem } from '../api/types';
import { named, t } from '../i18n';
import { go, href } from '../route';
import { api, may, me } from '../session';
import { Banner, Button, Chip, LinkButton } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { problemText } from '../ui/problem';

/** The way from a signed report to an addendum, for readers of its panel. */
export function AddendumAction({ item, study }: { item: Workitem; study: Study }) {
  const [asking, setAsking] = useState(false);
  const who = me.value;
  if (!who || !may('report.amend') || item.state !== 'COMPLETED') return null;
  const open = (study.workitems ?? []).find((w) => w.state === 'SCHEDULED' || w.state === 'IN PROGRESS');
  if (open && open.state === 'IN PROGRESS' && open.claimedBy?.id !== who.userId) return <Chip>{t('addendum.other', { name: named(open.claimedBy) })}</Chip>;
  if (open) {
    return (
      <LinkButton small icon="pen" href={href('read', open.id)} act="addendum-open">
        {t('addendum.goOn')}
      </LinkButton>
    );
  }
  if (!(who.panels ?? []).some((p) => p.id === item.panel?.id)) return null;
  return (
    <>
      <Button small icon="pen" onClick={() => setAsking(true)} act="addendum">
        {t('addendum.open')}
      </Button>
      {asking ? <AddendumDialog study={study.id} onClose={() => setAsking(false)} /> : null}
    </>
  );
}

const kinds = ['addendum', 'correction', 'retraction'] as const;

function AddendumDialog({ study, onClose }: { study: string; onClose: () => void }) {
  const [kind, setKind] = useState<(typeof kinds)[number]>('addendum');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const begin = async () => {
    setBusy(true);
    setError('');
    try {
      go('read', (await api.addendum(study, kind)).id);
    } catch (e) {
      setError(problemText(e));
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={t('addendum.title')}
      onClose={onClose}
      name="addendum"
      actions={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button kind="primary" icon="pen" busy={busy} onClick={() => void begin()} act="addendum-confirm">
            {t('addendum.confirm')}
          </Button>
        </>
      }
    >
      <p>{t('addendum.lead')}</p>
      <fieldset class="choices">
        <legend>{t('addendum.kind')}</legend>
        {kinds.map((k) => (
          <label key={k}>
            <input type="radio" name="addendum-kind" value={k} checked={kind === k} onChange={() => setKind(k)} />
            <span>
              {t(`report.${k}`)} <span class="muted">{t(`addendum.${k}`)}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {error ? <Banner tone="danger">{error}</Banner> : null}
    </Dialog>
  );
}
