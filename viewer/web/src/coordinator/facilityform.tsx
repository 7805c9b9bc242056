import { useState } from 'preact/hooks';
import type { Priority } from '../api/types';
import { named, t } from '../i18n';
import { Button } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { ChangeDialog } from './change';
import { ChoiceField, Group, ListField, SelectField, TextField } from './fields';
import { part, splitCodes, splitLines, type Site, type SiteDestination, type SiteFacility, type Terms } from './site';
import { w } from './words';

const priorities: Priority[] = ['STAT', 'URGENT', 'ROUTINE'];
// What is agreed most often.
const usual: Record<Priority, [string, string]> = { STAT: ['10m', '30m'], URGENT: ['1h', '4h'], ROUTINE: ['', '24h'] };

const options = ['retrieve_only', 'commit', 'performed', 'ian'] as const;
const optionWords = { retrieve_only: 'f.retrieveOnly', commit: 'f.commit', performed: 'f.performed', ian: 'f.ian' } as const;

/** A hospital: who it is, how it takes part, what was agreed, where its reports go. */
export function FacilityForm({ facility, site, onClose, onDone }: { facility: SiteFacility | null; site: Site; onClose: () => void; onDone: () => void }) {
  const [f, setF] = useState<SiteFacility>(facility ?? { id: '', name: '', quiet: '30s', mode: 'both' });
  const [review, setReview] = useState(false);
  const set = (x: Partial<SiteFacility>) => setF({ ...f, ...x });
  const terms = (p: Priority, x: Partial<Terms>) => set({ contract: { ...f.contract, [p]: { ...f.contract?.[p], ...x } } });
  const destinations = f.destinations ?? [];
  const setDestination = (n: number, x: Partial<SiteDestination>) => set({ destinations: destinations.map((d, i) => (i === n ? { ...d, ...x } : d)) });
  const readers = (site.users ?? []).filter((u) => u.role === 'reader');
  if (review) return <ChangeDialog change={part({ facilities: [f], replace: ['destinations'] })} onClose={() => setReview(false)} onDone={onDone} />;
  return (
    <Dialog
      title={facility ? `${w('dir.edit')}: ${f.name}` : w('dir.add')}
      name="facility"
      wide
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button kind="primary" disabled={!/^[a-z0-9][a-z0-9_-]{0,31}$/.test(f.id) || !f.name.trim()} onClick={() => setReview(true)} act="facility-review">
            {w('change.title')}
          </Button>
        </>
      }
    >
      <div class="form-grid">
        <TextField name="facility-id" label={w('f.id')} hint={w('f.idHint')} value={f.id} onInput={(id) => set({ id })} readOnly={!!facility} required max={32} />
        <TextField name="facility-name" label={w('f.name')} value={f.name} onInput={(name) => set({ name })} required />
        <TextField name="facility-name-en" label={w('f.nameEn')} value={f.name_en ?? ''} onInput={(name_en) => set({ name_en })} />
        <ListField name="facility-ae" label={w('f.ae')} hint={w('f.aeHint')} value={f.ae_titles} onChange={(ae_titles) => set({ ae_titles })} split={splitCodes} joint=" " />
        <ListField name="facility-addresses" label={w('f.addresses')} hint={w('f.addressesHint')} value={f.addresses} onChange={(addresses) => set({ addresses })} split={splitCodes} joint=" " />
        <ListField name="facility-certificates" label={w('f.certificates')} value={f.certificates} onChange={(certificates) => set({ certificates })} split={splitLines} joint={'\n'} rows={2} />
      </div>
      <Group title={w('f.part')}>
        <SelectField name="facility-mode" label={w('f.mode')} value={f.mode ?? 'both'} onChange={(mode) => set({ mode })} options={(['both', 'publish', 'view'] as const).map((m) => ({ id: m, text: w(`f.mode.${m}`) }))} />
        <TextField name="facility-quiet" label={w('f.quiet')} value={f.quiet ?? ''} onInput={(quiet) => set({ quiet })} hint="30s, 2m" />
        <SelectField name="facility-panel" label={w('f.panel')} value={f.panel ?? ''} onChange={(panel) => set({ panel })} options={[{ id: '', text: w('none') }, ...(site.panels ?? []).map((p) => ({ id: p.id, text: named({ name: p.name, ...(p.name_en ? { nameEn: p.name_en } : {}) }) }))]} />
        <ChoiceField name="facility-readers" label={w('f.readers')} value={f.readers ?? []} onChange={(list) => set({ readers: list })} options={readers.map((u) => ({ id: u.login, text: u.name }))} />
        <TextField name="facility-language" label={w('f.language')} value={f.language ?? ''} onInput={(language) => set({ language })} max={8} />
        <ListField name="facility-senders" label={w('f.senders')} value={f.hl7_senders} onChange={(hl7_senders) => set({ hl7_senders })} split={splitLines} joint={'\n'} rows={2} />
        <ChoiceField name="facility-privacy" label={w('f.privacy')} value={f.pseudonymous ? ['on'] : []} onChange={(v) => set({ pseudonymous: v.length > 0 })} options={[{ id: 'on', text: w('f.pseudonymous') }]} />
        <ListField name="facility-hours" label={w('f.hours')} hint={w('f.hoursHint')} value={f.hours} onChange={(hours) => set({ hours })} split={splitLines} joint={'\n'} rows={2} />
      </Group>
      <section class="form-group">
        <h3>{w('f.contract')}</h3>
        <table class="plain form-table">
          <thead>
            <tr>
              <th scope="col">{t('col.priority')}</th>
              <th scope="col">{w('f.claim')}</th>
              <th scope="col">{w('f.final')}</th>
              <th scope="col">{w('f.working')}</th>
            </tr>
          </thead>
          <tbody>
            {priorities.map((p) => (
              <tr key={p}>
                <th scope="row">{t(`priority.${p}`)}</th>
                <td>
                  <input name={`claim-${p}`} aria-label={`${t(`priority.${p}`)} ${w('f.claim')}`} value={f.contract?.[p]?.claim ?? ''} placeholder={usual[p][0]} onInput={(e) => terms(p, { claim: e.currentTarget.value })} />
                </td>
                <td>
                  <input name={`final-${p}`} aria-label={`${t(`priority.${p}`)} ${w('f.final')}`} value={f.contract?.[p]?.final ?? ''} placeholder={usual[p][1]} onInput={(e) => terms(p, { final: e.currentTarget.value })} />
                </td>
                <td>
                  <input type="checkbox" name={`working-${p}`} aria-label={`${t(`priority.${p}`)} ${w('f.working')}`} checked={f.contract?.[p]?.time === 'working'} onChange={(e) => terms(p, { time: e.currentTarget.checked ? 'working' : '' })} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <section class="form-group">
        <h3>{w('f.destinations')}</h3>
        {destinations.map((d, n) => (
          <div key={n} class="form-grid destination-row">
            <TextField name="destination-name" label={w('f.name')} value={d.name} onInput={(name) => setDestination(n, { name })} />
            <TextField name="destination-to" label={w('f.to')} hint={w('f.toHint')} value={d.to} onInput={(to) => setDestination(n, { to })} max={500} />
            <ListField name="destination-objects" label={w('f.objects')} hint="sr, enhanced, pdf, measurements, keys, oru, fhir, text, notice" value={d.objects} onChange={(objects) => setDestination(n, { objects })} split={splitCodes} />
            <TextField name="destination-tls" label={w('f.tls')} hint={w('f.tlsHint')} value={d.tls ?? ''} onInput={(tls) => setDestination(n, { tls })} />
            <ChoiceField
              name="destination-options"
              label={w('f.options')}
              value={options.filter((o) => (o === 'ian' ? d.notify === 'ian' : d[o]))}
              onChange={(v) => setDestination(n, { retrieve_only: v.includes('retrieve_only'), commit: v.includes('commit'), performed: v.includes('performed'), notify: v.includes('ian') ? 'ian' : '' })}
              options={options.map((o) => ({ id: o, text: w(optionWords[o]) }))}
            />
            <Button small kind="quiet" onClick={() => set({ destinations: destinations.filter((_, i) => i !== n) })}>
              {w('remove')}
            </Button>
          </div>
        ))}
        <Button small onClick={() => set({ destinations: [...destinations, { name: '', to: '' }] })} act="destination-add">
          {w('add')}
        </Button>
      </section>
    </Dialog>
  );
}
