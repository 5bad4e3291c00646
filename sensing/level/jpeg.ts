import jpeg from 'jpeg-js';
import type { Picture } from './level-estimate.ts';

/** Largest picture taken from a bed camera: beyond this it is refused before memory is spent on it. */
const MEGAPIXELS_MAX = 8;
const MEGABYTES_MAX = 128;

/** Decodes a baseline or progressive JPEG to RGBA. Throws `Error` with the decoder's reason for anything that is not one or is too large. */
export function decodeJpeg(bytes: Uint8Array): Picture {
  const decoded = jpeg.decode(bytes, {
    useTArray: true,
    formatAsRGBA: true,
    maxResolutionInMP: MEGAPIXELS_MAX,
    maxMemoryUsageInMB: MEGABYTES_MAX,
  });
  return { width: decoded.width, height: decoded.height, channels: 4, pixels: decoded.data };
}
