import { useState } from 'preact/hooks';
import type { CriticalMark } from '../api/types';
import { t } from '../i18n';
import { Button, Chip } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import type { DraftKeeper } from './draft';

const levels = ['red', 'orange', 'yellow'] as const;
const ways = ['phone', 'in person', 'message'] as const;

/** The critical finding of the report being written: shown, or asked for. */
export function CriticalMarkRow({ keeper, asking, onAsk, onClose, suggestion }: { keeper: DraftKeeper; asking: boolean; onAsk: () => void; onClose: () => void; suggestion: string }) {
  const c = keeper.marks.value.critical;
  return (
    <>
      <div class="critical-row">
        {c ? (
          <>
            <Chip tone="danger">{t(`critical.${c.level}`)}</Chip>
            <span class="critical-finding">{c.finding}</span>
            {c.contact ? <span class="muted">{t('critical.toldBy', { who: c.contact.told })}</span> : <span class="muted">{t('critical.untold')}</span>}
          </>
        ) : null}
        <Button small kind="quiet" icon="warn" onClick={onAsk} act="critical">
          {c ? t('critical.change') : t('critical.open')}
        </Button>
      </div>
      {asking ? <CriticalDialog keeper={keeper} suggestion={suggestion} onClose={onClose} /> : null}
    </>
  );
}

function CriticalDialog({ keeper, suggestion, onClose }: { keeper: DraftKeeper; suggestion: string; onClose: () => void }) {
  const now = keeper.marks.value.critical;
  const [level, setLevel] = useState<CriticalMark['level']>(now?.level ?? 'red');
  const [finding, setFinding] = useState(now?.finding ?? suggestion);
  const [told, setTold] = useState(now?.contact?.told ?? '');
  const [how, setHow] = useState<(typeof ways)[number]>((now?.contact?.how as 'phone') ?? 'phone');
  const [readBack, setReadBack] = useState(now?.contact?.readBack ?? false);
  const keep = () => {
    const contact = told.trim() ? { contact: { told: told.trim(), how, readBack } } : {};
    keeper.mark({ ...keeper.marks.value, critical: { level, finding: finding.trim(), ...contact } });
    onClose();
  };
  const drop = () => {
    const { critical: _, ...rest } = keeper.marks.value;
    keeper.mark(rest);
    onClose();
  };
  return (
    <Dialog
      title={t('critical.title')}
      onClose={onClose}
      name="critical"
      actions={
        <>
          {now ? (
            <Button kind="quiet" onClick={drop} act="critical-drop">
              {t('critical.drop')}
            </Button>
          ) : null}
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button kind="primary" disabled={finding.trim() === ''} onClick={keep} act="critical-keep">
            {t('critical.keep')}
          </Button>
        </>
      }
    >
      <p>{t('critical.lead')}</p>
      <label class="field">
        <span>{t('critical.finding')}</span>
        <input value={finding} data-act="critical-finding" onInput={(e) => setFinding(e.currentTarget.value)} />
      </label>
      <fieldset class="choices">
        <legend>{t('critical.level')}</legend>
        {levels.map((l) => (
          <label key={l}>
            <input type="radio" name="critical-level" checked={level === l} onChange={() => setLevel(l)} />
            {t(`critical.${l}`)}
          </label>
        ))}
      </fieldset>
      <label class="field">
        <span>{t('critical.told')}</span>
        <input value={told} placeholder={t('critical.toldHint')} data-act="critical-told" onInput={(e) => setTold(e.currentTarget.value)} />
      </label>
      {told.trim() ? (
        <fieldset class="choices">
          <legend>{t('critical.how')}</legend>
          {ways.map((w) => (
            <label key={w}>
              <input type="radio" name="critical-how" checked={how === w} onChange={() => setHow(w)} />
              {t(`critical.how.${w === 'in person' ? 'person' : w}`)}
            </label>
          ))}
          <label>
            <input type="checkbox" checked={readBack} data-act="critical-readback" onChange={(e) => setReadBack(e.currentTarget.checked)} />
            {t('critical.readBack')}
          </label>
        </fieldset>
      ) : null}
    </Dialog>
  );
}
