import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { api } from '../../session';
import type { Placing } from '../placing';
import type { Slot } from '../stack';

/** An overlay plane over a frame (PS3.3 C.9.2), as the server tells of it. */
export interface OverlayPlane {
  label: string;
  roi: boolean;
  rows: number;
  columns: number;
  top: number;
  left: number;
  /** base64 of bits, the first in the lowest. */
  cells: string;
}

const graphics = [255, 210, 63];
const region = [110, 220, 150];
const most = 24;

interface Drawn {
  plane: OverlayPlane;
  picture: HTMLCanvasElement;
}

// Planes of frames lately looked at; undefined while they are on their way.
const known = new Map<string, Drawn[]>();
const arrived = signal(0);
const none: Drawn[] = [];

/** RGBA of a plane: its cells in colour, the rest clear. */
export function paintPlane(p: OverlayPlane, out: Uint8ClampedArray, colour = p.roi ? [...region, 110] : [...graphics, 255]) {
  const bits = atob(p.cells);
  for (let i = 0; i < p.rows * p.columns; i++) {
    if ((bits.charCodeAt(i >> 3) >> (i & 7)) & 1) out.set(colour, 4 * i);
  }
}

export function cellsPicture(plane: OverlayPlane, colour?: number[]): HTMLCanvasElement {
  const picture = document.createElement('canvas');
  picture.width = plane.columns;
  picture.height = plane.rows;
  const data = new ImageData(plane.columns, plane.rows);
  paintPlane(plane, data.data, colour);
  picture.getContext('2d')!.putImageData(data, 0, 0);
  return picture;
}

async function fetchPlanes(slot: Slot) {
  const planes = await api.json<OverlayPlane[]>(`/instances/${slot.instance.id}/overlays`, { query: { frame: slot.frame } });
  const drawn = planes.map((plane) => ({ plane, picture: cellsPicture(plane) }));
  known.set(slot.key, drawn);
  for (const key of known.keys()) {
    if (known.size <= most) break;
    known.delete(key);
  }
  arrived.value++;
}

/** Overlay planes of the frame looked at, drawn over it as it lies. */
export function Planes({ slot, placing }: { slot: Slot; placing: Placing }) {
  void arrived.value;
  const drawn = known.get(slot.key);
  useEffect(() => {
    // Without a line there is none to see; the next look asks again.
    if (!drawn) fetchPlanes(slot).catch(() => undefined);
  }, [slot.key]);
  return <PlaneCanvas drawn={drawn ?? none} placing={placing} />;
}

/** Pictures of planes, drawn as the image lies. */
export function PlaneCanvas({ drawn, placing }: { drawn: Drawn[]; placing: Placing }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const el = canvas.current;
    const ctx = el?.getContext('2d');
    if (!el || !ctx) return;
    const ratio = Math.min(3, devicePixelRatio || 1);
    el.width = Math.round(placing.width * ratio);
    el.height = Math.round(placing.height * ratio);
    const { layout: l, view, columns, rows } = placing;
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.translate(l.centerX, l.centerY);
    ctx.rotate((view.turns * Math.PI) / 2);
    ctx.scale(l.scaleX * (view.flipH ? -1 : 1), l.scaleY * (view.flipV ? -1 : 1));
    ctx.imageSmoothingEnabled = l.scaleX < 1;
    for (const { plane, picture } of drawn) ctx.drawImage(picture, plane.left - columns / 2, plane.top - rows / 2);
  }, [drawn, placing]);
  const labels = drawn.map((d) => d.plane.label).filter(Boolean);
  return <canvas class="layer planes" ref={canvas} aria-hidden="true" data-planes={drawn.length} title={labels.join(', ')} />;
}
