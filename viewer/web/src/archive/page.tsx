import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { href } from '../route';
import { may } from '../session';
import { Tabs } from '../ui/controls';
import { TopBar } from '../ui/topbar';
import { Quality } from './quality';
import { ReportSearch } from './search';
import { w } from './words';
import '../reading/report.css';

/** A reader's page of what was signed: found again, and looked at again. */
export function ArchivePage() {
  const [tab, setTab] = useState<'search' | 'quality'>('search');
  return (
    <div class="page">
      <TopBar>
        <nav class="sections" aria-label={t('archive.title')}>
          <a href={href('')}>{t('worklist.title')}</a>
          <a href={href('reports')} aria-current="page">
            {t('archive.title')}
          </a>
        </nav>
      </TopBar>
      <main id="content" tabIndex={-1} class="list-page">
        <div class="list-head">
        <h1>{t('archive.title')}</h1>
        {may('quality.view') ? (
          <Tabs
            label={t('archive.title')}
            value={tab}
            onChange={setTab}
            tabs={[
              { id: 'search', text: w('search.title') },
              { id: 'quality', text: w('quality.title') },
            ]}
          />
        ) : null}
        </div>
        {tab === 'quality' ? <Quality /> : <ReportSearch page="study" />}
      </main>
    </div>
  );
}
