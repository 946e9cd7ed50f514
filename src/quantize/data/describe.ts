/** Preprocessing in words, for who writes the firmware around a network. */
import type { CsvPreprocess, ImagePreprocess, Preprocess } from './preprocess.js';

/** A sentence or two: what was done to the data on which the network was calibrated, and must be done to what it is given. */
export function describe({ image, sound, csv }: Preprocess): string {
  const sentences = [
    ...(image ? [imageText(image)] : []),
    ...(sound ? [`16-bit samples are multiplied by ${factor(sound.scale)}.`] : []),
    ...(csv ? [csvText(csv)] : []),
  ];
  return sentences.join(' ') || 'The network takes real values as they are in the data.';
}

const SIZES = {
  stretch: 'stretched to the size of the input',
  crop: 'scaled until the shorter side fits and cropped at the centre',
  fit: 'scaled until the longer side fits',
} as const;

function imageText(image: ImagePreprocess): string {
  const { channels, resize, border = 0, pixels, mean, std, white } = image;
  const kind = channels === 'grey' ? 'Grey images' : channels ? `Images of ${channels}` : 'Images';
  const frame = resize === 'fit' ? ` between borders of ${border}` : '';
  const size = `${kind} ${resize ? `are ${SIZES[resize]}${frame}` : 'have the size of the input'}; pixels`;
  if (pixels) return `${size} of 0 to 255 become real values from ${pixels[0]} to ${pixels[1]}.`;
  const list = (values: number | number[]) => [values].flat().join(', ');
  return `${size} of 0 to ${white} have ${list(mean!)} subtracted and are divided by ${list(std!)}.`;
}

function csvText({ columns, subtract, divide }: CsvPreprocess): string {
  const values = columns ? `The values of the columns ${columns.join(', ')}` : 'The values of all columns';
  const list = (numbers: number | number[]) => [numbers].flat().join(', ');
  return `${values} have ${list(subtract)} subtracted and are divided by ${list(divide)}.`;
}

function factor(scale: number): string {
  return Number.isInteger(1 / scale) ? `1/${1 / scale}` : String(scale);
}
