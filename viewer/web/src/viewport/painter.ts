import { paintColour, paintGrey, type Frame } from './frame';
import { pixelAspect, type View } from './geometry';
import { buildLUT } from './lut';
import { Placing } from './placing';
import type { Slot } from './stack';
import type { Shown, Viewer } from './viewer';
import type { VOI } from './window';

const bitmapsKept = 16;

// Painter puts the slot looked at on a 2-D canvas: values through the window
// into a canvas of the image's own size, and that one scaled, turned and moved
// onto the screen. The first half is only done again when frame or window change.
export class Painter {
  private readonly image = document.createElement('canvas');
  private imageKey = '';
  private data: ImageData | null = null;
  private lut: Uint8ClampedArray | null = null;
  private lutKey = '';
  private lutTable: VOI['table'] = undefined;
  private readonly bitmaps = new Map<string, ImageBitmap | 'coming'>();
  placing: Placing | null = null;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly viewer: Viewer,
    private readonly again: () => void,
  ) {}

  draw(width: number, height: number, ratio: number): Shown {
    const { canvas, viewer } = this;
    const [w, h] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
    if (canvas.width !== w || canvas.height !== h) {
      canvas.width = w;
      canvas.height = h;
    }
    const ctx = canvas.getContext('2d', { alpha: false });
    if (!ctx) return 'nothing';
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.fillStyle = '#000';
    ctx.fillRect(0, 0, w, h);
    this.placing = null;
    const slot = viewer.slot.value;
    if (!slot) return 'nothing';
    const own = viewer.loader.frame(slot.key);
    const through = viewer.through.peek();
    const frame = own && through ? through(slot, own) : own;
    const source = frame ? this.paint(slot, frame) : this.bitmap(slot);
    if (!source) return 'nothing';
    const columns = frame?.columns ?? (slot.instance.columns || source.width);
    const rows = frame?.rows ?? (slot.instance.rows || source.height);
    this.place(ctx, source, slot, viewer.view.value, columns, rows, width, height, ratio);
    return frame ? 'frame' : 'preview';
  }

  private place(ctx: CanvasRenderingContext2D, source: CanvasImageSource, slot: Slot, view: View, columns: number, rows: number, width: number, height: number, ratio: number) {
    this.placing = new Placing(view, columns, rows, pixelAspect(this.viewer.presentation(slot).pixelSpacing ?? slot.instance.imagerSpacing ?? slot.instance.aspectRatio), width, height);
    const l = this.placing.layout;
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.translate(l.centerX, l.centerY);
    ctx.rotate((view.turns * Math.PI) / 2);
    ctx.scale(l.scaleX * (view.flipH ? -1 : 1), l.scaleY * (view.flipV ? -1 : 1));
    ctx.imageSmoothingEnabled = true;
    ctx.imageSmoothingQuality = 'high';
    ctx.drawImage(source, -columns / 2, -rows / 2, columns, rows);
  }

  private paint(slot: Slot, f: Frame): HTMLCanvasElement {
    const { viewer } = this;
    const { invert } = viewer.view.value;
    const window = f.samples === 1 ? viewer.windowFor(slot, f) : null;
    const key = `${slot.key} ${invert} ${window ? windowKey(window) : ''} ${f.presentation.key}`;
    if (key !== this.imageKey || !this.data) {
      if (!this.data || this.image.width !== f.columns || this.image.height !== f.rows) {
        this.image.width = f.columns;
        this.image.height = f.rows;
        this.data = new ImageData(f.columns, f.rows);
      }
      const words = new Uint32Array(this.data.data.buffer);
      if (window) paintGrey(f, this.table(f, window, invert), words);
      else paintColour(f, invert, words);
      this.image.getContext('2d')!.putImageData(this.data, 0, 0);
      this.imageKey = key;
    }
    if (viewer.drawn.peek() !== window) viewer.drawn.value = window;
    return this.image;
  }

  private table(f: Frame, window: VOI, invert: boolean): Uint8ClampedArray {
    const key = [f.bits, f.signed, f.deep?.base, f.deep?.step, f.presentation.key, windowKey(window), invert].join(' ');
    if (key !== this.lutKey || window.table !== this.lutTable || !this.lut) {
      this.lut = buildLUT({ words: f, presentation: f.presentation, window, invert });
      this.lutKey = key;
      this.lutTable = window.table;
    }
    return this.lut;
  }

  // Previews are held compressed and opened for the slices around: opened, each
  // takes a megabyte.
  private bitmap(slot: Slot): ImageBitmap | null {
    const known = this.bitmaps.get(slot.key);
    if (known) return known === 'coming' ? null : known;
    const blob = this.viewer.loader.preview(slot.key);
    if (!blob) return null;
    this.bitmaps.set(slot.key, 'coming');
    createImageBitmap(blob).then(
      (b) => {
        this.bitmaps.set(slot.key, b);
        for (const [key, old] of this.bitmaps) {
          if (this.bitmaps.size <= bitmapsKept) break;
          if (old === 'coming' || key === slot.key) continue;
          old.close();
          this.bitmaps.delete(key);
        }
        this.again();
      },
      // A preview that is no picture is as good as none: the frame is coming.
      () => undefined,
    );
    return null;
  }

  stop() {
    for (const b of this.bitmaps.values()) if (b !== 'coming') b.close();
    this.bitmaps.clear();
  }
}

function windowKey(w: VOI): string {
  return `${w.center}/${w.width}/${w.function}/${w.table ? 'table' : ''}`;
}
