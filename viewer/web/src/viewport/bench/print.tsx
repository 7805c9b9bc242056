import { useEffect, useState } from 'preact/hooks';
import type { Study } from '../../api/types';
import { formatDate, patientNames } from '../../format/dicom';
import { named, sexAge, studyWhen } from '../../i18n';
import { Spinner } from '../../ui/controls';
import { Dialog } from '../../ui/dialog';
import { Button } from '../../ui/controls';
import { problemText } from '../../ui/problem';
import { autoWindow } from '../auto';
import { average, masks, subtract } from '../foreign/mask';
import { maskSlots, stateWindow, type Softcopy } from '../foreign/softcopy';
import type { State } from '../foreign/state';
import { StateLayer } from '../foreign/statelayer';
import { FrameError, paintColour, paintGrey, type Frame } from '../frame';
import { pixelAspect } from '../geometry';
import { buildLUT } from '../lut';
import { placed, type KeyImage } from '../marks/keyimage';
import { scaleOf } from '../marks/scale';
import { slotsOf, type Slot } from '../stack';
import type { Stage } from '../stage';
import { voi, type VOI } from '../window';
import type { MarkDesk } from './desk';
import { Drawn } from './layer';
import { w } from './words';

interface Sheet {
  key: KeyImage;
  slot: Slot;
  frame: Frame;
  /** What it was looked at under. */
  state: State | null;
  window: VOI | null;
}

/** The key images as they go on paper or into a PDF: the browser's own print. */
export function PrintDialog({ stage, desk, softcopy, study, onClose }: { stage: Stage; desk: MarkDesk; softcopy: Softcopy; study: Study; onClose: () => void }) {
  const [sheets, setSheets] = useState<Sheet[] | null>(null);
  const [error, setError] = useState('');
  const keys = [...desk.signed.value.flatMap((a) => a.keys), ...desk.book.pages.value.keys];
  useEffect(() => {
    const slots = stage.series.value.flatMap(slotsOf);
    const wanted = keys.flatMap((key) => {
      const slot = slots.find((s) => s.instance.sopInstanceUid === key.instance && s.frame === key.frame);
      return slot ? [{ key, slot }] : [];
    });
    const sheet = async ({ key, slot }: Pick<Sheet, 'key' | 'slot'>): Promise<Sheet> => {
      const state = softcopy.keptUnder(key, slot);
      const masked = state && masks(state, slot.frame) ? maskSlots(state, slot) : null;
      const [frame, ...of] = await Promise.all([slot, ...(masked ?? [])].map((x) => stage.loader.need(x)));
      const mask = masked && average(state!, of);
      const seen = state && mask && subtract(state, frame!, mask);
      if (state && masks(state, slot.frame) && !seen) throw new FrameError('a mask that does not fit');
      return { key, slot, state, frame: seen || frame!, window: windowOf(key, slot, seen || frame!, state) };
    };
    Promise.all(wanted.map(sheet)).then(setSheets, (e: unknown) => setError(problemText(e)));
  }, []);
  const { main } = patientNames(study.patient);
  return (
    <Dialog title={w('keys.print')} onClose={onClose} wide name="print" actions={<Button kind="primary" icon="print" disabled={!sheets} act="print-go" onClick={() => print()}>{w('keys.print')}</Button>}>
      {error ? <p role="alert">{error}</p> : null}
      {sheets ? (
        <div class="sheets">
          <header>
            <b lang="ja">{main}</b> {study.patient.patientId} {sexAge(study.patient)} {formatDate(study.patient.birthDate)}
            <br />
            {named(study.facility)} {studyWhen(study)} {study.description}
          </header>
          {sheets.map((s) => (
            <Picture key={s.key.id} sheet={s} desk={desk} />
          ))}
        </div>
      ) : (
        <Spinner />
      )}
    </Dialog>
  );
}

const side = 640;

function Picture({ sheet, desk }: { sheet: Sheet; desk: MarkDesk }) {
  const { key, slot, frame, state } = sheet;
  const aspect = pixelAspect(frame.presentation.pixelSpacing);
  const placing = placed(key, frame.columns, frame.rows, aspect, side);
  const { view } = placing;
  const draw = (canvas: HTMLCanvasElement | null) => {
    if (!canvas) return;
    const ctx = canvas.getContext('2d')!;
    const l = placing.layout;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.translate(l.centerX, l.centerY);
    ctx.rotate((view.turns * Math.PI) / 2);
    ctx.scale(l.scaleX * (view.flipH ? -1 : 1), l.scaleY * (view.flipV ? -1 : 1));
    ctx.drawImage(painted(sheet), -frame.columns / 2, -frame.rows / 2);
  };
  const { detector } = scaleOf(frame.presentation.pixelSpacing) ?? { detector: slot.instance.imagerSpacing !== null };
  return (
    <figure class="sheet">
      <div class="sheet-picture">
        <canvas ref={draw} width={placing.width} height={placing.height} />
        <StateLayer state={state} hidden={new Set(key.hidden)} slot={slot} placing={placing} />
        <svg viewBox={`0 0 ${placing.width} ${placing.height}`} aria-hidden="true">
          {desk.marksOf(slot).map((m) => (
            <Drawn key={m.id} mark={m} placing={placing} detector={detector} />
          ))}
        </svg>
      </div>
      <figcaption>
        <b>{w('keys.name', { n: key.number })}</b> {key.text}
      </figcaption>
    </figure>
  );
}

/** The window a key image was looked at with: its own, else that of its state, else that of the file. */
function windowOf(key: KeyImage, slot: Slot, frame: Frame, state: State | null): VOI | null {
  if (key.window) return voi(key.window.center, key.window.width, key.window.function);
  if (frame.samples !== 1) return null;
  if (state) return stateWindow(state, frame.presentation, slot);
  return frame.presentation.looks[0] ?? autoWindow(frame);
}

/** A frame in its own size, through the window of the key image. */
function painted({ frame, key, window }: Sheet): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = frame.columns;
  canvas.height = frame.rows;
  const data = new ImageData(frame.columns, frame.rows);
  const out = new Uint32Array(data.data.buffer);
  if (frame.samples === 1 && window) paintGrey(frame, buildLUT({ words: frame, presentation: frame.presentation, window, invert: key.view.invert }), out);
  else paintColour(frame, key.view.invert, out);
  canvas.getContext('2d')!.putImageData(data, 0, 0);
  return canvas;
}
