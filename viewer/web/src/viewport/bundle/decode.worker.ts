// Decodes frames off the page's thread. One frame at a time; the page sends the
// next when it has this one.
import openjph from '@cornerstonejs/codec-openjph';
import wasmURL from '@cornerstonejs/codec-openjph/wasm?url';

interface Ask {
  kind: string;
  payload: Uint8Array<ArrayBuffer>;
  samples: number;
}

export interface Answer {
  error?: string;
  rows?: number;
  columns?: number;
  /** Samples interleaved, little endian. */
  body?: ArrayBuffer;
}

interface Decoder {
  getEncodedBuffer(length: number): Uint8Array;
  decode(): void;
  getFrameInfo(): { width: number; height: number; componentCount: number };
  getDecodedBuffer(): Uint8Array;
}

let decoder: Promise<Decoder> | null = null;

function htj2k(): Promise<Decoder> {
  decoder ??= openjph({ locateFile: () => wasmURL })
    .then((m: { HTJ2KDecoder: new () => Decoder }) => new m.HTJ2KDecoder())
    .catch((e: unknown) => {
      decoder = null; // a line that broke once is not broken for good
      throw e;
    });
  return decoder!;
}

const decoders: Record<string, (a: Ask) => Promise<Answer>> = {
  async htj2({ payload }) {
    const d = await htj2k();
    d.getEncodedBuffer(payload.length).set(payload);
    d.decode();
    const { width, height } = d.getFrameInfo();
    // The buffer is the module's own memory: it is copied out.
    return { rows: height, columns: width, body: new Uint8Array(d.getDecodedBuffer()).buffer };
  },
  async defl({ payload }) {
    const stream = new Blob([payload]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
    return { body: await new Response(stream).arrayBuffer() };
  },
  async jpeg({ payload, samples }) {
    const picture = await createImageBitmap(new Blob([payload], { type: 'image/jpeg' }), { colorSpaceConversion: 'none', imageOrientation: 'none' });
    const { width, height } = picture;
    const ctx = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
    ctx.drawImage(picture, 0, 0);
    picture.close();
    const { data } = ctx.getImageData(0, 0, width, height);
    const out = new Uint8Array(width * height * samples);
    for (let i = 0, j = 0; i < data.length; i += 4) for (let k = 0; k < samples; k++) out[j++] = data[i + k]!;
    return { rows: height, columns: width, body: out.buffer };
  },
};

self.onmessage = async ({ data }: MessageEvent<Ask>) => {
  try {
    const decode = decoders[data.kind];
    if (!decode) throw new Error(`frames of ${data.kind}`);
    const answer = await decode(data);
    self.postMessage(answer, { transfer: answer.body ? [answer.body] : [] });
  } catch (e) {
    self.postMessage({ error: String(e) } satisfies Answer);
  }
};
