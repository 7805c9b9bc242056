import type { ComponentChildren, TargetedKeyboardEvent } from 'preact';
import { Icon, type IconName } from './icon';

interface ButtonProps {
  children?: ComponentChildren;
  icon?: IconName;
  kind?: 'primary' | 'plain' | 'quiet' | 'danger';
  small?: boolean;
  busy?: boolean;
  disabled?: boolean;
  type?: 'button' | 'submit';
  onClick?: (e: MouseEvent) => void;
  label?: string;
  title?: string;
  act?: string;
  pressed?: boolean;
  expanded?: boolean;
}

/** act names the button for scripts, whatever the language. */
export function Button({ children, icon, kind = 'plain', small, busy, disabled, type = 'button', onClick, label, title, act, pressed, expanded }: ButtonProps) {
  return (
    <button
      type={type}
      class={`btn ${kind}${small ? ' small' : ''}${children ? '' : ' bare'}`}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      aria-label={label}
      aria-pressed={pressed}
      aria-expanded={expanded}
      title={title ?? label}
      data-act={act}
      onClick={onClick}
    >
      {busy ? <Spinner /> : icon ? <Icon name={icon} /> : null}
      {children ? <span>{children}</span> : null}
    </button>
  );
}

export function LinkButton({ href, children, icon, kind = 'plain', small, act, newTab }: { href: string; children: ComponentChildren; icon?: IconName; kind?: string; small?: boolean; act?: string; newTab?: boolean }) {
  const tab = newTab ? { target: '_blank', rel: 'noopener noreferrer' } : {};
  return (
    <a class={`btn ${kind}${small ? ' small' : ''}`} href={href} data-act={act} {...tab}>
      {icon ? <Icon name={icon} /> : null}
      <span>{children}</span>
    </a>
  );
}

export function Spinner() {
  return <span class="spinner" aria-hidden="true" />;
}

export type Tone = 'neutral' | 'accent' | 'ok' | 'warn' | 'danger' | 'strong';

export function Chip({ tone = 'neutral', children, title }: { tone?: Tone; children: ComponentChildren; title?: string }) {
  return (
    <span class={`chip ${tone}`} title={title}>
      {children}
    </span>
  );
}

/** A place with nothing to list, something that failed, or something on its way. */
export function Blank({ icon, title, children, busy }: { icon?: IconName; title: string; children?: ComponentChildren; busy?: boolean }) {
  return (
    <div class="blank" role={busy ? 'status' : undefined}>
      {busy ? <Spinner /> : icon ? <Icon name={icon} size={28} /> : null}
      <p class="blank-title">{title}</p>
      {children}
    </div>
  );
}

export function Banner({ tone, icon = 'warn', children, action }: { tone: 'warn' | 'danger' | 'accent' | 'ok'; icon?: IconName; children: ComponentChildren; action?: ComponentChildren }) {
  return (
    <div class={`banner ${tone}`} role={tone === 'danger' ? 'alert' : 'status'}>
      <Icon name={icon} />
      <div class="banner-text">{children}</div>
      {action}
    </div>
  );
}

interface TabsProps<T extends string> {
  label: string;
  value: T;
  tabs: { id: T; text: string; count?: number | undefined }[];
  onChange: (id: T) => void;
}

export function Tabs<T extends string>({ label, value, tabs, onChange }: TabsProps<T>) {
  const onKeyDown = (e: TargetedKeyboardEvent<HTMLDivElement>) => {
    const step = e.key === 'ArrowRight' ? 1 : e.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    e.preventDefault();
    e.stopPropagation();
    const i = (tabs.findIndex((x) => x.id === value) + step + tabs.length) % tabs.length;
    onChange(tabs[i]!.id);
    (e.currentTarget.children[i] as HTMLElement | undefined)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={label} onKeyDown={onKeyDown}>
      {tabs.map((x) => (
        <button key={x.id} type="button" role="tab" aria-selected={x.id === value} tabIndex={x.id === value ? 0 : -1} data-tab={x.id} onClick={() => onChange(x.id)}>
          <span class="tab-text">{x.text}</span>
          {x.count === undefined ? null : <span class="count">{x.count > 999 ? '999+' : x.count}</span>}
        </button>
      ))}
    </div>
  );
}

/** Back from a field to the keys of the page; not while Japanese is being composed. */
export function leave(e: KeyboardEvent) {
  if (!e.isComposing && /^E(nter|scape)$/.test(e.key)) (e.target as HTMLElement).blur();
}

export function SearchBox({ value, onInput, label, id }: { value: string; onInput: (v: string) => void; label: string; id: string }) {
  return (
    <div class="search">
      <Icon name="search" />
      <input id={id} type="search" value={value} placeholder={label} aria-label={label} autocomplete="off" spellcheck={false} onInput={(e) => onInput(e.currentTarget.value)} onKeyDown={leave} />
    </div>
  );
}

export function Thumb({ src, alt = '' }: { src: string | null; alt?: string }) {
  return <span class="thumb">{src ? <img src={src} alt={alt} loading="lazy" decoding="async" draggable={false} /> : null}</span>;
}

/** One named value of a description list. */
export function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
