import { layout, toImage, toScreen, type Layout, type View } from './geometry';
import type { Point } from './space/plane';

// Placing is how one picture lies in its viewport at the moment: between image
// coordinates and CSS pixels from the viewport's corner.
export class Placing {
  readonly layout: Layout;

  constructor(
    readonly view: View,
    readonly columns: number,
    readonly rows: number,
    readonly aspect: number,
    readonly width: number,
    readonly height: number,
  ) {
    this.layout = layout(view, columns, rows, aspect, width, height);
  }

  toImage(x: number, y: number): Point {
    return toImage(this.view, this.layout, this.columns, this.rows, x, y);
  }
  toScreen([c, r]: Point): [x: number, y: number] {
    return toScreen(this.view, this.layout, this.columns, this.rows, c, r);
  }
}
