import type { ComponentChildren } from 'preact';
import type { Panel, Reader, Rule } from '../api/types';
import { lang, named, num, ruleName, t, within } from '../i18n';
import { api } from '../session';
import { Blank, Button, Chip } from '../ui/controls';
import { useLive, useLoad, type Loaded } from '../ui/load';
import { PriorityChip } from '../ui/study';
import { lookUp } from './data';

function Waiting<T>({ loaded, children }: { loaded: Loaded<T>; children: (data: T) => ComponentChildren }) {
  if (loaded.data !== undefined) return <>{children(loaded.data)}</>;
  if (!loaded.error) return <Blank busy title={t('loading')} />;
  return (
    <Blank icon="warn" title={loaded.error}>
      <Button onClick={loaded.reload}>{t('retry')}</Button>
    </Blank>
  );
}

export function Readers() {
  const loaded = useLoad(async () => {
    const [readers, panels] = await Promise.all([api.readers(), api.panels()]);
    return { readers, panels };
  }, []);
  useLive((_, kind) => kind === 'workitem' || kind === 'report', loaded.reload);
  return (
    <>
      <h1>{t('coord.readers')}</h1>
      <Waiting loaded={loaded}>
        {({ readers, panels }) => (
          <div class="table-box" role="region" tabIndex={0} aria-label={t('coord.readers')}>
            <table class="list still">
              <thead>
                <tr>
                  <th scope="col">{t('col.reader')}</th>
                  <th scope="col">{t('signin.login')}</th>
                  <th scope="col">{t('col.license')}</th>
                  <th scope="col">{t('col.panel')}</th>
                  <th scope="col" class="right">
                    {t('col.open')}
                  </th>
                  <th scope="col" class="right">
                    {t('col.doneToday')}
                  </th>
                </tr>
              </thead>
              <tbody>
                {readers.map((r: Reader) => (
                  <tr key={r.id} data-reader={r.login}>
                    <td>
                      <strong>{named(r)}</strong>
                    </td>
                    <td>
                      <code>{r.login}</code>
                    </td>
                    <td>{r.license || '–'}</td>
                    <td>
                      <span class="chips">
                        {(r.panels ?? []).map((p) => (
                          <Chip key={typeof p === 'string' ? p : p.id}>{named(lookUp(panels, p))}</Chip>
                        ))}
                      </span>
                    </td>
                    <td class="right">{num(r.open)}</td>
                    <td class="right">{num(r.doneToday)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Waiting>
    </>
  );
}

export function Panels() {
  const loaded = useLoad(async () => {
    const [panels, readers] = await Promise.all([api.panels(), api.readers()]);
    return { panels, readers };
  }, []);
  return (
    <>
      <h1>{t('coord.panels')}</h1>
      <Waiting loaded={loaded}>
        {({ panels, readers }) => (
          <div class="table-box" role="region" tabIndex={0} aria-label={t('coord.panels')}>
            <table class="list still">
              <thead>
                <tr>
                  <th scope="col">{t('col.panel')}</th>
                  <th scope="col">ID</th>
                  <th scope="col">{t('coord.readers')}</th>
                  <th scope="col" class="right">
                    {t('col.open')}
                  </th>
                </tr>
              </thead>
              <tbody>
                {panels.map((p) => {
                  const members = membersOf(p, readers);
                  return (
                    <tr key={p.id} data-panel={p.id}>
                      <td>
                        <strong>{named(p)}</strong>
                      </td>
                      <td>
                        <code>{p.id}</code>
                      </td>
                      <td>
                        <span class="chips">
                          {members.map((r) => (
                            <Chip key={r.id}>{named(r)}</Chip>
                          ))}
                        </span>
                      </td>
                      <td class="right">{num(members.reduce((n, r) => n + r.open, 0))}</td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </div>
        )}
      </Waiting>
    </>
  );
}

// A panel may name its readers by login, by id or not at all: readers name
// their panels as well.
function membersOf(p: Panel, readers: Reader[]): Reader[] {
  const names = new Set((p.readers ?? []).map((r) => (typeof r === 'string' ? r : r.id)));
  return readers.filter((r) => names.has(r.login) || names.has(r.id) || (r.panels ?? []).some((x) => (typeof x === 'string' ? x : x.id) === p.id));
}

export function Rules() {
  const loaded = useLoad(async () => {
    const [rules, panels] = await Promise.all([api.rules(lang.value), api.panels()]);
    return { rules: [...rules].sort((a, b) => a.order - b.order), panels };
  }, [lang.value]);
  return (
    <>
      <h1>{t('coord.rules')}</h1>
      <p class="muted">{t('rules.lead')}</p>
      <Waiting loaded={loaded}>
        {({ rules, panels }) => (
          <ol class="rules">
            {rules.map((r: Rule, n) => (
              <li key={`${r.order} ${r.name}`} data-rule={r.name}>
                <span class="rule-order">{n + 1}</span>
                <div class="rule-body">
                  <h2>{ruleName(r.name)}</h2>
                  <p class="rule-when">
                    {(r.when ?? []).length === 0 ? <span class="muted">{t('rules.always')}</span> : (r.when ?? []).map((w) => <code key={w}>{w}</code>)}
                  </p>
                </div>
                <div class="rule-then">
                  <PriorityChip priority={r.then.priority} />
                  <span>{named(lookUp(panels, r.then.panel))}</span>
                  <span class="muted">{t('rules.within', { t: within(r.then.withinSeconds) })}</span>
                </div>
                <span class="rule-count">{t('rules.matched', { n: num(r.matched) })}</span>
              </li>
            ))}
          </ol>
        )}
      </Waiting>
    </>
  );
}
