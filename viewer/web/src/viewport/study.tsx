import { useEffect, useRef, useState } from 'preact/hooks';
import type { Study } from '../api/types';
import { formatDate, patientNames } from '../format/dicom';
import { named, sexAge, studyWhen } from '../i18n';
import { api, onResume } from '../session';
import { useKeys } from '../ui/keys';
import { Canvas } from './canvas';
import { Help, type Row } from './help';
import { Strip } from './strip';
import { Toolbar } from './toolbar';
import { Viewer } from './viewer';
import { presetsFor } from './window';

/** A viewer that lives as long as the page that shows the study. */
export function useViewer(study: Study | undefined): Viewer {
  const ref = useRef<Viewer | null>(null);
  ref.current ??= newViewer();
  const viewer = ref.current;
  useEffect(() => {
    if (study) viewer.setSeries(study.seriesList ?? []);
  }, [study]);
  useEffect(() => {
    const off = onResume(() => viewer.loader.resume());
    return () => {
      off();
      viewer.stop();
    };
  }, []);
  return viewer;
}

function newViewer(): Viewer {
  const touch = matchMedia('(pointer: coarse)').matches;
  // Phones and tablets end a tab that takes much memory.
  const v = new Viewer(api, touch ? { frameBytes: 128 << 20, previewBytes: 24 << 20 } : {});
  // A finger that is put on a picture means to scroll it.
  if (touch) v.tool.value = 'scroll';
  return v;
}

/** Strip, picture and tools of one study. */
export function StudyViewer({ study, viewer, pageKeys = [], pane }: { study: Study; viewer: Viewer; pageKeys?: Row[]; pane?: { strip: boolean; image: boolean; onPick: () => void } }) {
  const [help, setHelp] = useState(false);
  const preset = (key: string) => {
    const p = presetsFor(viewer.current.value?.modality ?? '').find((x) => x.key === key);
    if (p) viewer.usePreset(p.id);
  };
  useKeys({
    ArrowDown: () => viewer.step(1),
    ArrowUp: () => viewer.step(-1),
    PageDown: () => viewer.step(10),
    PageUp: () => viewer.step(-10),
    Home: () => viewer.goTo(0),
    End: () => viewer.goTo(Infinity),
    ArrowRight: () => viewer.nextSeries(1),
    ArrowLeft: () => viewer.nextSeries(-1),
    ...Object.fromEntries(['1', '2', '3', '4', '5', '6', '7'].map((k) => [k, () => preset(k)])),
    '0': () => viewer.useFileWindow(0),
    '9': () => viewer.useAuto(),
    '+': () => viewer.zoomBy(1.25),
    ';': () => viewer.zoomBy(1.25),
    '=': () => viewer.zoomBy(1.25),
    '-': () => viewer.zoomBy(0.8),
    f: () => viewer.fit(),
    i: () => viewer.change({ invert: !viewer.view.value.invert }),
    r: () => viewer.turn(),
    h: () => viewer.flip('h'),
    v: () => viewer.flip('v'),
    Backspace: () => viewer.reset(),
    w: () => (viewer.tool.value = 'window'),
    s: () => (viewer.tool.value = 'scroll'),
    z: () => (viewer.tool.value = 'zoom'),
    p: () => (viewer.tool.value = 'pan'),
    '?': () => setHelp(true),
  });
  return (
    <>
      <div class={`pane-strip${pane && !pane.strip ? ' off' : ''}`}>
        <Strip viewer={viewer} report={onlyReport(study)} {...(pane ? { onPick: pane.onPick } : {})} />
      </div>
      <section class={`pane-image${pane && !pane.image ? ' off' : ''}`}>
        <Toolbar viewer={viewer} onHelp={() => setHelp(true)} />
        <Canvas viewer={viewer}>
          <StudyCorners study={study} />
        </Canvas>
      </section>
      {help ? <Help page={pageKeys} onClose={() => setHelp(false)} /> : null}
    </>
  );
}

// With one report there is no doubt which of them a document is the print of.
function onlyReport(s: Study): string {
  return s.reports?.length === 1 ? s.reports[0]!.id : '';
}

function StudyCorners({ study }: { study: Study }) {
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
        <div>{named(study.facility)}</div>
        <div>{studyWhen(study)}</div>
        <div class="roomy">{study.description}</div>
        <div class="roomy">{study.accession}</div>
      </div>
    </>
  );
}
