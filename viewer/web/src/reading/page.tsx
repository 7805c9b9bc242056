import { useSignalEffect } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import type { Study, Workitem } from '../api/types';
import { instant, sexAge, t } from '../i18n';
import { go, href } from '../route';
import { api, forMe, me } from '../session';
import { Banner, Blank, Button, Chip } from '../ui/controls';
import { Icon } from '../ui/icon';
import { useKeys } from '../ui/keys';
import { lazy } from '../ui/lazy';
import { unhurried, useLive, useLoad } from '../ui/load';
import { sayProblem } from '../ui/problem';
import { Modalities, PatientName, PriorityChip, StatusChip, TimeLeftCell } from '../ui/study';
import { say } from '../ui/toast';
import { TopBar } from '../ui/topbar';
import { firstOver } from '../viewport/first';
import type { Stage } from '../viewport/stage';
import { StudyViewer, useStage, type Row } from '../viewport/study';
import { ahead } from './ahead';
import { openForm } from './insert';
import { forget, letGo } from './keepers';
import { Splitter } from './splitter';
import { RoomButton } from '../room/open';
import { KindChip } from './versions';

// What is read and written is fetched beside the first image, not before it.
const PriorReports = lazy(() => import('./prior').then((m) => m.PriorReports));
const Request = lazy(() => import('./area').then((m) => m.Request), true);
const ReportArea = lazy(() => import('./area').then((m) => m.ReportArea));
const Offer = lazy(() => import('../worklist/offer').then((m) => m.Offer), true);
const LeaveDialog = lazy(() => import('./actions').then((m) => m.LeaveDialog), true);
const following = () => import('./following');
const TakeOver = lazy(() => import('../worklist/takeover').then((m) => m.TakeOver), true);
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
  const loaded = useLoad(() => ahead.ask(id), [id], [], () => ahead.opened(id));
  const { data } = loaded;
  useLive((e) => e.workitemId === id || (!!data && e.studyId === data.study.id), loaded.reload, unhurried);
  useEffect(() => () => void letGo(id), [id]);
  useEffect(() => {
    if (loaded.error) firstOver();
  }, [loaded.error]);
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
  const stage = useStage(study, { ahead: (url) => ahead.picture(url) });
  useNext(stage, item.id);
  const [pane, setPane] = useState<Pane>('image');
  const [folded, setFolded] = useState(false);
  const [beside, setBeside] = useState(false);
  const [dialog, setDialog] = useState<'' | 'why' | 'release' | 'decline' | 'take'>('');
  const [busy, setBusy] = useState(false);
  const mine = item.state === 'IN PROGRESS' && item.claimedBy?.id === me.value?.userId;

  const offered = item.state === 'SCHEDULED' && !item.declined;
  const claim = async () => {
    if (!offered || busy) return;
    if (!forMe(item)) return setDialog('take');
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
  const next = () => void following().then((m) => m.next(item.id), sayProblem);
  useKeys({
    e: () => {
      setPane('report');
      setFolded(false);
      document.querySelector<HTMLElement>('textarea[data-section]')?.focus();
    },
    c: () => void claim(),
    n: next,
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
            {offered ? (
              <>
                <Button kind="primary" small busy={busy} onClick={() => void claim()} act={forMe(item) ? 'claim' : 'takeover'}>
                  {t(forMe(item) ? 'claim' : 'list.takeOver')}
                </Button>
                {forMe(item) ? (
                  <Button kind="quiet" small onClick={() => setDialog('decline')} act="decline">
                    {t('decline')}
                  </Button>
                ) : null}
              </>
            ) : null}
            {item.declined ? <Chip>{t('decline.yours')}</Chip> : null}
            {mine ? (
              <Button kind="quiet" small onClick={() => setDialog('release')} act="release">
                {t('release')}
              </Button>
            ) : null}
            {item.claimedBy?.id === me.value?.userId ? <RoomButton study={study.id} /> : null}
            <Button kind="quiet" small pressed={beside} onClick={() => setBeside(!beside)} act="prior-reports" title={`${t('prior.title')} (Shift+P)`}>
              {t('prior.open')}
            </Button>
            <Button kind="quiet" small icon="route" label={t('why.open')} onClick={() => setDialog('why')} act="why" />
            <Button kind="quiet" small icon="fold" label={`${t('panel.fold')} (])`} onClick={() => setFolded(true)} act="fold" />
          </div>
          <div class="panel-body">
            {stage.begun.value ? (
              <>
                {item.offeredTo || item.declines ? (
                  <p class="offer-line">
                    <Offer item={item} />
                  </p>
                ) : null}
                <Request study={study} />
                <div class="report-columns">
                  {beside ? <PriorReports study={study.id} fetch={study.priors} /> : null}
                  <div class="report-column">
                    <ReportArea item={item} study={study} mine={mine} onSigned={reload} onNext={next} />
                  </div>
                </div>
              </>
            ) : (
              <Blank busy title={t('loading')} />
            )}
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
      {dialog === 'take' ? <TakeOver item={item} onClose={() => setDialog('')} onTaken={reload} /> : null}
      {dialog === 'why' ? <Reasons item={item} onClose={() => setDialog('')} /> : null}
      {dialog === 'release' || dialog === 'decline' ? (
        <LeaveDialog
          item={item}
          how={dialog}
          onClose={() => setDialog('')}
          onLeft={() => {
            forget(item.id);
            say(t(`${dialog}.done`));
            go('');
          }}
        />
      ) : null}
    </div>
  );
}

// While everything of this study is here, the line is for the next one.
function useNext(stage: Stage, id: string) {
  useSignalEffect(() => {
    if (!stage.loader.calm.value) return ahead.halt();
    const timer = setTimeout(() => void following().then((m) => m.expect(id, stage), () => undefined), 1000);
    return () => clearTimeout(timer);
  });
  useEffect(() => () => ahead.halt(), []);
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
