import { useState } from 'preact/hooks';
import type { Study } from '../api/types';
import { sexAge, t } from '../i18n';
import { RoomButton } from '../room/open';
import { api } from '../session';
import { Blank, Button } from '../ui/controls';
import { Icon } from '../ui/icon';
import { unhurried, useLive, useLoad } from '../ui/load';
import { Modalities, PatientName, StageChip } from '../ui/study';
import { TopBar } from '../ui/topbar';
import { StudyViewer, useStage } from '../viewport/study';

/** The pictures of a study to look at, with nothing to write. */
export function StudyPage({ id }: { id: string }) {
  const loaded = useLoad(() => api.study(id), [id]);
  useLive((e) => e.studyId === id, loaded.reload, unhurried);
  return (
    <div class="page reading">
      <TopBar>
        <button type="button" class="btn quiet back" aria-label={t('back')} title={t('back')} onClick={() => history.back()} data-act="back">
          <Icon name="back" />
        </button>
        {loaded.data ? (
          <div class="patient-line">
            <PatientName study={loaded.data} />
            <span class="patient-facts">
              <span>{loaded.data.patient.patientId}</span>
              <span>{sexAge(loaded.data.patient)}</span>
              <span>
                <Modalities study={loaded.data} /> {loaded.data.bodyPart}
              </span>
            </span>
            <span class="patient-chips">
              <RoomButton study={id} />
              <StageChip study={loaded.data} />
            </span>
          </div>
        ) : null}
      </TopBar>
      {loaded.data ? (
        <Look study={loaded.data} />
      ) : (
        <main id="content" tabIndex={-1}>
          {loaded.error ? (
            <Blank icon="warn" title={loaded.error}>
              <Button onClick={loaded.reload}>{t('retry')}</Button>
            </Blank>
          ) : (
            <Blank busy title={t('loading.study')} />
          )}
        </main>
      )}
    </div>
  );
}

function Look({ study }: { study: Study }) {
  const stage = useStage(study);
  const [pane, setPane] = useState<'image' | 'strip'>('image');
  return (
    <>
      <main id="content" tabIndex={-1} class="desk look" data-pane={pane} aria-label={t('reading.title')}>
        <h1 class="sr">{t('reading.title')}</h1>
        <StudyViewer study={study} stage={stage} pane={{ strip: pane === 'strip', image: pane === 'image', onPick: () => setPane('image') }} />
      </main>
      <nav class="pane-tabs" aria-label={t('panes')}>
        {(['strip', 'image'] as const).map((p) => (
          <button key={p} type="button" aria-current={pane === p} data-pane={p} onClick={() => setPane(p)}>
            <Icon name={p === 'strip' ? 'stack' : 'eye'} />
            {t(`pane.${p}`)}
          </button>
        ))}
      </nav>
    </>
  );
}
