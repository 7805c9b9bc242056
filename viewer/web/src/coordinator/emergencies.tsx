import type { Named } from '../api/types';
import { instant, named, t } from '../i18n';
import { api } from '../session';
import { Blank, Button, Chip } from '../ui/controls';
import { useLive, useLoad } from '../ui/load';
import { sayProblem } from '../ui/problem';
import { w } from '../account/words';
import '../account/account.css';

interface Emergency {
  id: string;
  by: Named;
  facility: Named;
  reason: string;
  openedAt: string;
  expiresAt: string;
  reviewedAt: string | null;
  reviewedBy: Named | null;
  verdict: 'justified' | 'unjustified' | '';
  mine: boolean;
}

/** Who has broken the glass, why, and whether that was right. */
export function Emergencies() {
  const loaded = useLoad(() => api.json<Emergency[]>('/emergencies'), []);
  useLive((_, kind) => kind === 'emergency', loaded.reload);
  const judge = (id: string, verdict: string) => api.json(`/emergencies/${id}/review`, { method: 'POST', body: { verdict } }).then(loaded.reload, sayProblem);
  return (
    <>
      <h1>{t('coord.emergencies')}</h1>
      {!loaded.data ? loaded.error ? <Blank icon="warn" title={loaded.error} /> : <Blank busy title={t('loading')} /> : null}
      {loaded.data?.length === 0 ? <Blank icon="check" title={w('emergency.none')} /> : null}
      <ul class="rows">
        {(loaded.data ?? []).map((e) => (
          <li key={e.id} data-emergency={e.verdict || 'waiting'}>
            <strong>{named(e.by)}</strong>
            <span>{named(e.facility)}</span>
            <span class="muted">{instant(e.openedAt)}</span>
            <span class="reason">{e.reason}</span>
            {e.verdict ? (
              <Chip tone={e.verdict === 'justified' ? 'ok' : 'danger'}>{w(`emergency.${e.verdict}`)}</Chip>
            ) : e.mine ? (
              <Chip tone="warn">{w('emergency.waiting')}</Chip>
            ) : (
              <>
                <Button small act="justified" onClick={() => void judge(e.id, 'justified')}>
                  {w('emergency.justified')}
                </Button>
                <Button small kind="danger" act="unjustified" onClick={() => void judge(e.id, 'unjustified')}>
                  {w('emergency.unjustified')}
                </Button>
              </>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
