/**
 * What QuantMCU's patch classification finds in MobileNetV2: `npm run bench:patches -- <folder of photographs>`. For stages of its first
 * blocks, cut into patches: at how many of their places most photographs have outliers in the stage's input, and by how much BitOPs
 * could fall at most if all maps of the stage had 4 bits in the other patches, and 8 where there are outliers.
 */

import { type Graph, tensorAt } from '../src/graph/graph.js';
import type { Node } from '../src/graph/ops.js';
import type { TensorId } from '../src/graph/tensor.js';
import { plan } from '../src/index.js';
import { sharesOf } from '../src/plan/tiles/shares.js';
import { macsOfNode } from '../src/quantmcu/feature-maps.js';
import { evaluatorOf } from '../src/verify/evaluator.js';
import { markdownTable } from './markdown.js';
import { photographsIn } from './photographs.js';
import { sharedModels } from './shared-models.js';

/** Two-sided quantile 0.96 of a normal distribution, and the share of outliers by which a patch counts as one. */
const Z = 2.054;
const TAU = 0.01;

/** First and last layer of stages, by their place in the model's file: of the first blocks, from the image or from a map on. */
const STAGES = [
  [1, 13],
  [2, 13],
  [4, 13],
  [7, 24],
] as const;

const [photographs] = process.argv.slice(2);
const [model] = sharedModels(['mobilenet_v2_1.0_224']);
if (!photographs || !model) throw new Error('usage: npm run bench:patches -- <folder of photographs>');
const { graph } = model;
const run = await evaluatorOf(plan(model, 'web'));
const { calibration } = photographsIn(photographs, model);
const contents = calibration.map((inputs) => run(inputs));
const all = graph.nodes.reduce((sum, node) => sum + macsOfNode(graph, node), 0);
const rows = STAGES.flatMap(([first, last]) =>
  [2, 4].map((size) => {
    const nodes = graph.nodes.filter(({ source: { index } }) => index >= first && index <= last);
    const input = nodes[0]!.inputs[0]!;
    const maps = contents.map((tensors) => tensors.get(input) as Int8Array);
    const { share, places } = outliers(graph, input, maps, size);
    const shares = sharesOf(graph, nodes, { rows: size, columns: size })!;
    const macs = (of: Node[], scale: (id: TensorId) => number) =>
      of.reduce((sum, node) => sum + macsOfNode(graph, node) * scale(node.outputs[0]!), 0);
    const plain = macs(nodes, () => 1);
    const halo = macs(nodes, (id) => shares.get(id)!.all);
    const wide = places / size ** 2;
    const bits = 8 * wide + 4 * (1 - wide);
    return [
      `${first} to ${last}`,
      `${size} x ${size}`,
      `${(100 * share).toFixed(0)} %`,
      `${places} of ${size ** 2}`,
      `${(100 * (halo / plain - 1)).toFixed(0)} %`,
      (all / (all - plain + (halo * bits) / 8)).toFixed(3),
      (all / (all - plain / 2)).toFixed(3),
    ];
  }),
);
const titles = [
  'layers',
  'patches',
  'with outliers',
  'places that have mostly',
  'more MACs',
  'BitOPs fall by',
  'without patches',
];
console.log(markdownTable(titles, rows));

/** Of patches of all images the share that has outliers, and the places where most images have them. */
function outliers(graph: Graph, id: TensorId, maps: readonly Int8Array[], size: number) {
  const [, height, width, depth] = tensorAt(graph, id).shape as [number, number, number, number];
  const count = maps.length * height * width * depth;
  const total = (of: (value: number) => number) =>
    maps.reduce((sum, map) => sum + map.reduce((part, value) => part + of(value), 0), 0) / count;
  const mean = total((value) => value);
  const deviation = Math.sqrt(total((value) => (value - mean) ** 2));
  const seen = new Float64Array(size * size);
  for (const map of maps) {
    const [found, values] = [new Float64Array(size * size), new Float64Array(size * size)];
    for (let i = 0; i < map.length; i++) {
      const pixel = Math.floor(i / depth);
      const row = Math.floor((Math.floor(pixel / width) * size) / height);
      const patch = row * size + Math.floor(((pixel % width) * size) / width);
      values[patch]!++;
      if (Math.abs(map[i]! - mean) > Z * deviation) found[patch]!++;
    }
    for (const patch of seen.keys()) if (found[patch]! >= TAU * values[patch]!) seen[patch]!++;
  }
  const share = seen.reduce((sum, n) => sum + n, 0) / (maps.length * size * size);
  return { share, places: seen.filter((n) => n > maps.length / 2).length };
}
