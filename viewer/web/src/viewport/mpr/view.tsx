import { useSignal, useSignalEffect, type Signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Button, Spinner } from '../../ui/controls';
import { Icon } from '../../ui/icon';
import { problemText } from '../../ui/problem';
import { w } from '../bench/words';
import { dot, edgeLetters, plainView, scaleBar, type Vec3 } from '../geometry';
import { Placing } from '../placing';
import { planeOf } from '../space/plane';
import type { Stage } from '../stage';
import { dragWindow, voi, type VOI } from '../window';
import type { CutAnswer } from './mpr.worker';
import { Handles } from './handles';
import { moved, obliquity, orientations, planeThrough, straight, turned, type Frustum, type Orientation, type Planes } from './planes';
import type { Slab } from './reslice';
import { buildVolume, centre, gridOf, type Grid, type Refusal, type Slice, type Volume } from './volume';

interface Ready {
  grid: Grid;
  cutter: Cutter;
}

// Cutter asks the worker for one picture a pane at a time: of those asked for
// meanwhile only the newest is cut.
class Cutter {
  private readonly worker = new Worker(new URL('./mpr.worker.ts', import.meta.url), { type: 'module' });
  private readonly waiting = new Map<number, (a: CutAnswer) => void>();
  private last = 0;

  constructor(volume: Volume) {
    this.worker.postMessage({ volume }, [volume.data.buffer]);
    this.worker.onmessage = ({ data }: MessageEvent<CutAnswer>) => {
      this.waiting.get(data.id)?.(data);
      this.waiting.delete(data.id);
    };
  }
  cut(f: Frustum, window: VOI, invert: boolean): Promise<CutAnswer> {
    const id = ++this.last;
    return new Promise((done) => {
      this.waiting.set(id, done);
      this.worker.postMessage({ id, cut: f.cut, window, invert });
    });
  }
  stop() {
    this.worker.terminate();
  }
}

const mostPixels = 512;
const fetchers = 4;

// Planes nearer than this to the patient's are called by their names alone.
const slight = 0.5;

/** Three planes of the series of the active pane, through one place, at right angles to each other. */
export function Mpr({ stage, onClose }: { stage: Stage; onClose: () => void }) {
  const viewer = useRef(stage.active.value).current;
  const [ready, setReady] = useState<Ready | null>(null);
  const [refused, setRefused] = useState('');
  const loaded = useSignal(0);
  const total = viewer.slots.value.length;
  const at = useSignal<Vec3>([0, 0, 0]);
  const window = useSignal<VOI>(viewer.drawn.value ?? voi(40, 400));
  const slab = useSignal<{ kind: Slab; mm: number }>({ kind: 'mean', mm: 0 });
  const planes = useSignal<Planes>(straight);

  useEffect(() => {
    const stop = new AbortController();
    let cutter: Cutter | null = null;
    void (async () => {
      try {
        const volume = await load(stage, viewer.slots.value, stop.signal, () => loaded.value++);
        if (stop.signal.aborted) return;
        if (typeof volume === 'string') return setRefused(w(`mpr.refused.${volume}`));
        const { data: _, scale: __, offset: ___, ...grid } = volume;
        at.value = centre(grid);
        cutter = new Cutter(volume);
        setReady({ grid, cutter });
      } catch (e) {
        if (!stop.signal.aborted) setRefused(problemText(e));
      }
    })();
    return () => {
      stop.abort();
      cutter?.stop();
    };
  }, []);

  return (
    <div class="mpr" data-mpr={ready ? 'ready' : refused ? 'refused' : 'loading'} onKeyDown={(e) => {
        if (e.key !== 'Escape') return;
        e.preventDefault(); // from a field, where keys are letters to the page
        onClose();
      }}>
      <div class="mpr-bar">
        <b>{w('mpr.title')}</b>
        <label>
          {w('mpr.slab')}
          <select value={slab.value.kind} data-act="mpr-slab" onChange={(e) => (slab.value = { mm: slab.value.mm || 10, kind: e.currentTarget.value as Slab })}>
            {(['mean', 'mip', 'minip'] as const).map((k) => (
              <option key={k} value={k}>
                {w(`mpr.${k}`)}
              </option>
            ))}
          </select>
        </label>
        <label>
          <input type="range" min={0} max={50} step={1} value={slab.value.mm} aria-label={w('mpr.thickness')} onInput={(e) => (slab.value = { ...slab.value, mm: e.currentTarget.valueAsNumber })} />
          <output>{slab.value.mm} mm</output>
        </label>
        <Button icon="reset" kind="quiet" label={`${w('mpr.straight')} (Home)`} act="mpr-straight" disabled={planes.value === straight} onClick={() => (planes.value = straight)} />
        <span class="mpr-note">{w('mpr.note')}</span>
        <Button icon="close" kind="quiet" label={`${w('mpr.close')} (Esc)`} act="mpr-close" onClick={onClose} />
      </div>
      {ready ? (
        <div class="mpr-planes">
          {orientations.map((o) => (
            <PlanePane key={o} which={o} ready={ready} at={at} planes={planes} window={window} invert={viewer.view.value.invert !== (viewer.slot.value ? viewer.presentation(viewer.slot.value).invert : false)} slab={slab} />
          ))}
        </div>
      ) : (
        <div class="canvas-message" role={refused ? 'alert' : 'status'}>
          {refused ? <Icon name="info" size={26} /> : <Spinner />}
          <p>{refused || w('mpr.loading', { n: loaded.value, of: total })}</p>
        </div>
      )}
    </div>
  );
}

async function load(stage: Stage, slots: Stage['active']['value']['slots']['value'], stop: AbortSignal, tick: () => void): Promise<Volume | Refusal> {
  // Where the places are known before, a stack that is none costs no waiting.
  const early = slots.every((s) => !s.instance.elaborate) ? gridOf(slots.map((s) => planeOf(s.instance, s.instance.columns, s.instance.rows))) : null;
  if (typeof early === 'string') return early;
  const slices: Slice[] = [];
  let next = 0;
  let placeless = false;
  const fetcher = async () => {
    while (next < slots.length && !stop.aborted) {
      const i = next++;
      const frame = await stage.loader.need(slots[i]!, stop);
      const plane = planeOf(frame.presentation, frame.columns, frame.rows);
      if (plane) slices[i] = { plane, frame };
      else placeless = true;
      tick();
    }
  };
  await Promise.all(Array.from({ length: fetchers }, fetcher));
  return placeless ? 'places' : buildVolume(slices);
}

interface PaneProps {
  which: Orientation;
  ready: Ready;
  at: Signal<Vec3>;
  planes: Signal<Planes>;
  window: Signal<VOI>;
  invert: boolean;
  slab: Signal<{ kind: Slab; mm: number }>;
}

function PlanePane({ which, ready, at, planes, window, invert, slab }: PaneProps) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const busy = useRef(false);
  const again = useRef(false);
  const size = useSignal({ width: 0, height: 0 });
  const axes = planes.value[which];
  const { cut, spacing } = planeThrough(ready.grid, axes, at.value, mostPixels, slab.value.mm, slab.value.kind);

  useEffect(() => {
    const el = box.current!;
    const measure = () => (size.value = { width: el.clientWidth, height: el.clientHeight });
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(el);
    return () => watch.disconnect();
  }, []);

  const draw = useRef(async () => {});
  draw.current = async () => {
    if (busy.current) {
      again.current = true;
      return;
    }
    busy.current = true;
    const f = planeThrough(ready.grid, planes.peek()[which], at.peek(), mostPixels, slab.value.mm, slab.value.kind);
    const { rgba } = await ready.cutter.cut(f, window.value, invert);
    busy.current = false;
    const c = canvas.current;
    if (!c) return;
    c.width = f.cut.width;
    c.height = f.cut.height;
    c.getContext('2d')!.putImageData(new ImageData(rgba, f.cut.width, f.cut.height), 0, 0);
    if (again.current) {
      again.current = false;
      void draw.current();
    }
  };
  useSignalEffect(() => {
    void [at.value, planes.value, window.value, slab.value];
    void draw.current();
  });

  const { width, height } = size.value;
  const placing = width ? new Placing(plainView, cut.width, cut.height, 1, width, height) : null;
  const relative = (p: Vec3): [number, number] => {
    const d: Vec3 = [p[0] - cut.origin[0], p[1] - cut.origin[1], p[2] - cut.origin[2]];
    return [dot(d, axes.right) / spacing + 0.5, dot(d, axes.down) / spacing + 0.5];
  };
  const point = (e: PointerEvent) => {
    if (!placing) return;
    const r = box.current!.getBoundingClientRect();
    const [c, row] = placing.toImage(e.clientX - r.left, e.clientY - r.top);
    const { right, down } = cut;
    const [x, y] = [Math.max(0, Math.min(cut.width, c)) - 0.5, Math.max(0, Math.min(cut.height, row)) - 0.5];
    at.value = [0, 1, 2].map((i) => cut.origin[i]! + x * right[i]! + y * down[i]!) as Vec3;
  };
  const step = (n: number) => (at.value = moved(ready.grid, planes.peek()[which], at.value, n * Math.max(spacing, 1)));
  const turn = (angle: number) => (planes.value = turned(planes.peek(), which, angle));
  const oblique = obliquity(planes.value, which);
  const letters = edgeLetters([...axes.right, ...axes.down], plainView);
  const cross = placing?.toScreen(relative(at.value));
  const bar = placing ? scaleBar([spacing, spacing], placing.layout.scaleX, width / 3) : null;
  return (
    <div
      class="canvas mpr-pane"
      ref={box}
      tabIndex={0}
      role="application"
      aria-label={`${w(`mpr.${which}`)}. ${w('mpr.keys')}`}
      data-plane={which}
      onPointerDown={(e) => {
        e.currentTarget.setPointerCapture(e.pointerId);
        if (e.button === 0) point(e);
      }}
      onPointerMove={(e) => {
        if (!e.currentTarget.hasPointerCapture(e.pointerId)) return;
        if (e.buttons & 2) window.value = dragWindow(window.value, e.movementX, e.movementY, window.value.width >= 10);
        else point(e);
      }}
      onContextMenu={(e) => e.preventDefault()}
      onWheel={(e) => {
        e.preventDefault();
        step(Math.sign(e.deltaY));
      }}
      onKeyDown={(e) => {
        const n = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[e.key];
        const turns = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
        if (n) step(n);
        else if (turns) turn((turns * (e.shiftKey ? 10 : 1) * Math.PI) / 180);
        else if (e.key === 'Home') planes.value = straight;
        else return;
        e.preventDefault();
        e.stopPropagation();
      }}
    >
      {placing ? (
        <canvas
          ref={canvas}
          style={{ left: `${placing.layout.centerX - (cut.width * placing.layout.scaleX) / 2}px`, top: `${placing.layout.centerY - (cut.height * placing.layout.scaleY) / 2}px`, width: `${cut.width * placing.layout.scaleX}px`, height: `${cut.height * placing.layout.scaleY}px` }}
        />
      ) : null}
      {cross ? <Handles planes={planes.value} on={which} at={cross} width={width} height={height} onTurn={turn} /> : null}
      <div class="corner top-left corner-strong" data-oblique={oblique.toFixed(1)}>
        {w(`mpr.${which}`)}
        {oblique >= slight ? ` ${w('mpr.oblique', { n: Math.round(oblique) })}` : ''}
      </div>
      <div class="letters" aria-hidden="true">
        <span class="top">{letters?.top}</span>
        <span class="left-edge">{letters?.left}</span>
        <span class="right-edge">{letters?.right}</span>
      </div>
      <div class="corner bottom-left">
        W {Math.round(window.value.width)} L {Math.round(window.value.center)}
      </div>
      {bar ? (
        <div class="scale" aria-hidden="true">
          <span class="scale-bar" style={{ width: `${bar.pixels}px` }} />
          <span>{bar.mm >= 10 ? `${bar.mm / 10} cm` : `${bar.mm} mm`}</span>
        </div>
      ) : null}
    </div>
  );
}
