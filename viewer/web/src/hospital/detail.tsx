import { useState } from 'preact/hooks';
import type { Study } from '../api/types';
import { instant, named, sexAge, studyWhen, t } from '../i18n';
import { birth } from '../i18n';
import { href } from '../route';
import { api, may } from '../session';
import { Banner, Blank, Button, Chip, Fact, LinkButton } from '../ui/controls';
import { useLive, useLoad } from '../ui/load';
import { narrow } from '../ui/narrow';
import { sayProblem } from '../ui/problem';
import { Modalities, PatientName, StageChip, stageOf, type Stage } from '../ui/study';
import { Expected, mayExpect } from './expected';
import { Consent } from './consent';
import { StudyLinks } from '../coordinator/links';
import { Keeping } from './keeping';
import { RoomButton } from '../room/open';
import { Deliveries, SignedReport } from '../reading/signed';

/** One study as its hospital sees it: how far it is, the report, and the receipt for it. */
export function Detail({ id, onClose, onChange }: { id: string; onClose: () => void; onChange: () => void }) {
  const loaded = useLoad(() => api.study(id), [id]);
  useLive((e) => e.studyId === id, loaded.reload);
  const study = loaded.data;
  return (
    <aside class="detail" aria-label={t('detail.title')} data-detail={id}>
      <div class="panel-head">
        {narrow.value ? <h1>{t('detail.title')}</h1> : <h2>{t('detail.title')}</h2>}
        <Button kind="quiet" small icon="close" label={t('close')} onClick={onClose} act="close" />
      </div>
      <div class="panel-body">
        {study ? (
          <Body
            study={study}
            reload={() => {
              loaded.reload();
              onChange();
            }}
          />
        ) : loaded.error ? (
          <Blank icon="warn" title={loaded.error}>
            <Button onClick={loaded.reload}>{t('retry')}</Button>
          </Blank>
        ) : (
          <Blank busy title={t('loading')} />
        )}
      </div>
    </aside>
  );
}

function Body({ study, reload }: { study: Study; reload: () => void }) {
  const reading = (study.workitems ?? []).find((w) => w.state === 'IN PROGRESS');
  return (
    <>
      <div class="detail-patient">
        <PatientName study={study} />
        <StageChip study={study} />
      </div>
      <Steps stage={stageOf(study)} />
      {study.conflicts > 0 ? <Banner tone="danger">{t('notice.conflict', { n: study.conflicts })}</Banner> : null}
      <div class="detail-actions">
        <LinkButton href={href('study', study.id)} icon="eye" act="images">
          {t('detail.images')}
        </LinkButton>
        {study.workitems?.length ? <RoomButton study={study.id} /> : null}
      </div>
      <dl class="facts">
        <Fact name={t('col.id')}>{study.patient.patientId}</Fact>
        <Fact name={t('col.sexAge')}>
          {sexAge(study.patient)} {birth(study.patient.birthDate)}
        </Fact>
        <Fact name={t('col.study')}>
          {studyWhen(study)} <Modalities study={study} /> {study.description}
        </Fact>
        <Fact name={t('col.images')}>{t('detail.counts', { n: study.instances, series: study.series })}</Fact>
        {study.accession ? <Fact name={t('col.accession')}>{study.accession}</Fact> : null}
        <Fact name={t('detail.arrived')}>{instant(study.lastArrival)}</Fact>
        {mayExpect(study) ? (
          <Fact name={t('hospital.expected')}>
            <Expected study={study} />
          </Fact>
        ) : null}
        {reading ? <Fact name={t('detail.reader')}>{named(reading.claimedBy)}</Fact> : null}
      </dl>
      {study.requestText ? (
        <details class="request">
          <summary>{t('request.title')}</summary>
          <p class="request-text">{study.requestText}</p>
        </details>
      ) : null}
      <ReportPart study={study} reload={reload} />
      {may('consent.record') ? <Consent study={study.id} /> : null}
      {may('patient.link') ? <StudyLinks study={study.id} /> : null}
      {may('deletion.request') || may('study.hold') ? <Keeping study={study.id} /> : null}
    </>
  );
}

const order: Stage[] = ['receiving', 'waiting', 'reading', 'ready', 'received'];

function Steps({ stage }: { stage: Stage }) {
  const at = order.indexOf(stage);
  return (
    <ol class="steps" aria-label={t('col.state')}>
      {order.map((s, n) => (
        <li key={s} class={n < at ? 'past' : n === at ? 'now' : ''} aria-current={n === at ? 'step' : undefined}>
          {t(`step.${s}`)}
        </li>
      ))}
    </ol>
  );
}

function ReportPart({ study, reload }: { study: Study; reload: () => void }) {
  const [version, setVersion] = useState('');
  const [busy, setBusy] = useState(false);
  const reports = [...(study.reports ?? [])].sort((a, b) => b.version - a.version);
  const id = version || reports[0]?.id || study.reportId || '';
  const report = useLoad(async () => (id ? await api.report(id) : null), [id]);
  useLive((e) => e.studyId === study.id, report.reload);
  const acknowledge = async () => {
    setBusy(true);
    try {
      await api.acknowledge(study.id);
      reload();
    } catch (e) {
      sayProblem(e);
    } finally {
      setBusy(false);
    }
  };
  if (!id) return <Blank icon="doc" title={t('detail.noReport')} />;
  const ack = study.receivedAck;
  const since = ack && reports[0]?.kind === 'addendum' && Date.parse(reports[0].signedAt) > Date.parse(ack.at);
  return (
    <>
      <h3 class="part-title">{t('report.title')}</h3>
      {since ? <Banner tone="warn">{t('detail.addendumSince', { at: instant(reports[0]!.signedAt) })}</Banner> : null}
      {ack ? (
        <Banner tone="ok" icon="check">
          {t('detail.acked', { at: instant(ack.at) })} {typeof ack.by === 'string' ? ack.by : named(ack.by)}
        </Banner>
      ) : may('study.received') ? (
        <Banner
          tone="accent"
          icon="info"
          action={
            <Button kind="primary" small icon="check" busy={busy} onClick={() => void acknowledge()} act="acknowledge">
              {t('detail.ack')}
            </Button>
          }
        >
          {t('detail.ackLead')}
        </Banner>
      ) : (
        <p class="muted">
          <Chip>{t('detail.notAcked')}</Chip>
        </p>
      )}
      {report.data ? (
        <SignedReport
          report={report.data}
          onVersion={setVersion}
          onDelivery={() => {
            report.reload();
            reload();
          }}
        />
      ) : report.error ? (
        <Banner tone="danger">{report.error}</Banner>
      ) : (
        <Blank busy title={t('loading')} />
      )}
      {report.data && (report.data.deliveries ?? []).length === 0 ? <Deliveries list={study.deliveryList ?? []} onRetried={reload} /> : null}
    </>
  );
}
