import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { lang, t } from '../i18n';
import { live, me } from '../session';
import { nextTheme, theme } from '../theme/theme';
import { href } from '../route';
import { lazy } from './lazy';
import { AccountMenu } from './account';
import { Button } from './controls';
import type { IconName } from './icon';

// Nobody waits for it before the first image.
const Inbox = lazy(() => import('../room/inbox').then((m) => m.Inbox), true);

export function TopBar({ children }: { children?: ComponentChildren }) {
  return (
    <header class="topbar">
      <a class="skip" href="#content" onClick={(e) => skip(e)}>
        {t('skip')}
      </a>
      <a class="brand" href={href('')} aria-label={t('brand.home')}>
        <svg width="24" height="24" viewBox="0 0 32 32" aria-hidden="true">
          <rect width="32" height="32" rx="7" class="brand-bg" />
          <path d="M5 16c3-5.2 6.7-7.8 11-7.800S24 10.8 27 16c-3 5.2-6.7 7.8-11 7.800S8 21.2 5 16Z" class="brand-line" />
          <circle cx="16" cy="16" r="3.6" class="brand-dot" />
        </svg>
        <span class="brand-name">Dokuei</span>
      </a>
      <div class="topbar-middle">{children}</div>
      <Account />
    </header>
  );
}

// The address is the route: a plain #content would leave the page.
function skip(e: MouseEvent) {
  e.preventDefault();
  document.getElementById('content')?.focus();
}

function InboxLater() {
  const [wanted, setWanted] = useState(false);
  useEffect(() => {
    const id = setTimeout(() => setWanted(true), 1500);
    return () => clearTimeout(id);
  }, []);
  return wanted ? <Inbox /> : null;
}

function Account() {
  const who = me.value;
  return (
    <div class="account">
      {who?.copyOf ? <CopyNote at={who.copyOf} /> : null}
      {who ? <LiveDot /> : null}
      {who && who.needs.length === 0 ? <InboxLater /> : null}
      <LangSwitch />
      <ThemeSwitch />
      {who ? <AccountMenu /> : null}
    </div>
  );
}

/** What is shown is a copy while the main service is down. */
function CopyNote({ at }: { at: string }) {
  const time = new Date(at).toLocaleString(lang.value, { month: 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit' });
  return (
    <span class="copy-note" role="status" title={t('copy.full', { time })}>
      {t('copy.short', { time })}
    </span>
  );
}

function LiveDot() {
  const s = live.state.value;
  const text = s === 'live' ? t('live.on') : s === 'lost' ? t('live.lost') : t('live.connecting');
  return (
    <span class={`live ${s}`} role="status" title={text}>
      <span class="live-dot" />
      <span class="sr">{text}</span>
    </span>
  );
}

export function LangSwitch() {
  const other = lang.value === 'ja' ? 'en' : 'ja';
  return (
    <button type="button" class="btn quiet lang" lang={other} data-act="lang" onClick={() => (lang.value = other)}>
      {other === 'ja' ? '日本語' : 'English'}
    </button>
  );
}

const themeIcon: Record<string, IconName> = { system: 'system', light: 'sun', dark: 'moon' };

export function ThemeSwitch() {
  const label = t('theme.label', { theme: t(`theme.${theme.value}`) });
  return <Button icon={themeIcon[theme.value]!} kind="quiet" label={label} act="theme" onClick={() => (theme.value = nextTheme(theme.value))} />;
}
