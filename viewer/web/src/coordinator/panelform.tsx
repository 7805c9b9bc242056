import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { Button } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { ChangeDialog } from './change';
import { ChoiceField, SelectField, TextField } from './fields';
import { part, type Site, type SitePanel } from './site';
import { w } from './words';

/** A panel: who sits on it, and how many read each study. */
export function PanelForm({ panel, site, onClose, onDone }: { panel: SitePanel | null; site: Site; onClose: () => void; onDone: () => void }) {
  const [p, setP] = useState<SitePanel>(panel ?? { id: '', name: '' });
  const [review, setReview] = useState(false);
  const readers = (site.users ?? []).filter((u) => u.role === 'reader' || u.role === 'trainee');
  const seated = p.readers ?? [];
  if (review) return <ChangeDialog change={part({ panels: [{ ...p, trainees: (p.trainees ?? []).filter((x) => seated.includes(x)) }] })} onClose={() => setReview(false)} onDone={onDone} />;
  return (
    <Dialog
      title={panel ? `${w('p.edit')}: ${p.name}` : w('p.add')}
      name="panel"
      wide
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button kind="primary" disabled={!/^[a-z0-9][a-z0-9_-]{0,31}$/.test(p.id) || !p.name.trim()} onClick={() => setReview(true)} act="panel-review">
            {w('change.title')}
          </Button>
        </>
      }
    >
      <div class="form-grid">
        <TextField name="panel-id" label={w('f.id')} value={p.id} onInput={(id) => setP({ ...p, id })} readOnly={!!panel} required max={32} />
        <TextField name="panel-name" label={w('f.name')} value={p.name} onInput={(name) => setP({ ...p, name })} required />
        <TextField name="panel-name-en" label={w('f.nameEn')} value={p.name_en ?? ''} onInput={(name_en) => setP({ ...p, name_en })} />
        <SelectField name="panel-readings" label={w('p.readings')} value={String(p.readings ?? 1)} onChange={(v) => setP({ ...p, readings: Number(v) })} options={['1', '2'].map((n) => ({ id: n, text: n }))} />
        <ChoiceField name="panel-readers" label={w('p.readers')} value={seated} onChange={(list) => setP({ ...p, readers: list })} options={readers.map((u) => ({ id: u.login, text: u.name }))} />
        <ChoiceField name="panel-trainees" label={w('p.trainees')} value={p.trainees ?? []} onChange={(list) => setP({ ...p, trainees: list })} options={readers.filter((u) => seated.includes(u.login)).map((u) => ({ id: u.login, text: u.name }))} />
      </div>
    </Dialog>
  );
}
