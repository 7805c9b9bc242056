// Pictures to develop against: drawn by formula, written as raw frames and, for
// previews, as PNG (Node has no JPEG encoder; browsers do not mind).
import { deflateSync } from 'node:zlib';

/** A head: skin, skull, brain with ventricles, and a bleed on the left in the middle slices. Hounsfield units. */
export function headCT(size, slice, slices) {
  const out = new Int16Array(size * size);
  const z = slice / (slices - 1);
  const taper = 0.62 + 0.38 * Math.sin(Math.PI * (0.12 + 0.76 * z));
  let seed = 12345 + slice * 7919;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      seed = (seed * 1664525 + 1013904223) >>> 0;
      const noise = ((seed >>> 16) % 9) - 4;
      const u = ((x + 0.5) / size - 0.5) * 2;
      const v = ((y + 0.5) / size - 0.5) * 2;
      const r = Math.hypot(u / (0.68 * taper), v / (0.84 * taper));
      let hu = -1000;
      if (r < 1) hu = 30;
      if (r < 0.96) hu = 900 + 350 * Math.sin(12 * Math.atan2(v, u));
      if (r < 0.88) {
        hu = 36 + 4 * Math.sin(9 * u + 5 * z) * Math.cos(8 * v);
        if (r > 0.8) hu = 26 + 12 * Math.sin(26 * Math.atan2(v, u) + 4 * z);
        if (Math.abs(u) < 0.01 && r < 0.86) hu = 14;
        const ventricle = Math.hypot((Math.abs(u) - 0.1) / 0.07, (v + 0.06) / 0.24);
        if (z > 0.35 && z < 0.72 && ventricle < 1) hu = 8;
        const bleed = Math.hypot((u - 0.27) / 0.13, (v - 0.02) / 0.17, (z - 0.52) / 0.13);
        if (bleed < 1) hu = 68;
        else if (bleed < 1.35 && z > 0.35 && z < 0.7) hu = 24;
      }
      out[y * size + x] = hu + noise;
    }
  }
  return out;
}

/** A brain in arbitrary units; the weighting says how bright water is. */
export function brainMR(size, slice, slices, water) {
  const out = new Uint16Array(size * size);
  const z = slice / (slices - 1);
  const taper = 0.6 + 0.4 * Math.sin(Math.PI * (0.12 + 0.76 * z));
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const u = ((x + 0.5) / size - 0.5) * 2;
      const v = ((y + 0.5) / size - 0.5) * 2;
      const r = Math.hypot(u / (0.66 * taper), v / (0.82 * taper));
      let s = 8 + ((x * 31 + y * 17 + slice * 13) % 11);
      if (r < 1) s += 500;
      if (r < 0.94) s = 40;
      if (r < 0.87) s = 300 + 90 * Math.sin(11 * u + 3 * z) * Math.sin(9 * v) + (r > 0.78 ? 60 * Math.sin(30 * Math.atan2(v, u)) : 0);
      if (z > 0.3 && z < 0.75 && Math.hypot((Math.abs(u) - 0.1) / 0.06, (v + 0.06) / 0.22) < 1) s = water;
      out[y * size + x] = Math.max(0, s);
    }
  }
  return out;
}

/** One frame of a colour clip. */
export function ultrasound(width, height, frame, frames) {
  const out = new Uint8Array(width * height * 3);
  const beat = Math.sin((2 * Math.PI * frame) / frames);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const dx = x - width / 2;
      const dy = y + 20;
      const d = Math.hypot(dx, dy);
      const i = (y * width + x) * 3;
      if (Math.abs(Math.atan2(dx, dy)) > 0.65 || d > height) continue;
      const wall = Math.abs(Math.hypot(dx / (90 + 14 * beat), (y - height * 0.5) / (120 + 18 * beat)) - 1);
      const grey = Math.min(255, 30 + ((x * 7919 + y * 104729) % 37) + Math.max(0, 170 - wall * 900));
      const flow = wall > 0.3 && Math.hypot(dx / 60, (y - height * 0.62) / 60) < 0.7;
      out[i] = flow ? 210 : grey;
      out[i + 1] = grey * (flow ? 0.3 : 1);
      out[i + 2] = flow ? 60 : grey;
    }
  }
  return out;
}

/** Reduces a frame to at most side pixels through a window, as a grey PNG. */
export function greyPNG(pixels, width, height, center, windowWidth, side) {
  const k = Math.max(1, Math.ceil(Math.max(width, height) / side));
  const [w, h] = [Math.floor(width / k), Math.floor(height / k)];
  const rows = Buffer.alloc((w + 1) * h);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const v = pixels[y * k * width + x * k];
      rows[y * (w + 1) + 1 + x] = Math.max(0, Math.min(255, ((v - center) / windowWidth + 0.5) * 255));
    }
  }
  return png(w, h, 0, rows);
}

export function colourPNG(pixels, width, height, side) {
  const k = Math.max(1, Math.ceil(Math.max(width, height) / side));
  const [w, h] = [Math.floor(width / k), Math.floor(height / k)];
  const rows = Buffer.alloc((w * 3 + 1) * h);
  for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) for (let c = 0; c < 3; c++) rows[y * (w * 3 + 1) + 1 + x * 3 + c] = pixels[(y * k * width + x * k) * 3 + c];
  return png(w, h, 2, rows);
}

const crcTable = Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n >>> 0;
});

function png(width, height, colour, rows) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head[8] = 8;
  head[9] = colour;
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  let crc = 0xffffffff;
  for (const b of body) crc = crcTable[(crc ^ b) & 255] ^ (crc >>> 8);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE((crc ^ 0xffffffff) >>> 0, body.length + 4);
  return out;
}
