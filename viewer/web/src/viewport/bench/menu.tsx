import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon, type IconName } from '../../ui/icon';

/** A button of the toolbar that opens a small panel below itself. */
export function Menu({ icon, label, act, children }: { icon: IconName; label: string; act: string; children: (close: () => void) => ComponentChildren }) {
  const [at, setAt] = useState<{ left: number; top: number } | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const close = () => setAt(null);
  useEffect(() => {
    if (!at) return;
    box.current?.querySelector<HTMLElement>('.tool-menu button, .tool-menu input')?.focus();
    const outside = (e: Event) => {
      if (!box.current?.contains(e.target as Node)) close();
    };
    addEventListener('pointerdown', outside);
    return () => removeEventListener('pointerdown', outside);
  }, [at]);
  // The toolbar scrolls sideways and would cut the panel off: it stands in the window.
  const open = () => {
    const r = button.current!.getBoundingClientRect();
    setAt({ left: Math.max(4, Math.min(r.left, innerWidth - 244)), top: r.bottom + 4 });
  };
  return (
    <div
      ref={box}
      onKeyDown={(e) => {
        if (!at) return;
        e.stopPropagation();
        const items = [...(box.current?.querySelectorAll<HTMLElement>('.tool-menu button') ?? [])];
        const step = e.key === 'ArrowDown' ? 1 : e.key === 'ArrowUp' ? -1 : 0;
        if (step) {
          e.preventDefault();
          items[(items.indexOf(document.activeElement as HTMLElement) + step + items.length) % items.length]?.focus();
        }
        if (e.key === 'Escape') {
          close();
          button.current?.focus();
        }
      }}
    >
      <button ref={button} type="button" class="btn quiet bare menu-button" aria-haspopup="true" aria-expanded={!!at} aria-label={label} title={label} data-act={act} onClick={() => (at ? close() : open())}>
        <Icon name={icon} />
        <Icon name="down" size={10} />
      </button>
      {at ? (
        <div class="tool-menu" style={{ left: `${at.left}px`, top: `${at.top}px` }}>
          {children(close)}
        </div>
      ) : null}
    </div>
  );
}

export function Item({ icon, text, keys, pressed, disabled, act, onClick }: { icon?: IconName; text: string; keys?: string; pressed?: boolean; disabled?: boolean; act?: string; onClick: () => void }) {
  return (
    <button type="button" class="tool-item" aria-pressed={pressed} disabled={disabled} data-act={act} onClick={onClick}>
      {icon ? <Icon name={icon} /> : <span class="icon" />}
      <span>{text}</span>
      {keys ? <kbd>{keys}</kbd> : null}
    </button>
  );
}
