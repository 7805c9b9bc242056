import { useState } from 'preact/hooks';
import { instant, named, t } from '../i18n';
import { api } from '../session';
import { Blank, Button, Chip } from '../ui/controls';
import { useLoad } from '../ui/load';
import { sayProblem } from '../ui/problem';
import { w } from '../account/words';
import { act, kinds } from './audit.words';
import { SelectField } from './fields';
import '../account/account.css';

interface Entry {
  seq: number;
  at: string;
  actor: string;
  name: string;
  nameEn: string;
  action: string;
  object: string;
  facility: string;
  facilityName: string;
  facilityNameEn: string;
  failed: boolean;
  detail: string;
}

const page = 200;
const nothing = { login: '', facility: '', patientId: '', action: '' };

const search = (asked: typeof nothing, before = 0) => api.json<Entry[]>('/audit/search', { method: 'POST', body: { ...asked, before, limit: page } });

/** The trail: who has seen a patient, what a person has done. */
export function Audit() {
  const [typed, setTyped] = useState(nothing);
  const [asked, setAsked] = useState(nothing);
  const loaded = useLoad(() => search(asked), [], [asked]);
  const [older, setOlder] = useState<{ of: Entry[]; list: Entry[]; end: boolean } | null>(null);
  const [busy, setBusy] = useState(false);
  // What was added below belongs to the answer it was added to.
  const added = older && older.of === loaded.data ? older : null;
  const entries = loaded.data && [...loaded.data, ...(added?.list ?? [])];
  const more = entries && entries.length >= page && !added?.end;
  const add = () => {
    const of = loaded.data;
    const last = entries?.at(-1);
    if (!of || !last) return;
    setBusy(true);
    void search(asked, last.seq)
      .then((list) => setOlder({ of, list: [...(added?.list ?? []), ...list], end: list.length < page }), sayProblem)
      .finally(() => setBusy(false));
  };
  const field = (k: keyof typeof nothing, label: string) => (
    <label class="field">
      <span>{label}</span>
      <input name={`audit-${k}`} autocomplete="off" spellcheck={false} value={typed[k]} onInput={(e) => setTyped({ ...typed, [k]: e.currentTarget.value })} />
    </label>
  );
  return (
    <>
      <h1>{t('coord.audit')}</h1>
      <p class="muted">{w('audit.lead')}</p>
      <form
        class="search-row"
        onSubmit={(e) => {
          e.preventDefault();
          setAsked({ ...typed });
          if (JSON.stringify(asked) === JSON.stringify(typed)) loaded.reload();
        }}
      >
        {field('facility', w('emergency.facility'))}
        {field('patientId', w('emergency.patientId'))}
        {field('login', w('audit.login'))}
        <SelectField name="audit-action" label={w('audit.kind')} value={typed.action} options={[{ id: '', text: w('audit.every') }, ...kinds()]} onChange={(action) => setTyped({ ...typed, action })} />
        <Button kind="primary" type="submit" icon="search" busy={loaded.loading} act="audit-search">
          {w('audit.search')}
        </Button>
      </form>
      {!loaded.data ? loaded.error ? <Blank icon="warn" title={loaded.error} /> : <Blank busy title={t('loading')} /> : null}
      {loaded.data?.length === 0 ? <Blank icon="check" title={w('audit.none')} /> : null}
      {entries && entries.length > 0 ? (
        <div class="table-box" role="region" tabIndex={0} aria-label={t('coord.audit')}>
          <table class="list still">
            <thead>
              <tr>
                <th scope="col">{w('audit.when')}</th>
                <th scope="col">{w('audit.who')}</th>
                <th scope="col">{w('audit.what')}</th>
                <th scope="col">{w('people.facility')}</th>
                <th scope="col">{w('audit.object')}</th>
              </tr>
            </thead>
            <tbody>
              {entries.map((e) => (
                <tr key={e.seq} data-audit={e.action}>
                  <td>{instant(e.at)}</td>
                  <td>{e.name ? <strong>{named(e)}</strong> : <code>{e.actor}</code>}</td>
                  <td>
                    <span title={e.action}>{act(e.action)}</span> {e.failed ? <Chip tone="danger">{w('audit.failed')}</Chip> : null}
                  </td>
                  <td>{e.facilityName ? named({ name: e.facilityName, nameEn: e.facilityNameEn }) : e.facility || '–'}</td>
                  <td class="audit-detail wide">
                    <small class="muted">{[e.object, e.detail].filter(Boolean).join(' · ')}</small>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
      {more ? (
        <p>
          <Button busy={busy} act="audit-older" onClick={add}>
            {w('audit.older')}
          </Button>
        </p>
      ) : null}
    </>
  );
}
