import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { Button } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { ChangeDialog } from './change';
import { ChoiceField, Group, ListField, SelectField, TextField } from './fields';
import { part, splitCodes, splitLines, splitWords, type Site, type SiteUser } from './site';
import { w } from './words';

/** A reader: who they are, what they read, when, and for whom not. */
export function ReaderForm({ user, site, onClose, onDone }: { user: SiteUser | null; site: Site; onClose: () => void; onDone: () => void }) {
  const [u, setU] = useState<SiteUser>(user ?? { login: '', name: '', role: 'reader' });
  const before = (site.panels ?? []).filter((p) => p.readers?.includes(u.login)).map((p) => p.id);
  const [panels, setPanels] = useState(before);
  const [review, setReview] = useState(false);
  const set = (x: Partial<SiteUser>) => setU({ ...u, ...x });
  const facilities = (site.facilities ?? []).map((f) => ({ id: f.id, text: f.name }));
  const moved = (site.panels ?? [])
    .filter((p) => panels.includes(p.id) !== !!p.readers?.includes(u.login))
    .map((p) => ({
      ...p,
      readers: panels.includes(p.id) ? [...(p.readers ?? []), u.login] : (p.readers ?? []).filter((x) => x !== u.login),
      trainees: panels.includes(p.id) ? (u.role === 'trainee' ? [...(p.trainees ?? []), u.login] : (p.trainees ?? [])) : (p.trainees ?? []).filter((x) => x !== u.login),
    }));
  if (review) return <ChangeDialog change={part({ users: [u], panels: moved })} onClose={() => setReview(false)} onDone={onDone} />;
  return (
    <Dialog
      title={user ? `${w('r.edit')}: ${u.name}` : w('r.add')}
      name="reader"
      wide
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button kind="primary" disabled={!/^[a-z0-9][a-z0-9._@-]{0,63}$/.test(u.login) || !u.name.trim()} onClick={() => setReview(true)} act="reader-review">
            {w('change.title')}
          </Button>
        </>
      }
    >
      <div class="form-grid">
        <TextField name="reader-login" label={w('r.login')} value={u.login} onInput={(login) => set({ login })} readOnly={!!user} required max={64} />
        <TextField name="reader-name" label={w('f.name')} value={u.name} onInput={(name) => set({ name })} required />
        <TextField name="reader-name-en" label={w('f.nameEn')} value={u.name_en ?? ''} onInput={(name_en) => set({ name_en })} />
        <TextField name="reader-license" label={w('r.license')} value={u.license ?? ''} onInput={(license) => set({ license })} />
        <TextField name="reader-expires" type="date" label={w('r.expires')} value={u.license_expires ?? ''} onInput={(license_expires) => set({ license_expires })} />
        <TextField name="reader-email" type="email" label={w('r.email')} value={u.email ?? ''} onInput={(email) => set({ email })} />
        <SelectField name="reader-role" label={w('r.role')} value={u.role} onChange={(role) => set({ role })} options={(['reader', 'trainee'] as const).map((r) => ({ id: r, text: t(`role.${r}`) }))} />
        <ChoiceField name="reader-panels" label={w('r.panels')} value={panels} onChange={setPanels} options={(site.panels ?? []).filter((p) => p.id !== 'unassigned').map((p) => ({ id: p.id, text: p.name }))} />
      </div>
      <Group title={w('r.practice')}>
        <ListField name="reader-subspecialties" label={w('r.subspecialties')} value={u.subspecialties} onChange={(subspecialties) => set({ subspecialties })} split={splitWords} />
        <ListField name="reader-modalities" label={w('r.modalities')} value={u.modalities} onChange={(modalities) => set({ modalities })} split={(s) => splitCodes(s.toUpperCase())} />
        <ListField name="reader-languages" label={w('r.languages')} value={u.languages} onChange={(languages) => set({ languages })} split={splitCodes} />
        <TextField name="reader-capacity" type="number" label={w('r.capacity')} value={u.capacity ? String(u.capacity) : ''} onInput={(v) => setU(({ capacity: _, ...rest }) => (v ? { ...rest, capacity: Number(v) } : rest))} />
        <SelectField name="reader-home" label={w('r.home')} hint={w('r.homeHint')} value={u.home ?? ''} onChange={(home) => set({ home })} options={[{ id: '', text: w('none') }, ...facilities]} />
        <TextField name="reader-monitor" type="date" label={w('r.monitor')} value={u.monitor_tested ?? ''} onInput={(monitor_tested) => set({ monitor_tested })} />
        <ListField name="reader-station" label={w('r.station')} hint={w('r.stationHint')} value={u.ae_titles} onChange={(ae_titles) => set({ ae_titles })} split={splitCodes} joint=" " />
        <ListField name="reader-certificates" label={w('f.certificates')} value={u.certificates} onChange={(certificates) => set({ certificates })} split={splitLines} joint={'\n'} rows={2} />
        <ChoiceField name="reader-conflicts" label={w('r.conflicts')} value={u.conflicts ?? []} onChange={(conflicts) => set({ conflicts })} options={facilities} />
      </Group>
      <Group title={w('r.hours').replace(/ ?[（(].*/, '')}>
        <ListField name="reader-hours" label={w('r.hours')} hint={w('f.hoursHint')} value={u.hours} onChange={(hours) => set({ hours })} split={splitLines} joint={'\n'} rows={3} />
        <ListField name="reader-on-call" label={w('r.onCall')} value={u.on_call} onChange={(on_call) => set({ on_call })} split={splitLines} joint={'\n'} rows={3} />
        <ListField name="reader-quiet" label={w('r.quiet')} value={u.quiet_hours} onChange={(quiet_hours) => set({ quiet_hours })} split={splitLines} joint={'\n'} rows={3} />
      </Group>
    </Dialog>
  );
}
