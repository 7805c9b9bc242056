import { useState } from 'preact/hooks';
import type { Order, StudySummary } from '../api/types';
import { formatDate } from '../format/dicom';
import { named, studyWhen, t } from '../i18n';
import { href } from '../route';
import { api } from '../session';
import { Blank, Button, Chip } from '../ui/controls';
import { useLive, useLoad } from '../ui/load';
import { sayProblem } from '../ui/problem';
import { say } from '../ui/toast';
import { Waiting } from './listing';
import { w } from './words';

interface Question {
  id: string;
  reason: 'patient' | 'several' | 'canceled';
  study: StudySummary;
  order: Order;
}

/** Studies and orders that may belong together and do not agree: somebody says. */
export function Reconcile() {
  const loaded = useLoad(() => api.json<Question[]>('/reconciliations'), []);
  const [busy, setBusy] = useState('');
  useLive((_, kind) => kind === 'study' || kind === 'workitem', loaded.reload);
  const answer = async (id: string, joined: boolean) => {
    setBusy(id);
    try {
      await api.json('/reconciliations/resolve', { method: 'POST', body: { id, joined } });
      say(w('match.done'));
      loaded.reload();
    } catch (e) {
      sayProblem(e);
    }
    setBusy('');
  };
  return (
    <>
      <h1>{w('match.title')}</h1>
      <p class="muted">{w('match.lead')}</p>
      <Waiting loaded={loaded}>
        {(list) =>
          list.length === 0 ? (
            <Blank icon="check" title={w('match.none')} />
          ) : (
            <>
              {list.map((q) => (
                <article key={q.id} class="card" data-question={q.id}>
                  <Chip tone="warn">{w(`match.${q.reason}`)}</Chip>
                  <table class="plain match">
                    <thead>
                      <tr>
                        <td />
                        <th scope="col">{w('match.study')}</th>
                        <th scope="col">{w('match.order')}</th>
                      </tr>
                    </thead>
                    <tbody>
                      {rows(q).map(([name, a, b]) => (
                        <tr key={name} class={a && b && a !== b ? 'differs' : ''}>
                          <th scope="row">{name}</th>
                          <td>{a || '–'}</td>
                          <td>{b || '–'}</td>
                        </tr>
                      ))}
                    </tbody>
                  </table>
                  <p class="head-actions">
                    <a class="btn small" href={href('workitems', q.study.id)}>
                      {t('open')}
                    </a>
                    <Button small disabled={busy !== ''} onClick={() => void answer(q.id, false)} act="match-apart">
                      {w('match.apart')}
                    </Button>
                    <Button small kind="primary" disabled={busy !== ''} onClick={() => void answer(q.id, true)} act="match-join">
                      {w('match.join')}
                    </Button>
                  </p>
                </article>
              ))}
            </>
          )
        }
      </Waiting>
    </>
  );
}

function rows({ study: s, order: o }: Question): [string, string, string][] {
  const [alphabetic = '', ideographic = ''] = o.patientName.split('=');
  const name = (x: string) => x.replace(/\^+/g, ' ').trim();
  return [
    [t('col.hospital'), named(s.facility), named(s.facility)],
    [t('col.patient'), name(s.patient.ideographic || s.patient.name), name(ideographic || alphabetic)],
    [t('col.id'), s.patient.patientId, o.patientId],
    [w('rules.sex'), s.patient.sex, o.sex],
    [t('col.study'), studyWhen(s), formatDate(o.step.startDate)],
    [t('col.modality'), (s.modalities ?? []).join('/'), o.step.modality],
    [t('col.description'), s.description, o.procedureDescription],
    [t('col.accession'), s.accession, o.accession],
  ];
}
