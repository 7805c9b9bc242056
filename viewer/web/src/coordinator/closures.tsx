import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { Banner, Blank, Button } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { useLoad } from '../ui/load';
import { ChangeDialog } from './change';
import { ListField } from './fields';
import { part, readSite, splitLines, type Site } from './site';
import { w } from './words';

/** The parts of every year that are closed, beside the public holidays. */
export function Closures({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const site = useLoad<Site>(readSite, []);
  const [list, setList] = useState<string[] | null>(null);
  const [review, setReview] = useState(false);
  const value = list ?? site.data?.closures ?? [];
  if (review) return <ChangeDialog change={part({ closures: value })} onClose={() => setReview(false)} onDone={onDone} />;
  return (
    <Dialog
      title={w('shift.closures')}
      name="closures"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button kind="primary" disabled={!list} onClick={() => setReview(true)} act="closures-review">
            {w('change.title')}
          </Button>
        </>
      }
    >
      <p class="muted">{w('shift.closuresLead')}</p>
      {site.error ? <Banner tone="danger">{site.error}</Banner> : null}
      {site.data ? <ListField name="closures" label={w('shift.closures')} hint={w('shift.closuresHint')} value={value} onChange={setList} split={splitLines} joint={'\n'} rows={4} /> : <Blank busy title={t('loading')} />}
    </Dialog>
  );
}
