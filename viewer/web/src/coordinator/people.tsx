import { useState } from 'preact/hooks';
import type { Panel, Reader } from '../api/types';
import { named, num, t } from '../i18n';
import { api, may } from '../session';
import { Button, Chip } from '../ui/controls';
import { useLive, useLoad } from '../ui/load';
import { now } from '../ui/now';
import { lookUp } from './data';
import { Actions, Head, Table, Waiting } from './listing';
import { PanelForm } from './panelform';
import { ReaderForm } from './readerform';
import { readSite, type SitePanel, type SiteUser } from './site';
import { plusDays, tokyo } from './week';
import { w } from './words';

export function Readers() {
  const loaded = useLoad(async () => {
    const [readers, panels, site] = await Promise.all([api.readers(), api.panels(), readSite()]);
    return { readers, panels, site };
  }, []);
  const [editing, setEditing] = useState<SiteUser | 'new' | null>(null);
  useLive((_, kind) => kind === 'workitem' || kind === 'report', loaded.reload);
  const change = may('directory.write');
  return (
    <>
      <Head title={t('coord.readers')} add={change && { text: w('r.add'), act: 'reader-add', run: () => setEditing('new') }} />
      <Waiting loaded={loaded}>
        {({ readers, panels, site }) => (
          <Table label={t('coord.readers')}>
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
                {change ? <Actions /> : null}
              </tr>
            </thead>
            <tbody>
              {readers.map((r: Reader) => (
                <tr key={r.id} data-reader={r.login}>
                  <td>
                    <strong>{named(r)}</strong> <Warnings user={site.users?.find((u) => u.login === r.login)} />
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
                  {change ? (
                    <td class="right">
                      <Button small icon="pen" label={w('r.edit')} onClick={() => setEditing(site.users?.find((u) => u.login === r.login) ?? null)} act="reader-edit" />
                    </td>
                  ) : null}
                </tr>
              ))}
            </tbody>
          </Table>
        )}
      </Waiting>
      {editing && loaded.data ? (
        <ReaderForm
          user={editing === 'new' ? null : editing}
          site={loaded.data.site}
          onClose={() => setEditing(null)}
          onDone={() => {
            setEditing(null);
            loaded.reload();
          }}
        />
      ) : null}
    </>
  );
}

/** What keeps a reader from work, or soon will. */
function Warnings({ user }: { user: SiteUser | undefined }) {
  const today = tokyo(now.value);
  const yearAgo = plusDays(today, -365);
  return (
    <>
      {user?.license_expires && user.license_expires < today ? <Chip tone="danger">{w('r.licenseOld')}</Chip> : null}{' '}
      {user?.monitor_tested && user.monitor_tested < yearAgo ? <Chip tone="warn">{w('r.monitorOld')}</Chip> : null}
    </>
  );
}

export function Panels() {
  const loaded = useLoad(async () => {
    const [panels, readers, site] = await Promise.all([api.panels(), api.readers(), readSite()]);
    return { panels, readers, site };
  }, []);
  const [editing, setEditing] = useState<SitePanel | 'new' | null>(null);
  const change = may('directory.write');
  return (
    <>
      <Head title={t('coord.panels')} add={change && { text: w('p.add'), act: 'panel-add', run: () => setEditing('new') }} />
      <Waiting loaded={loaded}>
        {({ panels, readers, site }) => (
          <Table label={t('coord.panels')}>
            <thead>
              <tr>
                <th scope="col">{t('col.panel')}</th>
                <th scope="col" class="spare">
                  ID
                </th>
                <th scope="col">{t('coord.readers')}</th>
                <th scope="col" class="right">
                  {t('col.open')}
                </th>
                {change ? <Actions /> : null}
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
                    <td class="spare">
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
                    {change ? (
                      <td class="right">
                        <Button small icon="pen" label={w('p.edit')} onClick={() => setEditing(site.panels?.find((x) => x.id === p.id) ?? null)} act="panel-edit" />
                      </td>
                    ) : null}
                  </tr>
                );
              })}
            </tbody>
          </Table>
        )}
      </Waiting>
      {editing && loaded.data ? (
        <PanelForm
          panel={editing === 'new' ? null : editing}
          site={loaded.data.site}
          onClose={() => setEditing(null)}
          onDone={() => {
            setEditing(null);
            loaded.reload();
          }}
        />
      ) : null}
    </>
  );
}

// A panel may name its readers by login, by id or not at all: readers name
// their panels as well.
function membersOf(p: Panel, readers: Reader[]): Reader[] {
  const names = new Set((p.readers ?? []).map((r) => (typeof r === 'string' ? r : r.id)));
  return readers.filter((r) => names.has(r.login) || names.has(r.id) || (r.panels ?? []).some((x) => (typeof x === 'string' ? x : x.id) === p.id));
}
