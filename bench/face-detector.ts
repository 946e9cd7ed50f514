/**
 * MediaPipe's short-range face detector, quantized: whether it finds the faces that the float network finds.
 * Run: `npm run bench:faces -- FOLDER [OUTPUT]`, with a folder of photographs of faces, and one to write the networks to, for
 * `bitloom verify`. Writes bench/results/face-detector.md.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadBoard } from '../boards/index.js';
import { writeArtifact } from '../src/cli/write-artifact.js';
import { type Graph, tensorAt } from '../src/graph/graph.js';
import type { TypedArray } from '../src/graph/tensor.js';
import { importModel } from '../src/import/index.js';
import { PACKAGE_ROOT } from '../src/package/root.js';
import { planModel } from '../src/plan/index.js';
import { codeOf } from '../src/quantize/assemble.js';
import type { Preprocess } from '../src/quantize/data/preprocess.js';
import { layerOf } from '../src/quantize/execute/layer.js';
import { Matmul } from '../src/quantize/execute/matmul.js';
import { walk } from '../src/quantize/execute/walk.js';
import { foldAffine } from '../src/quantize/fold-affine.js';
import { type Quantized, type QuantizeOptions, quantize } from '../src/quantize/index.js';
import { quantizedFiles } from '../src/report/quantized-files.js';
import { evaluatorOf } from '../src/verify/evaluator.js';
import { type Face, facesIn, match } from './faces/detections.js';
import { photographsIn } from './faces/photographs.js';
import { markdownTable, writeResults } from './markdown.js';

type Faces = readonly (readonly Face[])[];
type Inferences = readonly (readonly Float32Array[])[];

const MODEL = 'node_modules/@mediapipe/face_detection/face_detection_short_range.tflite';

/** What plans are for; the networks can be verified on any board. */
const BOARD = 'pico';

/** Shares of int8's constants that versions of fewer bits may take. */
const SHARES = [0.6, 0.5, 0.4];

async function floatFaces(source: Graph, inferences: Inferences): Promise<Faces> {
  const matmul = await Matmul.create();
  const graph = foldAffine(source);
  const outputs = await walk<Float32Array>(graph, inferences, (node, inputs) => {
    const layer = layerOf(matmul, graph, node);
    return inferences.map((_, i) => layer(inputs.map((input) => input?.[i] ?? null)));
  });
  return inferences.map((_, i) => facesIn(outputs[0]![i]!, outputs[1]![i]!));
}

/** By the WASM that is generated for the network. */
async function quantizedFaces(graph: Graph, inferences: Inferences): Promise<Faces> {
  const run = await evaluatorOf(planModel(graph, loadBoard('web'), { prefix: 'model', modelHash: '' }));
  const { format } = tensorAt(graph, graph.inputs[0]);
  return inferences.map(([input]) => {
    const contents = run([Int8Array.from(input!, (value) => codeOf(value, format))]);
    const [regressors, classificators] = graph.outputs.map((id) => realsOf(graph, id, contents.get(id)!));
    return facesIn(regressors!, classificators!);
  });
}

function realsOf(graph: Graph, id: number, codes: TypedArray): Float32Array {
  const { scales, zeroPoints } = tensorAt(graph, id).format;
  return Float32Array.from(codes as Int8Array, (code) => (code - zeroPoints[0]!) * scales[0]!);
}

/** A row of the table. */
function rowOf(name: string, { report }: Quantized, bytes: number, float: Faces, quantized: Faces): string[] {
  const matches = float.map((faces, i) => match(faces, quantized[i]!));
  const overlaps = matches.flatMap((each) => each.overlaps);
  const scores = (of: readonly number[]) =>
    of.length > 0 ? `${of.length} (${of.map((score) => score.toFixed(2)).join(', ')})` : '0';
  return [
    name,
    bytes.toLocaleString('en'),
    report.board ? report.board.arenaBytes.toLocaleString('en') : '',
    (overlaps.reduce((sum, value) => sum + value, 0) / overlaps.length).toFixed(3),
    Math.min(...overlaps).toFixed(3),
    scores(matches.flatMap(({ missed }) => missed)),
    scores(matches.flatMap(({ added }) => added)),
  ];
}

const [folder, output] = process.argv.slice(2);
if (folder === undefined) throw new Error('npm run bench:faces -- FOLDER [OUTPUT]');
const path = join(PACKAGE_ROOT, MODEL);
const source = importModel(readFileSync(path), path);
const { calibration, compared } = photographsIn(folder);
const float = await floatFaces(source, compared);
const faces = float.flat().length;
console.log(`${compared.length} views with ${faces} faces`);

const rows: string[][] = [];
async function add(name: string, options: Partial<QuantizeOptions>): Promise<number> {
  const quantized = await quantize(source, {
    calibration,
    comparison: compared,
    weights: 'int8',
    solver: 'descent',
    ...options,
  });
  if (output !== undefined) {
    const preprocess: Preprocess = { image: { pixels: [-1, 1], resize: 'fit' } };
    const data = `${calibration.length} views of photographs`;
    const files = quantizedFiles('face_detection_short_range', quantized, { preprocess, data });
    writeArtifact(join(output, name), files, false);
  }
  const bytes = quantized.report.board!.constantBytes;
  rows.push(rowOf(name, quantized, bytes, float, await quantizedFaces(quantized.graph, compared)));
  console.log(rows.at(-1)!.join('  '));
  return bytes;
}

const board = loadBoard(BOARD);
const int8 = await add('int8', { board });
for (const share of SHARES)
  await add(`mixed-${100 * share}`, { board, weights: 'mixed', flash: Math.floor(share * int8) });

writeResults('face-detector', [
  '# Face detector',
  'Written by `npm run bench:faces`.',
  `MediaPipe's short-range detector: how well boxes of the quantized network cover those of the float network, ${faces} faces in
${compared.length} views of photographs. Calibrated on ${calibration.length} views of others. Bytes of constants and of the arena are the plan's. Faces
that only one network finds are listed with their scores; found is what scores 0.5.`,
  markdownTable(['version', 'constants', 'arena', 'mean IoU', 'least IoU', 'missed', 'added'], rows),
]);
