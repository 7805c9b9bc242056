import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { Button } from './controls';

interface Props {
  title: string;
  children: ComponentChildren;
  actions?: ComponentChildren;
  onClose?: () => void;
  wide?: boolean;
  name?: string;
}

// The browser's own modal dialog: it holds the focus, dims the rest and closes
// on Escape. Without onClose it stays until what it asks for is done.
export function Dialog({ title, children, actions, onClose, wide, name }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const d = ref.current;
    const before = document.activeElement;
    if (d && !d.open) d.showModal();
    return () => {
      d?.close();
      // Taken out of the page while open, it gives the focus back to nobody.
      requestAnimationFrame(() => {
        if (document.activeElement === document.body && before instanceof HTMLElement) before.focus();
      });
    };
  }, []);
  return (
    <dialog
      ref={ref}
      class={wide ? 'wide' : ''}
      aria-labelledby={id}
      data-dialog={name}
      onCancel={(e) => {
        e.preventDefault();
        onClose?.();
      }}
      onKeyDown={(e) => e.stopPropagation()}
    >
      <header>
        <h2 id={id}>{title}</h2>
        {onClose ? <Button icon="close" kind="quiet" label={t('close')} onClick={onClose} /> : null}
      </header>
      <div class="dialog-body">{children}</div>
      {actions ? <footer>{actions}</footer> : null}
    </dialog>
  );
}
