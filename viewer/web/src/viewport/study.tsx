import { useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Study } from '../api/types';
import { formatDate, patientNames } from '../format/dicom';
import { learnAll, named, sexAge, studyWhen, t, type Key } from '../i18n';
import { api, awaited, may, onResume } from '../session';
import { useKeys } from '../ui/keys';
import { lazy } from '../ui/lazy';
import { commands } from './commands';
import { firstOver } from './first';
import { bindings } from './hotkeys';
import { Loader, type LoaderOptions } from './loader';
import { Stage } from './stage';
import { Strip } from './strip';
import { Toolbar } from './toolbar';
import { Wall } from './wall';

const LookBar = lazy(() => import('../room/lookbar').then((m) => m.LookBar), true);

/** Keys of the page around the images, for the list of keys. */
export type Row = [keys: string[], text: Key];

/** A stage that lives as long as the page that shows the study. */
export function useStage(study: Study | undefined, options: LoaderOptions = {}): Stage {
  const ref = useRef<Stage | null>(null);
  ref.current ??= newStage(options);
  const stage = ref.current;
  useEffect(() => {
    if (study) stage.setSeries(study.seriesList ?? []);
  }, [study]);
  useEffect(() => {
    const again = () => stage.loader.resume();
    const off = onResume(again);
    addEventListener('online', again);
    return () => {
      off();
      removeEventListener('online', again);
      stage.stop();
    };
  }, []);
  return stage;
}

function newStage(options: LoaderOptions): Stage {
  const touch = matchMedia('(pointer: coarse)').matches;
  const bundles = () => import('./bundle').then((m) => m.openBundles());
  // Phones and tablets end a tab that takes much memory.
  const stage = new Stage(new Loader(api, { ...(touch ? { frameBytes: 128 << 20, previewBytes: 24 << 20, packedBytes: 48 << 20 } : {}), bundles, ...options }));
  // A finger that is put on a picture means to scroll it.
  if (touch) stage.tool.value = 'scroll';
  return stage;
}

export interface StudyProps {
  study: Study;
  stage: Stage;
  pageKeys?: Row[];
  /** The workitem whose marks and key images these are to be, when its holder looks. */
  workitem?: string;
  pane?: { strip: boolean; image: boolean; onPick: () => void };
}

/** Strip, pictures and tools of one study. */
export function StudyViewer({ study, stage, pageKeys = [], workitem = '', pane }: StudyProps) {
  useBench(stage, study, workitem, pageKeys);
  // Who was asked along does not wait for the first image to sit down.
  const asked = useRef(awaited.peek() === study.id);
  useKeys(bindings([...commands, ...(stage.bench.value?.commands ?? [])], stage));
  const Dialogs = stage.bench.value?.Dialogs;
  return (
    <>
      <div class={`pane-strip${pane && !pane.strip ? ' off' : ''}`}>
        <Strip stage={stage} report={onlyReport(study)} {...(pane ? { onPick: pane.onPick } : {})} />
      </div>
      <section class={`pane-image${pane && !pane.image ? ' off' : ''}`}>
        {(stage.begun.value || asked.current) && may('room.join') ? <LookBar key={study.id} stage={stage} study={study.id} /> : null}
        <Toolbar stage={stage} />
        <Wall stage={stage} corner={(v) => <StudyCorners study={stage.priorOf(v.active.value) ?? study} prior={!!stage.priorOf(v.active.value)} />} />
      </section>
      {Dialogs ? <Dialogs stage={stage} /> : null}
    </>
  );
}

// How long the rest waits for a first image that may never come.
const patience = 2500;

// The bench comes after the first image: until then the line is the image's.
function useBench(stage: Stage, study: Study, workitem: string, pageKeys: Row[]) {
  const started = useRef(false);
  const start = () => {
    if (started.current) return;
    started.current = true;
    Promise.all([import('./bench'), learnAll()]).then(
      ([{ openBench }]) => (stage.bench.value = openBench(stage, { study, workitem, pageKeys })),
      () => {
        // No line: with the next image that comes it is tried again.
        started.current = false;
      },
    );
  };
  useSignalEffect(() => {
    if (stage.panes.value.some((v) => v.shown.value !== 'nothing')) stage.begun.value = true;
    if (!stage.begun.value) return;
    firstOver();
    start();
  });
  useEffect(() => {
    const timer = setTimeout(() => (stage.begun.value = true), patience);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => stage.bench.value?.about({ study, workitem, pageKeys }), [study, workitem, stage.bench.value]);
}

// With one report there is no doubt which of them a document is the print of.
function onlyReport(s: Study): string {
  return s.reports?.length === 1 ? s.reports[0]!.id : '';
}

function StudyCorners({ study, prior }: { study: Study; prior: boolean }) {
  const p = study.patient;
  const { main, reading } = patientNames(p);
  return (
    <>
      <div class="corner top-left">
        <div class="corner-strong" lang="ja">
          {main}
        </div>
        <div class="roomy" lang="ja">
          {reading}
        </div>
        <div>{p.patientId}</div>
        <div class="roomy">
          {sexAge(p)} {formatDate(p.birthDate)}
        </div>
      </div>
      <div class="corner top-right">
        {prior ? <div class="corner-warn">{t('image.prior')}</div> : null}
        <div>{named(study.facility)}</div>
        <div>{studyWhen(study)}</div>
        <div class="roomy">{study.description}</div>
        <div class="roomy">{study.accession}</div>
      </div>
    </>
  );
}
