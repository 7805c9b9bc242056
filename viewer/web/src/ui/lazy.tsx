import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { t } from '../i18n';
import { Blank, Button } from './controls';
import { codeText } from './problem';

/** A page that is fetched when it is first shown. */
export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  const loaded = signal<{ page: ComponentType<P> } | 'waiting' | 'failed' | null>(null);
  const start = () => {
    loaded.value = 'waiting';
    load().then(
      (page) => (loaded.value = { page }),
      () => (loaded.value = 'failed'),
    );
  };
  return function Lazy(props: P) {
    if (loaded.value === null) start();
    const now = loaded.value;
    if (now && typeof now === 'object') return <now.page {...props} />;
    if (now !== 'failed') return <Blank busy title={t('loading')} />;
    return (
      <Blank icon="warn" title={codeText('network')}>
        <Button onClick={start}>{t('retry')}</Button>
      </Blank>
    );
  };
}
