const longest = 2048; // pixels

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
