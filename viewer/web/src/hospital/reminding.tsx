import { useEffect, useState } from 'preact/hooks';
import type { Named, Told } from '../api/types';
import { instant, named } from '../i18n';
import { api } from '../session';
import { Button } from '../ui/controls';
import { useLoad } from '../ui/load';
import { sayProblem } from '../ui/problem';
import { say } from '../ui/toast';
import { w } from './reminding.words';

interface Way {
  id: string;
  name: string;
  way: 'mailto' | 'https' | 'http';
  told: boolean;
}
interface How {
  facility: Named;
  doctor: boolean;
  ways: Way[];
  quietFrom: string;
  quietTo: string;
}

/** Who was told outside the pages of one version. */
export function ToldList({ told }: { told: Told[] }) {
  return (
    <ul class="told-list">
      {told.map((n, i) => (
        <li key={i} class="sub" data-told={n.sentAt ? 'sent' : n.stopped ? 'stopped' : 'waiting'}>
          {n.escalation ? w('escalation') : w('reminder', { n: n.step })} → {n.person ? named(n.person) : n.way}:{' '}
          {n.sentAt ? w('sent', { at: instant(n.sentAt) }) : n.stopped ? w('stopped') : w('waiting', { at: instant(n.at) })}
        </li>
      ))}
    </ul>
  );
}

/** How a hospital is reminded of what nobody has acknowledged. */
export function Reminding() {
  const loaded = useLoad(() => api.json<How[]>('/reminding'), []);
  const [at, setAt] = useState(0);
  const list = loaded.data;
  const how = list?.[at];
  if (!list || !how) return null;
  return (
    <details class="card reminding">
      <summary>{w('title')}</summary>
      <p class="muted">{w('lead')}</p>
      {list.length > 1 ? (
        <label class="field">
          <span>{w('hospital')}</span>
          <select name="reminding-hospital" value={at} onChange={(e) => setAt(Number(e.currentTarget.value))}>
            {list.map((h, i) => (
              <option key={h.facility.id} value={i}>
                {named(h.facility)}
              </option>
            ))}
          </select>
        </label>
      ) : null}
      <Form key={how.facility.id} how={how} onSaved={loaded.reload} />
    </details>
  );
}

function Form({ how, onSaved }: { how: How; onSaved: () => void }) {
  const [x, setX] = useState(how);
  useEffect(() => setX(how), [how]);
  const save = async () => {
    try {
      await api.json('/reminding', {
        method: 'PUT',
        body: { facility: x.facility.id, doctor: x.doctor, silent: x.ways.filter((d) => !d.told).map((d) => d.id), quietFrom: x.quietFrom, quietTo: x.quietTo },
      });
      say(w('saved'));
      onSaved();
    } catch (e) {
      sayProblem(e);
    }
  };
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        void save();
      }}
    >
      <label class="check">
        <input type="checkbox" name="reminding-doctor" checked={x.doctor} onChange={(e) => setX({ ...x, doctor: e.currentTarget.checked })} /> {w('doctor')}
      </label>
      <fieldset>
        <legend>{w('ways')}</legend>
        {x.ways.length === 0 ? <p class="muted">{w('none')}</p> : null}
        {x.ways.map((d) => (
          <label key={d.id} class="check">
            <input
              type="checkbox"
              name="reminding-way"
              checked={d.told}
              onChange={(e) => {
                const told = e.currentTarget.checked;
                setX({ ...x, ways: x.ways.map((o) => (o.id === d.id ? { ...o, told } : o)) });
              }}
            />
            {d.name} <span class="muted">{w(d.way)}</span>
          </label>
        ))}
      </fieldset>
      <fieldset>
        <legend>{w('quiet')}</legend>
        <input type="time" name="quiet-from" aria-label={w('quiet')} required value={x.quietFrom} onInput={(e) => setX({ ...x, quietFrom: e.currentTarget.value })} /> {w('to')}{' '}
        <input type="time" name="quiet-to" aria-label={`${w('quiet')} ${w('to')}`} required value={x.quietTo} onInput={(e) => setX({ ...x, quietTo: e.currentTarget.value })} />
      </fieldset>
      <Button kind="primary" small type="submit" act="reminding-save">
        {w('save')}
      </Button>
    </form>
  );
}
