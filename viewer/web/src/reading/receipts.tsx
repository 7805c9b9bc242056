import { useState } from 'preact/hooks';
import type { Critical, LoopState, Report } from '../api/types';
import { instant, named, t } from '../i18n';
import { api, me } from '../session';
import { Banner, Button, Chip } from '../ui/controls';
import { useLive, useLoad } from '../ui/load';
import { sayProblem } from '../ui/problem';

/** How far a version is on its way to the doctor who ordered it. */
export function Receipts({ report }: { report: Report }) {
  const loaded = useLoad(() => api.receipts(report.id), [report.id]);
  useLive((e) => e.studyId === report.studyId, loaded.reload);
  const [busy, setBusy] = useState(false);
  const [note, setNote] = useState('');
  const s = loaded.data;
  if (!s) return null;
  const version = s.versions.find((v) => v.reportId === report.id);
  const others = [...new Set(s.receipts.filter((r) => !r.orderer && r.by.id !== s.orderer?.id).map((r) => named(r.by)))];
  const step = async (name: 'acknowledged' | 'acted') => {
    setBusy(true);
    try {
      loaded.set(await api.receipt(report.id, name, note.trim()));
      setNote('');
    } catch (e) {
      sayProblem(e);
    } finally {
      setBusy(false);
    }
  };
  return (
    <section class="receipts" aria-label={t('loop.title')} lang={document.documentElement.lang} data-loop={version?.actedAt ? 'acted' : version?.acknowledgedAt ? 'acknowledged' : version?.openedAt ? 'opened' : 'delivered'}>
      <h4>{t('loop.title')}</h4>
      {s.criticals.map((c) => (
        <CriticalState key={c.id} critical={c} onChange={loaded.reload} />
      ))}
      {version ? (
        <p class="loop-steps">
          {(['openedAt', 'acknowledgedAt', 'actedAt'] as const).map((k) => (
            <Chip key={k} tone={version[k] ? 'ok' : 'neutral'}>
              {t(`loop.${k}`)} {version[k] ? instant(version[k]) : '–'}
            </Chip>
          ))}
        </p>
      ) : null}
      <p class="muted">{s.orderer ? t('loop.orderer', { name: named(s.orderer) }) : t('loop.noOrderer')}</p>
      {s.receipts
        .filter((r) => r.note)
        .map((r, n) => (
          <p key={n} class="loop-note" data-note={r.step}>
            {r.note}{' '}
            <span class="muted">
              {named(r.by)} {instant(r.at)}
            </span>
          </p>
        ))}
      {s.mine && version && !version.actedAt ? (
        <div class="quick">
          <input value={note} maxLength={2000} placeholder={t('loop.note')} aria-label={t('loop.note')} data-act="loop-note" onInput={(e) => setNote(e.currentTarget.value)} />
          {version.acknowledgedAt ? null : (
            <Button kind="primary" small icon="check" busy={busy} onClick={() => void step('acknowledged')} act="loop-acknowledge">
              {t('loop.acknowledge')}
            </Button>
          )}
          <Button small busy={busy} onClick={() => void step('acted')} act="loop-act">
            {t('loop.act')}
          </Button>
        </div>
      ) : null}
      {s.staff.length > 0 && !s.mine ? <NameOrderer state={s} study={report.studyId} onNamed={loaded.reload} /> : null}
      {others.length > 0 ? <p class="muted">{t('loop.others', { names: others.join(', ') })}</p> : null}
    </section>
  );
}

function NameOrderer({ state, study, onNamed }: { state: LoopState; study: string; onNamed: () => void }) {
  const name = async (id: string) => {
    if (!id) return;
    try {
      await api.nameOrderer(study, id);
      onNamed();
    } catch (e) {
      sayProblem(e);
    }
  };
  return (
    <label class="loop-name">
      <span>{t('loop.name')}</span>
      <select value={state.orderer?.id ?? ''} data-act="orderer" onChange={(e) => void name(e.currentTarget.value)}>
        <option value="">–</option>
        {state.staff.map((u) => (
          <option key={u.id} value={u.id}>
            {named(u)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** A critical finding: who was told, and who is still to be. */
export function CriticalState({ critical, onChange }: { critical: Critical; onChange: () => void }) {
  const [writing, setWriting] = useState(false);
  const c = critical;
  const mayTell = ['reader', 'coordinator', 'hospital', 'ordering_doctor'].includes(me.value?.role ?? '');
  return (
    <div class="critical-state" data-critical={c.closedAt ? 'closed' : c.escalatedAt ? 'escalated' : 'open'}>
      <Banner
        tone={c.closedAt ? 'ok' : 'danger'}
        icon={c.closedAt ? 'check' : 'warn'}
        action={
          mayTell && !c.closedAt ? (
            <Button small onClick={() => setWriting(true)} act="critical-tell">
              {t('critical.tell')}
            </Button>
          ) : undefined
        }
      >
        <strong>{t(`critical.${c.level}`)}</strong> {c.finding}{' '}
        <span class="muted">
          {c.closedAt ? t('critical.closed', { at: instant(c.closedAt) }) : c.escalatedAt ? t('critical.escalated', { at: instant(c.escalatedAt) }) : t('critical.until', { at: instant(c.deadline) })}
        </span>
        {c.contacts.map((x, n) => (
          <span key={n} class="contact">
            {instant(x.at)} {x.told} · {t(`critical.how.${x.how === 'in person' ? 'person' : x.how}`)} · {x.readBack ? t('critical.readBack') : x.reached ? t('critical.reached') : t('critical.missed')}
          </span>
        ))}
      </Banner>
      {writing ? <Contact critical={c} onDone={() => (setWriting(false), onChange())} onClose={() => setWriting(false)} /> : null}
    </div>
  );
}

function Contact({ critical, onDone, onClose }: { critical: Critical; onDone: () => void; onClose: () => void }) {
  const [told, setTold] = useState('');
  const [result, setResult] = useState<'missed' | 'reached' | 'readBack'>('readBack');
  const [busy, setBusy] = useState(false);
  const keep = async () => {
    setBusy(true);
    try {
      await api.tellCritical(critical.id, { told: told.trim(), how: 'phone', reached: result !== 'missed', readBack: result === 'readBack', note: '' });
      onDone();
    } catch (e) {
      sayProblem(e);
      setBusy(false);
    }
  };
  return (
    <div class="contact-form">
      <input value={told} placeholder={t('critical.toldHint')} aria-label={t('critical.told')} data-act="contact-told" onInput={(e) => setTold(e.currentTarget.value)} />
      <select value={result} aria-label={t('critical.result')} data-act="contact-result" onChange={(e) => setResult(e.currentTarget.value as 'missed')}>
        <option value="readBack">{t('critical.readBack')}</option>
        <option value="reached">{t('critical.reached')}</option>
        <option value="missed">{t('critical.missed')}</option>
      </select>
      <Button small onClick={onClose}>
        {t('cancel')}
      </Button>
      <Button small kind="primary" busy={busy} disabled={told.trim() === ''} onClick={() => void keep()} act="contact-keep">
        {t('critical.keep')}
      </Button>
    </div>
  );
}
