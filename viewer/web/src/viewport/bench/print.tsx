import { useEffect, useState } from 'preact/hooks';
import type { Study } from '../../api/types';
import { formatDate, patientNames } from '../../format/dicom';
import { named, sexAge, studyWhen } from '../../i18n';
import { Spinner } from '../../ui/controls';
import { Dialog } from '../../ui/dialog';
import { Button } from '../../ui/controls';
import { problemText } from '../../ui/problem';
import { autoWindow } from '../auto';
import { paintColour, paintGrey, type Frame } from '../frame';
import { pixelAspect, plainView } from '../geometry';
import { buildLUT } from '../lut';
import type { KeyImage } from '../marks/keyimage';
import { scaleOf } from '../marks/scale';
import { Placing } from '../placing';
import { slotsOf, type Slot } from '../stack';
import type { Stage } from '../stage';
import { voi } from '../window';
import type { MarkDesk } from './desk';
import { Drawn } from './layer';
import { w } from './words';

interface Sheet {
  key: KeyImage;
  slot: Slot;
  frame: Frame;
}

/** The key images as they go on paper or into a PDF: the browser's own print. */
export function PrintDialog({ stage, desk, study, onClose }: { stage: Stage; desk: MarkDesk; study: Study; onClose: () => void }) {
  const [sheets, setSheets] = useState<Sheet[] | null>(null);
  const [error, setError] = useState('');
  const keys = [...desk.signed.value.flatMap((a) => a.keys), ...desk.book.pages.value.keys];
  useEffect(() => {
    const slots = stage.series.value.flatMap(slotsOf);
    const wanted = keys.flatMap((key) => {
      const slot = slots.find((s) => s.instance.sopInstanceUid === key.instance && s.frame === key.frame);
      return slot ? [{ key, slot }] : [];
    });
    Promise.all(wanted.map(async (x) => ({ ...x, frame: await stage.loader.need(x.slot) }))).then(setSheets, (e: unknown) => setError(problemText(e)));
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
  const { key, slot, frame } = sheet;
  const aspect = pixelAspect(frame.presentation.pixelSpacing);
  const view = { ...plainView, turns: key.view.turns, flipH: key.view.flipH, flipV: key.view.flipV };
  const height = Math.round((side * frame.rows * aspect) / frame.columns);
  const turned = view.turns % 2 !== 0;
  const placing = new Placing(view, frame.columns, frame.rows, aspect, turned ? height : side, turned ? side : height);
  const draw = (canvas: HTMLCanvasElement | null) => {
    if (!canvas) return;
    const ctx = canvas.getContext('2d')!;
    const l = placing.layout;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.translate(l.centerX, l.centerY);
    ctx.rotate((view.turns * Math.PI) / 2);
    ctx.scale(l.scaleX * (view.flipH ? -1 : 1), l.scaleY * (view.flipV ? -1 : 1));
    ctx.drawImage(painted(frame, key), -frame.columns / 2, -frame.rows / 2);
  };
  const { detector } = scaleOf(frame.presentation.pixelSpacing) ?? { detector: slot.instance.imagerSpacing !== null };
  return (
    <figure class="sheet">
      <div class="sheet-picture">
        <canvas ref={draw} width={placing.width} height={placing.height} />
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

/** A frame in its own size, through the window of the key image. */
function painted(frame: Frame, key: KeyImage): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = frame.columns;
  canvas.height = frame.rows;
  const data = new ImageData(frame.columns, frame.rows);
  const out = new Uint32Array(data.data.buffer);
  const window = key.window ? voi(key.window.center, key.window.width, key.window.function) : (frame.presentation.looks[0] ?? (frame.samples === 1 ? autoWindow(frame) : null));
  if (frame.samples === 1 && window) paintGrey(frame, buildLUT({ words: frame, presentation: frame.presentation, window, invert: key.view.invert }), out);
  else paintColour(frame, key.view.invert, out);
  canvas.getContext('2d')!.putImageData(data, 0, 0);
  return canvas;
}
