import { useState } from 'preact/hooks';
import type { Facility, Role } from '../api/types';
import { instant, named, t } from '../i18n';
import { api } from '../session';
import { Banner, Blank, Button, Chip } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { useLoad } from '../ui/load';
import { problemText, sayProblem } from '../ui/problem';
import { say } from '../ui/toast';
import { w } from '../account/words';
import { RoleFields, TextField } from './fields';
import { Actions, Head, Once, Table, Waiting } from './listing';
import '../account/account.css';

interface Token {
  id: string;
  name: string;
  role: Role;
  facilityId: string;
  createdAt: string;
  expiresAt: string | null;
  revokedAt: string | null;
  secret?: string;
}

const roles: Role[] = ['service', 'coordinator', 'hospital'];

/** Programs that come in by a token: made, shown once, taken away. */
export function Tokens() {
  const loaded = useLoad(async () => {
    const [tokens, facilities] = await Promise.all([api.json<Token[]>('/tokens'), api.facilities()]);
    return { tokens, facilities };
  }, []);
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState('');
  const [ending, setEnding] = useState<Token | null>(null);
  const end = (id: string) =>
    api.json(`/tokens/${id}`, { method: 'DELETE' }).then(() => {
      setEnding(null);
      say(w('tokens.ended'));
      loaded.reload();
    }, sayProblem);
  return (
    <>
      <Head title={t('coord.tokens')} add={{ text: w('tokens.add'), act: 'token-add', icon: 'key', run: () => setMaking(true) }} />
      <p class="muted">{w('tokens.lead')}</p>
      <Waiting loaded={loaded}>
        {({ tokens, facilities }) =>
          tokens.length === 0 ? (
            <Blank icon="key" title={w('tokens.none')} />
          ) : (
            <Table label={t('coord.tokens')} oneLine>
              <thead>
                <tr>
                  <th scope="col">{w('tokens.name')}</th>
                  <th scope="col">{w('people.role')}</th>
                  <th scope="col">{w('people.facility')}</th>
                  <th scope="col">{w('tokens.created')}</th>
                  <th scope="col">{w('tokens.expires')}</th>
                  <Actions />
                </tr>
              </thead>
              <tbody>
                {tokens.map((k) => (
                  <tr key={k.id} data-token={k.name} class={k.revokedAt ? 'muted' : ''}>
                    <td>
                      <strong>{k.name}</strong>
                    </td>
                    <td>{t(`role.${k.role}`)}</td>
                    <td>{hospital(facilities, k.facilityId)}</td>
                    <td>{instant(k.createdAt)}</td>
                    <td>{k.expiresAt ? instant(k.expiresAt) : w('tokens.never')}</td>
                    <td class="right">
                      {k.revokedAt ? (
                        <Chip>{w('tokens.revoked')}</Chip>
                      ) : k.expiresAt && Date.parse(k.expiresAt) < Date.now() + api.clock.offsetMs ? (
                        <Chip>{w('tokens.expired')}</Chip>
                      ) : (
                        <Button small kind="danger" act="token-end" onClick={() => setEnding(k)}>
                          {w('tokens.end')}
                        </Button>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </Table>
          )
        }
      </Waiting>
      {making && loaded.data ? (
        <Make
          facilities={loaded.data.facilities}
          onClose={() => setMaking(false)}
          onMade={(secret) => {
            setMaking(false);
            setMade(secret);
            loaded.reload();
          }}
        />
      ) : null}
      {made ? <Once title={w('tokens.made')} name="token" lead={w('tokens.once')} text={made} of="secret" onClose={() => setMade('')} /> : null}
      {ending ? (
        <Dialog
          title={w('tokens.end')}
          name="token-end"
          onClose={() => setEnding(null)}
          actions={
            <>
              <Button onClick={() => setEnding(null)}>{t('cancel')}</Button>
              <Button kind="danger" act="token-end-confirm" onClick={() => void end(ending.id)}>
                {w('tokens.end')}
              </Button>
            </>
          }
        >
          <p>{w('tokens.endLead', { name: ending.name })}</p>
        </Dialog>
      ) : null}
    </>
  );
}

function hospital(facilities: Facility[], id: string): string {
  const f = facilities.find((one) => one.id === id);
  return f ? named(f) : id || '–';
}

function Make({ facilities, onClose, onMade }: { facilities: Facility[]; onClose: () => void; onMade: (secret: string) => void }) {
  const [v, setV] = useState({ name: '', role: 'service' as Role, facility: '', days: '365' });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const submit = (e: Event) => {
    e.preventDefault();
    setBusy(true);
    setError('');
    const body = { name: v.name, role: v.role, facility: v.facility, days: Number(v.days) };
    api.json<Token>('/tokens', { method: 'POST', body }).then(
      (made) => onMade(made.secret ?? ''),
      (err: unknown) => {
        setError(problemText(err));
        setBusy(false);
      },
    );
  };
  return (
    <Dialog title={w('tokens.add')} name="token-make" onClose={onClose}>
      <form class="signin-form" onSubmit={submit}>
        <TextField name="name" label={w('tokens.name')} required value={v.name} onInput={(name) => setV({ ...v, name })} />
        <RoleFields value={v} onChange={(at) => setV({ ...v, ...at })} roles={roles} facilities={facilities} labels={{ role: w('people.role'), facility: w('people.facility') }} />
        <label class="field">
          <span>{w('tokens.days')}</span>
          <input name="days" type="number" min={1} max={730} required value={v.days} onInput={(e) => setV({ ...v, days: e.currentTarget.value })} />
        </label>
        <div aria-live="assertive">{error ? <Banner tone="danger">{error}</Banner> : null}</div>
        <Button kind="primary" type="submit" busy={busy} act="token-save">
          {w('tokens.add')}
        </Button>
      </form>
    </Dialog>
  );
}
