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
const atHospital = (r: Role) => r === 'service' || r === 'hospital';

/** Programs that come in by a token: made, shown once, taken away. */
export function Tokens() {
  const loaded = useLoad(async () => {
    const [tokens, facilities] = await Promise.all([api.json<Token[]>('/tokens'), api.facilities()]);
    return { tokens, facilities };
  }, []);
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState('');
  const [ending, setEnding] = useState<Token | null>(null);
  if (!loaded.data) return loaded.error ? <Blank icon="warn" title={loaded.error} /> : <Blank busy title={t('loading')} />;
  const { tokens, facilities } = loaded.data;
  const nameOf = (id: string) => {
    const f = facilities.find((one) => one.id === id);
    return f ? named(f) : id || '–';
  };
  const end = (id: string) =>
    api.json(`/tokens/${id}`, { method: 'DELETE' }).then(() => {
      setEnding(null);
      say(w('tokens.ended'));
      loaded.reload();
    }, sayProblem);
  return (
    <>
      <div class="page-head">
        <h1>{t('coord.tokens')}</h1>
        <Button kind="primary" icon="key" act="token-add" onClick={() => setMaking(true)}>
          {w('tokens.add')}
        </Button>
      </div>
      <p class="muted">{w('tokens.lead')}</p>
      {tokens.length === 0 ? <Blank icon="key" title={w('tokens.none')} /> : null}
      {tokens.length > 0 ? (
        <div class="table-box" role="region" tabIndex={0} aria-label={t('coord.tokens')}>
          <table class="list still one-line">
            <thead>
              <tr>
                <th scope="col">{w('tokens.name')}</th>
                <th scope="col">{w('people.role')}</th>
                <th scope="col">{w('people.facility')}</th>
                <th scope="col">{w('tokens.created')}</th>
                <th scope="col">{w('tokens.expires')}</th>
                <th scope="col" />
              </tr>
            </thead>
            <tbody>
              {tokens.map((k) => (
                <tr key={k.id} data-token={k.name} class={k.revokedAt ? 'muted' : ''}>
                  <td>
                    <strong>{k.name}</strong>
                  </td>
                  <td>{t(`role.${k.role}`)}</td>
                  <td>{nameOf(k.facilityId)}</td>
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
          </table>
        </div>
      ) : null}
      {making ? (
        <Make
          facilities={facilities}
          onClose={() => setMaking(false)}
          onMade={(secret) => {
            setMaking(false);
            setMade(secret);
            loaded.reload();
          }}
        />
      ) : null}
      {made ? (
        <Dialog title={w('tokens.made')} name="token" onClose={() => setMade('')}>
          <p>{w('tokens.once')}</p>
          <p>
            <code class="secret" data-secret>
              {made}
            </code>
          </p>
          <Button
            kind="primary"
            onClick={() =>
              void navigator.clipboard.writeText(made).then(
                () => say(w('people.copied')),
                () => undefined,
              )
            }
          >
            {w('people.copy')}
          </Button>
        </Dialog>
      ) : null}
      {ending ? (
        <Dialog title={w('tokens.end')} name="token-end" onClose={() => setEnding(null)}>
          <p>{w('tokens.endLead', { name: ending.name })}</p>
          <Button kind="danger" act="token-end-confirm" onClick={() => void end(ending.id)}>
            {w('tokens.end')}
          </Button>
        </Dialog>
      ) : null}
    </>
  );
}

function Make({ facilities, onClose, onMade }: { facilities: Facility[]; onClose: () => void; onMade: (secret: string) => void }) {
  const [v, setV] = useState({ name: '', role: 'service' as Role, facility: '', days: '365' });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const set = (k: keyof typeof v) => (e: Event) => setV({ ...v, [k]: (e.currentTarget as HTMLInputElement).value });
  const submit = (e: Event) => {
    e.preventDefault();
    setBusy(true);
    setError('');
    const body = { name: v.name, role: v.role, facility: atHospital(v.role) ? v.facility : '', days: Number(v.days) };
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
        <label class="field">
          <span>{w('tokens.name')}</span>
          <input name="name" required maxLength={200} autocomplete="off" value={v.name} onInput={set('name')} />
        </label>
        <label class="field">
          <span>{w('people.role')}</span>
          <select name="role" value={v.role} onChange={set('role')}>
            {roles.map((r) => (
              <option key={r} value={r}>
                {t(`role.${r}`)}
              </option>
            ))}
          </select>
        </label>
        {atHospital(v.role) ? (
          <label class="field">
            <span>{w('people.facility')}</span>
            <select name="facility" required value={v.facility} onChange={set('facility')}>
              <option value="">–</option>
              {facilities.map((f) => (
                <option key={f.id} value={f.id}>
                  {named(f)}
                </option>
              ))}
            </select>
          </label>
        ) : null}
        <label class="field">
          <span>{w('tokens.days')}</span>
          <input name="days" type="number" min={1} max={730} required value={v.days} onInput={set('days')} />
        </label>
        <div aria-live="assertive">{error ? <Banner tone="danger">{error}</Banner> : null}</div>
        <Button kind="primary" type="submit" busy={busy} act="token-save">
          {w('tokens.add')}
        </Button>
      </form>
    </Dialog>
  );
}
