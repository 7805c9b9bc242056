import { useState } from 'preact/hooks';
import { sayProblem } from '../ui/problem';
import { api } from '../session';
import { Button } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { ChangeDialog } from './change';
import type { Part } from './site';
import { w } from './words';

type What = 'yaml' | NonNullable<Part['table']>;
const all: What[] = ['yaml', 'facilities', 'users', 'panels', 'destinations', 'shifts', 'codes'];

/** The directory out to a file, and a file in, with its differences first. */
export function Transfer({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const [change, setChange] = useState<Part | null>(null);
  const save = async (what: What) => {
    try {
      if (what === 'yaml') download('site.yaml', 'application/yaml', (await api.json<{ text: string }>('/directory')).text);
      else download(`${what}.csv`, 'text/csv', (await api.bytes(`/api/v1/directory?format=csv&table=${what}`)).body);
    } catch (e) {
      sayProblem(e);
    }
  };
  const read = async (file: File | undefined, what: What) => {
    if (!file) return;
    const bytes = await file.arrayBuffer();
    let text: string;
    try {
      text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      text = new TextDecoder('shift_jis').decode(bytes); // what spreadsheets of Japan write
    }
    setChange(what === 'yaml' ? { text } : { text, table: what });
  };
  if (change) return <ChangeDialog change={change} onClose={() => setChange(null)} onDone={onDone} />;
  return (
    <Dialog title={w('dir.transfer')} name="transfer" wide onClose={onClose}>
      <p class="muted">{w('dir.transferLead')}</p>
      <ul class="rows">
        {all.map((what) => (
          <li key={what}>
            <strong class="grow">{w(`dir.${what}`)}</strong>
            <Button small onClick={() => void save(what)} act={`export-${what}`}>
              {w('dir.export')}
            </Button>
            <label class="btn small">
              {w('dir.import')}
              <input class="sr" type="file" name={`import-${what}`} accept={what === 'yaml' ? '.yaml,.yml,.json' : '.csv'} onChange={(e) => void read(e.currentTarget.files?.[0], what)} />
            </label>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

export function download(name: string, type: string, content: BlobPart) {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const a = document.createElement('a');
  a.href = url;
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
