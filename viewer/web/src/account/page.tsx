import { useState } from 'preact/hooks';
import { instant, t } from '../i18n';
import { href } from '../route';
import { api } from '../session';
import { Banner, Blank, Button, Chip, LinkButton } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { useLoad } from '../ui/load';
import { PasswordDialog } from '../ui/password';
import { sayProblem } from '../ui/problem';
import { say } from '../ui/toast';
import { TopBar } from '../ui/topbar';
import { GeneratorSetup, RecoveryCodes } from './generator';
import { cancelled, hasPasskeys } from './passkey';
import { makePasskey } from './webauthn';
import { w, type Word } from './words';
import './account.css';

interface Overview {
  passkeys: { id: string; name: string; createdAt: string; usedAt: string | null }[];
  generator: boolean;
  recovery: number;
  devices: { id: string; name: string; address: string; method: string; openedAt: string; seenAt: string; current: boolean }[];
}

/** What opens the account, and where it is open. */
export function Account() {
  const loaded = useLoad(() => api.json<Overview>('/account'), []);
  return (
    <div class="page">
      <TopBar />
      <main id="content" tabIndex={-1} class="list-page account-page">
        <LinkButton href={href('')} icon="back" kind="quiet" small>
          {t('back')}
        </LinkButton>
        <h1>{t('account.open')}</h1>
        {loaded.data ? <Sections data={loaded.data} reload={loaded.reload} /> : loaded.error ? <Blank icon="warn" title={loaded.error} /> : <Blank busy title={t('loading')} />}
      </main>
    </div>
  );
}

function Sections({ data, reload }: { data: Overview; reload: () => void }) {
  const [dialog, setDialog] = useState<'' | 'password' | 'generator'>('');
  const [codes, setCodes] = useState<string[] | null>(null);
  const [naming, setNaming] = useState<string | null>(null);
  const act = async (f: () => Promise<unknown>, done?: string) => {
    try {
      await f();
      if (done) say(done);
      reload();
    } catch (e) {
      if (!cancelled(e)) sayProblem(e);
    }
  };
  return (
    <>
      {!data.generator && data.passkeys.length === 0 ? <Banner tone="warn">{w('account.oneFactor')}</Banner> : null}
      <section class="card">
        <h2>{w('passkey.title')}</h2>
        <p class="muted">{w('passkey.lead')}</p>
        <ul class="rows">
          {data.passkeys.map((k) => (
            <li key={k.id} data-passkey={k.name}>
              <strong>{k.name}</strong>
              <span class="muted">{w('passkey.used', { when: k.usedAt ? instant(k.usedAt) : '–' })}</span>
              <Button small kind="quiet" icon="close" label={w('remove')} onClick={() => void act(() => api.json(`/account/passkeys/${k.id}`, { method: 'DELETE' }))} />
            </li>
          ))}
        </ul>
        {!hasPasskeys() ? <p class="muted">{w('passkey.none')}</p> : null}
        {hasPasskeys() && naming === null ? (
          <Button kind="primary" icon="key" act="passkey-add" onClick={() => setNaming('')}>
            {w('passkey.make')}
          </Button>
        ) : null}
        {naming !== null ? (
          <form
            class="inline-form"
            onSubmit={(e) => {
              e.preventDefault();
              void act(() => makePasskey(naming.trim()), w('passkey.made')).then(() => setNaming(null));
            }}
          >
            <label class="field">
              <span>{w('passkey.name')}</span>
              <input name="passkey-name" required maxLength={30} autofocus placeholder={w('passkey.example')} value={naming} onInput={(e) => setNaming(e.currentTarget.value)} />
            </label>
            <Button kind="primary" type="submit" act="passkey-confirm">
              {w('passkey.make')}
            </Button>
          </form>
        ) : null}
      </section>
      <section class="card">
        <h2>{w('generator.title')}</h2>
        <p class="muted">{w('generator.about')}</p>
        <div class="rows-actions">
          {data.generator ? <Chip tone="ok">{w('generator.on')}</Chip> : null}
          {data.generator ? (
            <>
              <span class="muted">{w('recovery.left', { n: data.recovery })}</span>
              <Button small onClick={() => void act(async () => setCodes((await api.json<{ recovery: string[] }>('/account/recovery', { method: 'POST', body: {} })).recovery))}>
                {w('recovery.new')}
              </Button>
              <Button small kind="danger" onClick={() => void act(() => api.json('/account/generator', { method: 'DELETE' }))}>
                {w('remove')}
              </Button>
            </>
          ) : (
            <Button act="generator-add" onClick={() => setDialog('generator')}>
              {w('generator.set')}
            </Button>
          )}
        </div>
      </section>
      <section class="card">
        <h2>{t('signin.password')}</h2>
        <Button onClick={() => setDialog('password')}>{t('password.open')}</Button>
      </section>
      <section class="card">
        <h2>{w('devices.title')}</h2>
        <ul class="rows">
          {data.devices.map((d) => (
            <li key={d.id} data-device={d.current ? 'current' : 'other'}>
              <strong>{deviceName(d.name)}</strong>
              <span class="muted">
                {w(`method.${d.method}` as Word)} · {d.address} · {instant(d.openedAt)}
              </span>
              {d.current ? (
                <Chip tone="accent">{w('devices.here')}</Chip>
              ) : (
                <Button small kind="quiet" icon="out" label={w('devices.end')} onClick={() => void act(() => api.json(`/account/devices/${d.id}`, { method: 'DELETE' }))} />
              )}
            </li>
          ))}
        </ul>
        {data.devices.length > 1 ? <Button onClick={() => void act(() => api.json('/account/devices', { method: 'DELETE' }), w('devices.ended'))}>{w('devices.endOthers')}</Button> : null}
      </section>
      {dialog === 'password' ? <PasswordDialog onClose={() => setDialog('')} /> : null}
      {dialog === 'generator' ? (
        <Dialog title={w('generator.title')} name="generator" onClose={() => setDialog('')}>
          <GeneratorSetup
            onDone={(made) => {
              setDialog('');
              setCodes(made);
              reload();
            }}
          />
        </Dialog>
      ) : null}
      {codes ? (
        <Dialog
          title={w('recovery.title')}
          name="recovery"
          actions={
            <Button kind="primary" act="recovery-kept" onClick={() => (setCodes(null), reload())}>
              {w('recovery.kept')}
            </Button>
          }
        >
          <RecoveryCodes codes={codes} />
        </Dialog>
      ) : null}
    </>
  );
}

/** Browser and system out of what a browser calls itself. */
function deviceName(agent: string): string {
  const browser = /Edg\//.test(agent) ? 'Edge' : /Firefox\//.test(agent) ? 'Firefox' : /Chrome\//.test(agent) ? 'Chrome' : /Safari\//.test(agent) ? 'Safari' : '';
  const system = /iPhone|iPad/.test(agent) ? 'iOS' : /Android/.test(agent) ? 'Android' : /Windows/.test(agent) ? 'Windows' : /Mac OS X/.test(agent) ? 'macOS' : /Linux/.test(agent) ? 'Linux' : '';
  return [browser, system].filter(Boolean).join(' · ') || agent.slice(0, 40) || '–';
}
