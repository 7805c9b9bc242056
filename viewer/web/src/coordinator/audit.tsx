import { useState } from 'preact/hooks';
import { instant, named, t } from '../i18n';
import { api } from '../session';
import { Blank, Button, Chip } from '../ui/controls';
import { useLoad } from '../ui/load';
import { w } from '../account/words';
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
  failed: boolean;
  detail: string;
}

const nothing = { login: '', facility: '', patientId: '', action: '' };

/** The trail: who has seen a patient, what a person has done. */
export function Audit() {
  const [typed, setTyped] = useState(nothing);
  const [asked, setAsked] = useState(nothing);
  const loaded = useLoad(() => api.json<Entry[]>('/audit/search', { method: 'POST', body: { ...asked, limit: 200 } }), [], [asked]);
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
        {field('action', w('audit.kind'))}
        <Button kind="primary" type="submit" icon="search" busy={loaded.loading} act="audit-search">
          {w('audit.search')}
        </Button>
      </form>
      {!loaded.data ? loaded.error ? <Blank icon="warn" title={loaded.error} /> : <Blank busy title={t('loading')} /> : null}
      {loaded.data?.length === 0 ? <Blank icon="check" title={w('audit.none')} /> : null}
      {loaded.data && loaded.data.length > 0 ? (
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
              {loaded.data.map((e) => (
                <tr key={e.seq} data-audit={e.action}>
                  <td>{instant(e.at)}</td>
                  <td>{e.name ? <strong>{named(e)}</strong> : <code>{e.actor}</code>}</td>
                  <td>
                    <code>{e.action}</code> {e.failed ? <Chip tone="danger">{w('audit.failed')}</Chip> : null}
                  </td>
                  <td>{e.facility || '–'}</td>
                  <td class="audit-detail wide">
                    <small class="muted">{[e.object, e.detail].filter(Boolean).join(' · ')}</small>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
    </>
  );
}
