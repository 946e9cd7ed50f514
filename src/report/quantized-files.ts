/** What `bitloom quantize` leaves: the network, how it came to be, and what it is worth. */
import { toTflite } from '../export/tflite/graph.js';
import { writeTflite } from '../export/tflite/writer.js';
import { tensorAt } from '../graph/graph.js';
import type { Artifact } from '../plan/artifact.js';
import { describe } from '../quantize/data/describe.js';
import { pixelCode } from '../quantize/data/pixel-code.js';
import type { Preprocess } from '../quantize/data/preprocess.js';
import type { Quantized } from '../quantize/index.js';
import { layersText } from '../quantize/layers.js';
import { quantizePage } from './html/quantize-page.js';
import { quantizeText } from './quantize-text.js';

export interface Provenance {
  readonly preprocess: Preprocess;
  /** What it was calibrated on: `128 inferences of 'photos'`. */
  readonly data: string;
}

/** @param name of the network */
export function quantizedFiles(name: string, quantized: Quantized, provenance: Provenance): Artifact {
  const { graph, layers, report } = quantized;
  const text = (content: string) => new TextEncoder().encode(content);
  return new Map([
    ['model.tflite', writeTflite({ ...toTflite(graph), description: descriptionOf(quantized, provenance) })],
    ['layers.json', text(layersText(layers))],
    ['README.md', text(readme(name, quantized, provenance))],
    ['report.html', text(quantizePage(name, report))],
  ]);
}

/** What the model's file says of itself, and importers read as notes. */
function descriptionOf({ graph }: Quantized, { preprocess, data }: Provenance): string {
  return `Quantized by Bitloom, calibrated on ${data}. ${describe(preprocess)} ${inputsText(graph)}`;
}

function inputsText(graph: Quantized['graph']): string {
  return graph.inputs
    .map((id) => {
      const { name, format } = tensorAt(graph, id);
      return `Input '${name}': real value = ${format.scales[0]} * (code - ${format.zeroPoints[0]}).`;
    })
    .join(' ');
}

function readme(name: string, { graph, report }: Quantized, { preprocess, data }: Provenance): string {
  const [input] = graph.inputs;
  const image = preprocess.image;
  return [
    `# ${name}, quantized`,
    '',
    `\`model.tflite\` was made by \`bitloom quantize\` from a network of float32, calibrated on ${data}. Give this folder to`,
    '`bitloom plan`, `build` and `verify` in place of a model.',
    '',
    '## What it takes',
    '',
    describe(preprocess),
    '',
    inputsText(graph),
    ...(image && input !== undefined
      ? [
          '',
          'From a pixel of 0 to 255, in C:',
          '',
          '```c',
          pixelCode(image, tensorAt(graph, input).format),
          '```',
        ]
      : []),
    '',
    '## What it is worth',
    '',
    '```text',
    quantizeText(report),
    '```',
    '',
    '`report.html` has pictures of it. `layers.json` has the formats of the weights: edit it, and run again with `--layers layers.json`.',
    '',
  ].join('\n');
}
