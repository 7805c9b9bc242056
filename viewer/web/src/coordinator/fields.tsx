import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Facility, Role } from '../api/types';
import { named, t } from '../i18n';

interface FieldProps {
  name: string;
  label: string;
  hint?: string;
}

export function TextField({ name, label, hint, value, onInput, required, readOnly, pattern, type = 'text', placeholder, max = 200, lang }: FieldProps & { value: string; onInput: (v: string) => void; required?: boolean; readOnly?: boolean; pattern?: string; type?: 'text' | 'date' | 'number' | 'email' | 'datetime-local'; placeholder?: string; max?: number; lang?: string }) {
  return (
    <label class="field">
      <span>{label}</span>
      <input name={name} {...({ type } as { type: 'text' })} value={value} required={required} readOnly={readOnly} pattern={pattern} placeholder={placeholder} maxLength={max} lang={lang} autocomplete="off" spellcheck={false} onInput={(e) => onInput(e.currentTarget.value)} />
      {hint ? <small class="muted">{hint}</small> : null}
    </label>
  );
}

/** A list that is typed as text. What is typed stays as it is until the field is left. */
export function ListField({ name, label, hint, value, onChange, split, joint = ', ', rows }: FieldProps & { value: string[] | undefined; onChange: (v: string[]) => void; split: (s: string) => string[]; joint?: string; rows?: number }) {
  const [text, setText] = useState((value ?? []).join(joint));
  const set = (s: string) => {
    setText(s);
    onChange(split(s));
  };
  return (
    <label class="field">
      <span>{label}</span>
      {rows ? (
        <textarea name={name} rows={rows} value={text} spellcheck={false} onInput={(e) => set(e.currentTarget.value)} />
      ) : (
        <input name={name} value={text} autocomplete="off" spellcheck={false} onInput={(e) => set(e.currentTarget.value)} />
      )}
      {hint ? <small class="muted">{hint}</small> : null}
    </label>
  );
}

export function SelectField({ name, label, hint, value, onChange, options, required }: FieldProps & { value: string; onChange: (v: string) => void; options: { id: string; text: string }[]; required?: boolean }) {
  return (
    <label class="field">
      <span>{label}</span>
      <select name={name} required={required} value={value} onChange={(e) => onChange(e.currentTarget.value)}>
        {options.map((o) => (
          <option key={o.id} value={o.id}>
            {o.text}
          </option>
        ))}
      </select>
      {hint ? <small class="muted">{hint}</small> : null}
    </label>
  );
}

/** Roles of people at hospitals. */
export const atHospital: Role[] = ['technologist', 'ordering_doctor', 'ward', 'pharmacist', 'hospital'];
const hasHospital = (r: Role) => r === 'service' || atHospital.includes(r);

interface RoleAt {
  role: Role;
  facility: string;
}

/** What somebody or something may do, and at which hospital where the role has one. */
export function RoleFields({ value, onChange, roles, facilities, labels }: { value: RoleAt; onChange: (v: RoleAt) => void; roles: Role[]; facilities: Facility[]; labels: { role: string; facility: string } }) {
  const { role, facility } = value;
  return (
    <>
      <SelectField name="role" label={labels.role} value={role} options={roles.map((r) => ({ id: r, text: t(`role.${r}`) }))} onChange={(r) => onChange({ role: r as Role, facility: hasHospital(r as Role) ? facility : '' })} />
      {hasHospital(role) ? (
        <SelectField name="facility" label={labels.facility} required value={facility} options={[{ id: '', text: '–' }, ...facilities.map((f) => ({ id: f.id, text: named(f) }))]} onChange={(f) => onChange({ role, facility: f })} />
      ) : null}
    </>
  );
}

export function ChoiceField({ name, label, value, onChange, options }: { name: string; label: string; value: string[]; onChange: (v: string[]) => void; options: { id: string; text: string }[] }) {
  return (
    <fieldset class="field choices">
      <legend>{label}</legend>
      <div>
        {options.map((o) => (
          <label key={o.id} class="check">
            <input type="checkbox" name={name} value={o.id} checked={value.includes(o.id)} onChange={(e) => onChange(e.currentTarget.checked ? [...value, o.id] : value.filter((x) => x !== o.id))} /> {o.text}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function Group({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="form-group">
      <h3>{title}</h3>
      <div class="form-grid">{children}</div>
    </section>
  );
}
