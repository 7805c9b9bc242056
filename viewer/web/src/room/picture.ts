const longest = 2048; // pixels

/** What the server takes of a film: worklist/room/film.go. */
export const filmBytes = 50 * 2 ** 20;
export const filmTypes = 'video/mp4,video/quicktime';

/** Whether a file is a film, which the server alone can write anew. */
export function isFilm(file: File): boolean {
  return file.type ? file.type.startsWith('video/') : /\.(mp4|m4v|mov)$/i.test(file.name);
}

/**
 * Draws a picture anew: turned the way the camera says, small enough for a thin
 * line, and without what else the file tells. The server does not rely on it.
 */
export async function shrink(file: Blob): Promise<Blob> {
  const image = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const scale = Math.min(1, longest / Math.max(image.width, image.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  const pen = canvas.getContext('2d');
  if (!pen) throw new Error('no canvas');
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  const type = file.type === 'image/png' ? 'image/png' : 'image/jpeg';
  return new Promise((done, failed) => canvas.toBlob((b) => (b ? done(b) : failed(new Error('not drawn'))), type, 0.9));
}
