import { useEffect, useRef, useState } from 'preact/hooks';
import { named, t } from '../i18n';
import { may, me, signOut } from '../session';
import { lazy } from './lazy';
import { Icon } from './icon';

const PasswordDialog = lazy(() => import('./password').then((m) => m.PasswordDialog));
const EmergencyDialog = lazy(() => import('../account/emergency').then((m) => m.EmergencyDialog));

/** Who is signed in, and what concerns the account. */
export function AccountMenu() {
  const [open, setOpen] = useState(false);
  const [changing, setChanging] = useState(false);
  const [emergency, setEmergency] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return;
    box.current?.querySelector<HTMLElement>('[role=menuitem]')?.focus();
    const outside = (e: Event) => {
      if (!box.current?.contains(e.target as Node)) setOpen(false);
    };
    addEventListener('pointerdown', outside);
    return () => removeEventListener('pointerdown', outside);
  }, [open]);
  const who = me.value;
  if (!who) return null;
  const place = who.facility ? named(who.facility) : t(`role.${who.role}`);
  const onKeyDown = (e: KeyboardEvent) => {
    if (!open) return;
    e.stopPropagation();
    const items = [...(box.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
    const step = e.key === 'ArrowDown' ? 1 : e.key === 'ArrowUp' ? -1 : 0;
    if (step) {
      e.preventDefault();
      items[(items.indexOf(document.activeElement as HTMLElement) + step + items.length) % items.length]?.focus();
    }
    if (e.key === 'Escape' || e.key === 'Tab') {
      setOpen(false);
      if (e.key === 'Escape') button.current?.focus();
    }
  };
  return (
    <div class="account-menu" ref={box} onKeyDown={onKeyDown}>
      <button ref={button} type="button" class="btn quiet who" aria-haspopup="menu" aria-expanded={open} data-act="account" onClick={() => setOpen(!open)}>
        <Icon name="person" />
        <span class="sr">{t('account.menu')}</span>
        <span class="who-text">
          <span class="who-name">{named(who)}</span>
          <span class="who-role">{place}</span>
        </span>
      </button>
      {open ? (
        <div class="menu" role="menu" aria-label={t('account.menu')}>
          <p class="menu-who">
            {named(who)} <span class="muted">{place}</span>
          </p>
          <a role="menuitem" href="#/account" data-act="security" onClick={() => setOpen(false)}>
            <Icon name="key" />
            {t('account.open')}
          </a>
          {may('emergency.open') ? (
            <button
              type="button"
              role="menuitem"
              data-act="emergency"
              onClick={() => {
                button.current?.focus();
                setOpen(false);
                setEmergency(true);
              }}
            >
              <Icon name="warn" />
              {t('emergency.open')}
            </button>
          ) : null}
          <button
            type="button"
            role="menuitem"
            data-act="password"
            onClick={() => {
              // Where the focus comes back to when the dialog closes.
              button.current?.focus();
              setOpen(false);
              setChanging(true);
            }}
          >
            <Icon name="pen" />
            {t('password.open')}
          </button>
          <button type="button" role="menuitem" data-act="signout" onClick={() => void signOut()}>
            <Icon name="out" />
            {t('signout')}
          </button>
        </div>
      ) : null}
      {emergency ? <EmergencyDialog onClose={() => setEmergency(false)} /> : null}
      {changing ? <PasswordDialog onClose={() => setChanging(false)} /> : null}
    </div>
  );
}
