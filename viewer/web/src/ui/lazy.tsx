import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { learnAll, t } from '../i18n';
import { Blank, Button } from './controls';
import { codeText } from './problem';

/** A part of the pages that is fetched, with the words it says, when it is first shown. */
export function lazy<P extends object>(load: () => Promise<ComponentType<P>>, small = false): ComponentType<P> {
  const loaded = signal<{ page: ComponentType<P> } | 'waiting' | 'failed' | null>(null);
  const start = () => {
    loaded.value = 'waiting';
    Promise.all([load(), learnAll()]).then(
      ([page]) => (loaded.value = { page }),
      () => (loaded.value = 'failed'),
    );
  };
  return function Lazy(props: P) {
    if (loaded.value === null) start();
    const now = loaded.value;
    if (now && typeof now === 'object') return <now.page {...props} />;
    // What is a button or comes over the page leaves it as it is until it is here.
    if (now !== 'failed' && small) return null;
    if (now !== 'failed') return <Blank busy title={t('loading')} />;
    return (
      <Blank icon="warn" title={codeText('network')}>
        <Button onClick={start}>{t('retry')}</Button>
      </Blank>
    );
  };
}
