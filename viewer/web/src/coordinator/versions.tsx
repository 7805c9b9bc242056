import { instant, t } from '../i18n';
import { api } from '../session';
import { Blank, Button } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { useLoad } from '../ui/load';
import type { RuleSet } from './rules';
import { w } from './words';

interface Version {
  version: number;
  at: string;
  by: string;
  rules: string[];
  site: Partial<RuleSet>;
}

/** The sets of rules that were in force, to look at and to take up again. */
export function Versions({ onClose, onTake }: { onClose: () => void; onTake: (v: RuleSet) => void }) {
  const loaded = useLoad(() => api.json<Version[]>('/rules/versions'), []);
  return (
    <Dialog title={w('rules.history')} name="versions" wide onClose={onClose}>
      <p class="muted">{w('rules.historyLead')}</p>
      {!loaded.data ? loaded.error ? <Blank icon="warn" title={loaded.error} /> : <Blank busy title={t('loading')} /> : null}
      {loaded.data?.length === 0 ? <p class="muted">{w('rules.noHistory')}</p> : null}
      <ol class="rows">
        {(loaded.data ?? []).map((v) => (
          <li key={v.version} data-version={v.version}>
            <strong>{w('rules.version', { n: v.version })}</strong>
            <span>
              {instant(v.at)} {v.by}
            </span>
            <span class="muted">{v.rules.join(' / ')}</span>
            {v.site.fallback ? (
              <Button small onClick={() => onTake({ rules: v.site.rules ?? [], fallback: v.site.fallback! })}>
                {w('rules.take')}
              </Button>
            ) : null}
          </li>
        ))}
      </ol>
    </Dialog>
  );
}
