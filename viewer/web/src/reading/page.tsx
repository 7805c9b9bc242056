import { useEffect, useState } from 'preact/hooks';
import type { Report, Study, Workitem } from '../api/types';
import { formatPerson } from '../format/dicom';
import { instant, named, sexAge, t } from '../i18n';
import { go, href } from '../route';
import { api, me } from '../session';
import { Banner, Blank, Button, Chip, Fact } from '../ui/controls';
import { Icon } from '../ui/icon';
import { useKeys } from '../ui/keys';
import { lazy } from '../ui/lazy';
import { unhurried, useLive, useLoad } from '../ui/load';
import { sayProblem } from '../ui/problem';
import { Modalities, PatientName, PriorityChip, StatusChip, TimeLeftCell } from '../ui/study';
import { say } from '../ui/toast';
import { TopBar } from '../ui/topbar';
import { StudyViewer, useStage, type Row } from '../viewport/study';
import type { Writing } from './editor';
import { openForm } from './insert';
import { forget, letGo } from './keepers';
import { Splitter } from './splitter';
import { RoomButton } from '../room/open';
import { KindChip } from './versions';

// What is read and written is fetched beside the first image, not before it.
const Editor = lazy(() => import('./editor').then((m) => m.Editor));
const PriorReports = lazy(() => import('./prior').then((m) => m.PriorReports));
const SignedReport = lazy(() => import('./signed').then((m) => m.SignedReport));
const AddendumAction = lazy(() => import('./addendum').then((m) => m.AddendumAction), true);
const ReleaseDialog = lazy(() => import('./actions').then((m) => m.ReleaseDialog), true);
const Reasons = lazy(() => import('./reasons').then((m) => m.Reasons), true);

type Pane = 'image' | 'strip' | 'report';

const pageKeys: Row[] = [
  [['E'], 'key.write'],
  [['Shift T'], 'key.form'],
  [['.name Tab'], 'key.macro'],
  [['F2'], 'key.blank'],
  [['Shift P'], 'key.prior'],
  [['Esc'], 'key.leave'],
  [['Ctrl Enter'], 'key.sign'],
  [['C'], 'key.claim'],
  [['N'], 'key.next'],
  [['L'], 'key.list'],
  [[']'], 'key.fold'],
];

export function Reading({ id }: { id: string }) {
  const loaded = useLoad(async () => {
    const item = await api.workitem(id);
    return { item, study: await api.study(item.study.id) };
  }, [id]);
  const { data } = loaded;
  useLive((e) => e.workitemId === id || (!!data && e.studyId === data.study.id), loaded.reload, unhurried);
  useEffect(() => () => void letGo(id), [id]);
  if (!data) {
    return (
      <div class="page">
        <TopBar>
          <BackLink />
        </TopBar>
        <main id="content" tabIndex={-1}>
          {loaded.error ? (
            <Blank icon="warn" title={loaded.error}>
              <Button onClick={loaded.reload}>{t('retry')}</Button>
            </Blank>
          ) : (
            <Blank busy title={t('loading.study')} />
          )}
        </main>
      </div>
    );
  }
  return <Desk item={data.item} study={data.study} onItem={(item) => loaded.set({ ...data, item })} reload={loaded.reload} />;
}

function BackLink() {
  return (
    <a class="btn quiet back" href={href('')} aria-label={t('back.worklist')} title={t('back.worklist')} data-act="back">
      <Icon name="back" />
    </a>
  );
}

function Desk({ item, study, onItem, reload }: { item: Workitem; study: Study; onItem: (i: Workitem) => void; reload: () => void }) {
  const stage = useStage(study);
  const [pane, setPane] = useState<Pane>('image');
  const [folded, setFolded] = useState(false);
  const [beside, setBeside] = useState(false);
  const [dialog, setDialog] = useState<'' | 'why' | 'release'>('');
  const [busy, setBusy] = useState(false);
  const mine = item.state === 'IN PROGRESS' && item.claimedBy?.id === me.value?.userId;

  const claim = async () => {
    if (item.state !== 'SCHEDULED' || busy) return;
    setBusy(true);
    try {
      onItem(await api.claim(item.id));
    } catch (e) {
      sayProblem(e);
      reload();
    } finally {
      setBusy(false);
    }
  };
  const next = async () => {
    try {
      const list = await api.worklist('open', '', '', 50);
      const other = list.items.find((x) => x.id !== item.id && x.state === 'SCHEDULED');
      if (other) go('read', other.id);
      else {
        say(t('next.none'));
        go('');
      }
    } catch (e) {
      sayProblem(e);
    }
  };
  useKeys({
    e: () => {
      setPane('report');
      setFolded(false);
      document.querySelector<HTMLElement>('textarea[data-section]')?.focus();
    },
    c: () => void claim(),
    n: () => void next(),
    l: () => go(''),
    ']': () => setFolded((f) => !f),
    'Shift+t': () => {
      setPane('report');
      setFolded(false);
      dispatchEvent(new Event(openForm));
    },
    'Shift+p': () => setBeside((b) => !b),
  });

  return (
    <div class="page reading">
      <TopBar>
        <BackLink />
        <PatientLine item={item} mine={mine} />
      </TopBar>
      <Notices item={item} study={study} />
      <main id="content" tabIndex={-1} class={`desk${folded ? ' folded' : beside ? ' beside' : ''}`} data-pane={pane} aria-label={t('reading.title')}>
        <h1 class="sr">{t('reading.title')}</h1>
        <StudyViewer study={study} stage={stage} pageKeys={pageKeys} workitem={mine ? item.id : ''} pane={{ strip: pane === 'strip', image: pane === 'image', onPick: () => setPane('image') }} />
        {folded ? null : <Splitter />}
        <aside class={`pane-report${pane === 'report' ? '' : ' off'}`} aria-label={t('report.title')}>
          <div class="panel-head">
            <h2>{t('report.title')}</h2>
            {item.state === 'SCHEDULED' ? (
              <Button kind="primary" small busy={busy} onClick={() => void claim()} act="claim">
                {t('claim')}
              </Button>
            ) : null}
            {mine ? (
              <Button kind="quiet" small onClick={() => setDialog('release')} act="release">
                {t('release')}
              </Button>
            ) : null}
            {item.claimedBy?.id === me.value?.userId ? <RoomButton study={study.id} /> : null}
            <Button kind="quiet" small pressed={beside} onClick={() => setBeside(!beside)} act="prior-reports" title={`${t('prior.title')} (Shift+P)`}>
              {t('prior.open')}
            </Button>
            <Button kind="quiet" small icon="route" onClick={() => setDialog('why')} act="why">
              {t('why.open')}
            </Button>
            <Button kind="quiet" small icon="fold" label={`${t('panel.fold')} (])`} onClick={() => setFolded(true)} act="fold" />
          </div>
          <div class="panel-body">
            <Request study={study} />
            <div class="report-columns">
              {beside ? <PriorReports study={study.id} /> : null}
              <div class="report-column">
                <ReportArea item={item} study={study} mine={mine} onSigned={reload} onNext={() => void next()} />
              </div>
            </div>
          </div>
        </aside>
        {folded ? (
          <div class="unfold">
            <Button kind="quiet" icon="unfold" label={`${t('panel.unfold')} (])`} onClick={() => setFolded(false)} act="unfold" />
          </div>
        ) : null}
      </main>
      <nav class="pane-tabs" aria-label={t('panes')}>
        {(['strip', 'image', 'report'] as const).map((p) => (
          <button key={p} type="button" aria-current={pane === p} data-pane={p} onClick={() => setPane(p)}>
            <Icon name={p === 'strip' ? 'stack' : p === 'image' ? 'eye' : 'doc'} />
            {t(`pane.${p}`)}
          </button>
        ))}
      </nav>
      {dialog === 'why' ? <Reasons item={item} onClose={() => setDialog('')} /> : null}
      {dialog === 'release' ? (
        <ReleaseDialog
          item={item}
          onClose={() => setDialog('')}
          onReleased={() => {
            forget(item.id);
            say(t('release.done'));
            go('');
          }}
        />
      ) : null}
    </div>
  );
}

function PatientLine({ item, mine }: { item: Workitem; mine: boolean }) {
  const s = item.study;
  return (
    <div class="patient-line">
      <PatientName study={s} />
      <span class="patient-facts">
        <span>{s.patient.patientId}</span>
        <span>{sexAge(s.patient)}</span>
        <span>
          <Modalities study={s} /> {s.bodyPart}
        </span>
      </span>
      <span class="patient-chips">
        <PriorityChip priority={item.priority} />
        {item.state === 'SCHEDULED' || item.state === 'IN PROGRESS' ? <TimeLeftCell item={item} /> : null}
        <StatusChip item={item} mine={mine} />
        {item.kind === 'addendum' ? <KindChip kind="addendum" /> : null}
      </span>
    </div>
  );
}

function Notices({ item, study }: { item: Workitem; study: Study }) {
  const [seen, setSeen] = useState('');
  const late = study.reopened > 0;
  const incomplete = item.readiness === 'INCOMPLETE' || study.state === 'receiving';
  const key = `${study.reopened} ${study.instances} ${study.state}`;
  return (
    <>
      {item.replacedBy ? (
        <Banner tone="warn" action={<a class="btn small" href={href('read', item.replacedBy)}>{t('notice.replaced.open')}</a>}>
          {t('notice.replaced')}
        </Banner>
      ) : null}
      {incomplete ? (
        <Banner tone="warn">
          {study.declared > study.instances ? t('notice.incomplete.of', { n: study.instances, of: study.declared }) : t('notice.incomplete', { n: study.instances })}
        </Banner>
      ) : null}
      {late && !incomplete && seen !== key ? (
        <Banner tone="accent" icon="info" action={<Button small kind="quiet" icon="close" label={t('close')} onClick={() => setSeen(key)} />}>
          {t('notice.reopened', { at: instant(study.lastArrival), n: study.instances })}
        </Banner>
      ) : null}
      {study.conflicts > 0 ? <Banner tone="danger">{t('notice.conflict', { n: study.conflicts })}</Banner> : null}
    </>
  );
}

function Request({ study }: { study: Study }) {
  return (
    <details class="request" open>
      <summary>{t('request.title')}</summary>
      <p class="request-text">{study.requestText || <span class="muted">{t('request.none')}</span>}</p>
      <dl class="facts">
        <Fact name={t('col.hospital')}>{named(study.facility)}</Fact>
        {study.referrer ? <Fact name={t('col.referrer')}>{formatPerson(study.referrer)}</Fact> : null}
        {study.accession ? <Fact name={t('col.accession')}>{study.accession}</Fact> : null}
        <Fact name={t('col.description')}>{study.description || '–'}</Fact>
      </dl>
    </details>
  );
}

function ReportArea({ item, study, mine, onSigned, onNext }: { item: Workitem; study: Study; mine: boolean; onSigned: () => void; onNext: () => void }) {
  const [signed, setSigned] = useState<Report | null>(null);
  const [version, setVersion] = useState('');
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
        {item.purpose === 'verification' || item.purpose === 'consensus' ? <Banner tone="accent" icon="info">{t(`purpose.${item.purpose}`)}</Banner> : null}
        <Editor
          workitem={item.id}
          study={study}
          writing={writingOf(item, study)}
          onSigned={(r) => {
            forget(item.id);
            setSigned(r);
            onSigned();
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
