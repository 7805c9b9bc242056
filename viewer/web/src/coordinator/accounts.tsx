import { useState } from 'preact/hooks';
import type { Facility, Named, Role } from '../api/types';
import { named, t } from '../i18n';
import { api, may } from '../session';
import { Banner, Button, Chip } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { useLoad } from '../ui/load';
import { problemText, sayProblem } from '../ui/problem';
import { say } from '../ui/toast';
import { w } from '../account/words';
import type { Provider } from '../signin/sso';
import { atHospital, RoleFields, TextField } from './fields';
import { Actions, Head, Once, Table, Waiting } from './listing';
import '../account/account.css';

interface Person extends Named {
  login: string;
  role: Role;
  facility: Named | null;
  license: string;
  email: string;
  disabled: boolean;
  mustChange: boolean;
  generator: boolean;
  passkeys: number;
  sso: boolean;
  changeable: boolean;
}

interface Invitation {
  link: string;
  expiresAt: string;
}

const elsewhere: Role[] = ['reader', 'trainee', 'coordinator'];
const above: Role[] = ['admin', 'auditor'];

/** Accounts of people: invite, change, take away. */
export function Accounts() {
  const loaded = useLoad(async () => {
    const [people, facilities] = await Promise.all([api.json<Person[]>('/people'), api.facilities()]);
    return { people, facilities };
  }, []);
  const [editing, setEditing] = useState<Person | 'new' | null>(null);
  const [link, setLink] = useState<Invitation | null>(null);
  return (
    <>
      <Head title={t('coord.accounts')} add={{ text: w('people.add'), act: 'person-add', icon: 'person', run: () => setEditing('new') }} />
      <p class="muted">{w('people.lead')}</p>
      <Waiting loaded={loaded}>
        {({ people }) => (
          <Table label={t('coord.accounts')}>
            <thead>
              <tr>
                <th scope="col">{w('people.name')}</th>
                <th scope="col">{t('signin.login')}</th>
                <th scope="col">{w('people.role')}</th>
                <th scope="col">{w('people.facility')}</th>
                <th scope="col">{w('people.factors')}</th>
                <Actions />
              </tr>
            </thead>
            <tbody>
              {people.map((p) => (
                <tr key={p.id} data-person={p.login} class={p.disabled ? 'muted' : ''}>
                  <td>
                    <strong>{named(p)}</strong> {p.disabled ? <Chip>{w('people.disabled')}</Chip> : null}
                  </td>
                  <td>
                    <code>{p.login}</code>
                  </td>
                  <td>{t(`role.${p.role}`)}</td>
                  <td>{p.facility ? named(p.facility) : '–'}</td>
                  <td>
                    <span class="chips">
                      {p.passkeys > 0 ? <Chip tone="ok">{w('passkey.title')}</Chip> : null}
                      {p.generator ? <Chip tone="ok">{w('generator.title')}</Chip> : null}
                      {p.sso ? <Chip tone="ok">{w('people.sso')}</Chip> : null}
                      {p.passkeys === 0 && !p.generator && !p.sso ? <Chip tone="warn">{w('people.passwordOnly')}</Chip> : null}
                    </span>
                  </td>
                  <td class="right">
                    {p.changeable ? (
                      <Button small icon="pen" act="person-edit" onClick={() => setEditing(p)}>
                        {w('people.edit')}
                      </Button>
                    ) : null}
                  </td>
                </tr>
              ))}
            </tbody>
          </Table>
        )}
      </Waiting>
      {editing && loaded.data ? (
        <PersonDialog
          person={editing === 'new' ? null : editing}
          facilities={loaded.data.facilities}
          onClose={() => setEditing(null)}
          onDone={(made) => {
            setEditing(null);
            if (made) setLink(made);
            loaded.reload();
          }}
        />
      ) : null}
      {link ? <Once title={w('people.link')} name="invitation" lead={w('people.linkLead')} text={link.link} of="link" onClose={() => setLink(null)} /> : null}
    </>
  );
}

function PersonDialog({ person, facilities, onClose, onDone }: { person: Person | null; facilities: Facility[]; onClose: () => void; onDone: (link?: Invitation) => void }) {
  const [v, setV] = useState({
    login: person?.login ?? '',
    name: person?.name ?? '',
    nameEn: person?.nameEn ?? '',
    role: person?.role ?? ('reader' as Role),
    facility: person?.facility?.id ?? '',
    license: person?.license ?? '',
    email: person?.email ?? '',
    disabled: person?.disabled ?? false,
  });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const set = (k: keyof typeof v) => (text: string) => setV({ ...v, [k]: text });
  const submit = async (e: Event) => {
    e.preventDefault();
    setBusy(true);
    setError('');
    try {
      if (person) {
        await api.json(`/people/${person.id}`, { method: 'PUT', body: v });
        say(w('people.saved'));
        onDone();
      } else onDone((await api.json<{ invitation: Invitation }>('/people', { method: 'POST', body: v })).invitation);
    } catch (err) {
      setError(problemText(err));
      setBusy(false);
    }
  };
  const act = async (path: string, method: 'POST' | 'DELETE') => {
    try {
      const made = await api.json<Invitation | undefined>(`/people/${person!.id}/${path}`, method === 'POST' ? { method, body: {} } : { method });
      onDone(made);
    } catch (err) {
      sayProblem(err);
    }
  };
  const roles = [...atHospital, ...elsewhere, ...(may('token.manage') ? above : [])];
  return (
    <Dialog title={person ? named(person) : w('people.add')} name="person" onClose={onClose}>
      <form class="signin-form" onSubmit={(e) => void submit(e)}>
        <TextField name="login" label={t('signin.login')} required pattern="[a-z0-9][a-z0-9._@\-]*" max={64} readOnly={!!person} value={v.login} onInput={set('login')} />
        <TextField name="name" label={w('people.name')} required value={v.name} onInput={set('name')} />
        <TextField name="nameEn" label={w('people.nameEn')} value={v.nameEn} onInput={set('nameEn')} />
        <RoleFields value={v} onChange={(at) => setV({ ...v, ...at })} roles={roles} facilities={facilities} labels={{ role: w('people.role'), facility: w('people.facility') }} />
        {v.role === 'reader' ? <TextField name="license" label={w('people.license')} value={v.license} onInput={set('license')} /> : null}
        <TextField name="email" label={w('people.email')} type="email" value={v.email} onInput={set('email')} />
        {person ? (
          <label class="check">
            <input type="checkbox" name="disabled" checked={v.disabled} onChange={(e) => setV({ ...v, disabled: e.currentTarget.checked })} /> {w('people.disable')}
          </label>
        ) : null}
        <div aria-live="assertive">{error ? <Banner tone="danger">{error}</Banner> : null}</div>
        <Button kind="primary" type="submit" busy={busy} act="person-save">
          {person ? w('people.save') : w('people.add')}
        </Button>
        {person ? (
          <div class="rows-actions">
            <Button small act="person-invite" onClick={() => void act('invitation', 'POST')}>
              {w('people.invite')}
            </Button>
            <Button small onClick={() => void act('devices', 'DELETE')}>
              {w('people.end')}
            </Button>
            <Button small kind="danger" onClick={() => void act('factors', 'DELETE')}>
              {w('people.reset')}
            </Button>
            {person.sso ? (
              <Button small kind="danger" act="person-unlink" onClick={() => void act('sso', 'DELETE')}>
                {w('people.unlink')}
              </Button>
            ) : null}
          </div>
        ) : null}
      </form>
      {person && !person.sso ? <LinkSubject person={person} onDone={onDone} /> : null}
    </Dialog>
  );
}

/** Links an account to a person at its hospital's sign-on, where it has one. */
function LinkSubject({ person, onDone }: { person: Person; onDone: () => void }) {
  const providers = useLoad(() => api.json<Provider[]>('/sso'), []).data?.filter((p) => p.facility === person.facility?.id) ?? [];
  const [provider, setProvider] = useState('');
  const [subject, setSubject] = useState('');
  if (providers.length === 0) return null;
  const submit = (e: Event) => {
    e.preventDefault();
    api.json(`/people/${person.id}/sso`, { method: 'PUT', body: { provider: provider || providers[0]!.id, subject } }).then(() => {
      say(w('people.linked'));
      onDone();
    }, sayProblem);
  };
  return (
    <form class="signin-form" onSubmit={submit} data-link-subject>
      {providers.length > 1 ? (
        <label class="field">
          <span>{w('people.sso')}</span>
          <select value={provider} onChange={(e) => setProvider(e.currentTarget.value)}>
            {providers.map((p) => (
              <option key={p.id} value={p.id}>
                {named(p)}
              </option>
            ))}
          </select>
        </label>
      ) : null}
      <label class="field">
        <span>{w('people.link.subject')}</span>
        <input name="subject" required maxLength={255} autocomplete="off" value={subject} onInput={(e) => setSubject(e.currentTarget.value)} />
      </label>
      <Button type="submit" act="person-link">
        {w('people.link.save')}
      </Button>
    </form>
  );
}
