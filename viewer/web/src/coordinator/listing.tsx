import type { ComponentChildren } from 'preact';
import { w } from '../account/words';
import { t } from '../i18n';
import { Blank, Button } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import type { Loaded } from '../ui/load';
import { say } from '../ui/toast';

/** What every page of a list has: its title, and how something is added where one may. */
export function Head({ title, add }: { title: string; add?: { text: string; act: string; icon?: 'person' | 'key'; run: () => void } | false }) {
  return (
    <div class="page-head">
      <h1>{title}</h1>
      {add ? (
        <Button kind="primary" icon={add.icon} act={add.act} onClick={add.run}>
          {add.text}
        </Button>
      ) : null}
    </div>
  );
}

export function Waiting<T>({ loaded, children }: { loaded: Loaded<T>; children: (data: T) => ComponentChildren }) {
  if (loaded.data !== undefined) return <>{children(loaded.data)}</>;
  if (!loaded.error) return <Blank busy title={t('loading')} />;
  return (
    <Blank icon="warn" title={loaded.error}>
      <Button onClick={loaded.reload}>{t('retry')}</Button>
    </Blank>
  );
}

/** A table that a phone moves under the finger. */
export function Table({ label, oneLine, children }: { label: string; oneLine?: boolean; children: ComponentChildren }) {
  return (
    <div class="table-box" role="region" tabIndex={0} aria-label={label}>
      <table class={`list still${oneLine ? ' one-line' : ''}`}>{children}</table>
    </div>
  );
}

/** The head of a column of buttons. */
export function Actions() {
  return (
    <th scope="col">
      <span class="sr">{t('col.action')}</span>
    </th>
  );
}

/** What is shown once, to be copied: of link or secret. */
export function Once({ title, name, lead, text, of, onClose }: { title: string; name: string; lead: string; text: string; of: 'link' | 'secret'; onClose: () => void }) {
  const copy = () =>
    void navigator.clipboard.writeText(text).then(
      () => say(w('people.copied')),
      () => undefined,
    );
  return (
    <Dialog title={title} name={name} onClose={onClose}>
      <p>{lead}</p>
      <p>
        <code class="secret" {...{ [`data-${of}`]: true }}>
          {text}
        </code>
      </p>
      <Button kind="primary" onClick={copy}>
        {w('people.copy')}
      </Button>
    </Dialog>
  );
}
