import { useEffect, useState } from 'preact/hooks';
import type { Report, Study, Workitem } from '../api/types';
import { formatPerson } from '../format/dicom';
import { instant, lang, named, t } from '../i18n';
import { api } from '../session';
import { Banner, Blank, Button, Chip, Fact } from '../ui/controls';
import { useLive, useLoad } from '../ui/load';
import { lazy } from '../ui/lazy';
import { AddendumAction } from './addendum';
import type { Writing } from './editor';
import { forget } from './keepers';
import { SignedReport } from './signed';
import { Ordered } from './ordered';
import { settings } from '../worklist/chosen';
import { learnSettings } from '../worklist/settings';

const Editor = lazy(() => import('./editor').then((m) => m.Editor));

/** What was asked of the reader. */
export function Request({ study }: { study: Study }) {
  return (
    <details class="request" open>
      <summary>{t('request.title')}</summary>
      <p class="request-text">{study.requestText || (study.order?.comments ? null : <span class="muted">{t('request.none')}</span>)}</p>
      {study.order ? <Ordered order={study.order} /> : null}
      <dl class="facts">
        <Fact name={t('col.hospital')}>{named(study.facility)}</Fact>
        {study.referrer ? <Fact name={t('col.referrer')}>{formatPerson(study.referrer, lang.value)}</Fact> : null}
        {study.accession ? <Fact name={t('col.accession')}>{study.accession}</Fact> : null}
        <Fact name={t('col.description')}>{study.description || '–'}</Fact>
      </dl>
    </details>
  );
}

/** The report of a workitem: written, or read when it is signed. */
export function ReportArea({ item, study, mine, onSigned, onNext }: { item: Workitem; study: Study; mine: boolean; onSigned: () => void; onNext: () => void }) {
  const [signed, setSigned] = useState<Report | null>(null);
  const [version, setVersion] = useState('');
  useEffect(() => void learnSettings(), []);
  const reportId = version || signed?.id || (mine || item.state === 'SCHEDULED' ? '' : latest(study));
  const stored = useLoad(async () => (reportId ? await api.report(reportId) : null), [reportId]);
  useLive((e, kind) => e.studyId === study.id && (kind === 'delivery' || kind === 'report'), stored.reload);
  const report = stored.data ?? signed;

  if (reportId && report) {
    return (
      <>
        {signed ? (
          <Banner
            tone="ok"
            icon="check"
            action={
              <Button small kind="primary" icon="next" onClick={onNext} act="next">
                {t('next.open')}
              </Button>
            }
          >
            {t('sign.done')}
          </Banner>
        ) : null}
        <SignedReport report={report} onVersion={setVersion} action={<AddendumAction item={item} study={study} />} />
      </>
    );
  }
  if (reportId) return stored.error ? <Banner tone="danger">{stored.error}</Banner> : <Blank busy title={t('loading')} />;
  if (mine) {
    return (
      <>
        {item.purpose === 'second' ? <Banner tone="accent" icon="info">{t('purpose.second')}</Banner> : <Earlier study={study} />}
        {item.purpose === 'verification' || item.purpose === 'consensus' || item.purpose === 'double' || item.purpose === 'opinion' ? <Banner tone="accent" icon="info">{t(`purpose.${item.purpose}`)}</Banner> : null}
        <Editor
          workitem={item.id}
          study={study}
          writing={writingOf(item, study)}
          onSigned={(r) => {
            forget(item.id);
            setSigned(r);
            if (settings.value.autoNext) onNext();
            else onSigned();
          }}
        />
      </>
    );
  }
  if (item.state === 'SCHEDULED') return <Blank icon="doc" title={t('report.claimFirst')} />;
  if (item.state === 'IN PROGRESS') {
    return (
      <Blank icon="eye" title={t('report.other', { name: named(item.claimedBy) })}>
        <Chip>{t('report.since', { at: instant(item.claimedAt) })}</Chip>
      </Blank>
    );
  }
  return <Blank icon="doc" title={t('report.none')} />;
}

// A retracted report has nothing left that could be added to: it is written anew.
function writingOf(item: Workitem, study: Study): Writing {
  if (item.purpose === 'correction' || item.purpose === 'retraction') return item.purpose;
  if (item.kind !== 'addendum') return 'report';
  const newest = [...(study.reports ?? [])].sort((a, b) => b.version - a.version)[0];
  return newest?.kind === 'retraction' ? 'correction' : 'addendum';
}

/** What is signed already, above what is written to it. */
function Earlier({ study }: { study: Study }) {
  const [version, setVersion] = useState('');
  const id = version || latest(study);
  const stored = useLoad(async () => (id ? await api.report(id) : null), [], [id]);
  if (!id) return null;
  return (
    <details class="request earlier" open>
      <summary>{t('addendum.earlier')}</summary>
      {stored.data ? <SignedReport report={stored.data} onVersion={setVersion} /> : stored.error ? <Banner tone="danger">{stored.error}</Banner> : <Blank busy title={t('loading')} />}
    </details>
  );
}

function latest(study: Study): string {
  const list = [...(study.reports ?? [])].sort((a, b) => b.version - a.version);
  return list[0]?.id ?? study.reportId ?? '';
}
