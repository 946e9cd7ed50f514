import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type FedImage, fedImage } from '../../codegen/feed.js';
import { tracedLayers } from '../../codegen/layers.js';
import { constantSegments } from '../../codegen/wasm/compact.js';
import { emitWasm } from '../../codegen/wasm/index.js';
import { layoutOf } from '../../codegen/wasm/layout.js';
import { fromBytes, isPacked, type TypedArray, toBytes } from '../graph/tensor.js';
import { writeFiles } from './firmware.js';
import type { Job, LayerObservation, Observation, RunObservation } from './job.js';
import type { Dump } from './protocol.js';

/** The generated ES module, as `codegen/wasm/typings.ts` declares it. */
export interface GeneratedModule {
  readonly load: (source?: URL) => Promise<GeneratedModel>;
  /** Only where there are two modules, of which `load` takes that with relaxed SIMD where this says so. */
  readonly runsRelaxed?: () => boolean;
}

export interface GeneratedModel {
  /** Not of models that are fed. */
  readonly inputs: readonly TypedArray[];
  readonly outputs: readonly TypedArray[];
  run(): unknown;
  /** Only of models that are fed. */
  pushRows(rows: TypedArray | Uint32Array): unknown;
  /** Only of models on a stream of frames. */
  pushFrames(frames: TypedArray | Uint32Array): unknown;
  /** Traced builds only: runs one step and shows what it wrote. */
  runStep(step: number): readonly TypedArray[];
}

/** The generated module in a folder, imported the way users do. */
export function importModule(folder: string, prefix: string): Promise<GeneratedModule> {
  return import(pathToFileURL(join(folder, `${prefix}.js`)).href);
}

/** Loads the generated module and runs it here; where it is one of two, the other one before. */
export async function runInNode(job: Job): Promise<Observation> {
  const { plan, trace, folder } = job;
  const artifact = await emitWasm(plan, { trace });
  writeFiles(folder, artifact);
  const urlOf = (file: string) => pathToFileURL(join(folder, file));
  const module = await importModule(folder, plan.prefix);
  const models = [await module.load()];
  if (module.runsRelaxed?.()) models.unshift(await module.load(urlOf(`${plan.prefix}.wasm`)));
  const seen = models.map((model) => observe(model, job));
  const worst = seen.find(({ dumps }) => dumps.length > 0) ?? seen[0]!;
  const imageBytes = artifact.get(`${plan.prefix}.wasm`)!.length;
  // The module carries some weights in fewer bytes than the memory that they take, which is what the plan counts.
  const carriedBytes = constantSegments(plan, layoutOf(plan)).reduce(
    (sum, { bytes }) => sum + bytes.length,
    0,
  );
  return { ...worst, sizes: { codeBytes: imageBytes - carriedBytes, constantBytes: null, imageBytes } };
}

function observe(model: GeneratedModel, { plan, selfTest, trace }: Job): Omit<Observation, 'sizes'> {
  const layerTable = tracedLayers(plan);
  const fed = fedImage(plan);
  const runs: RunObservation[] = [];
  const layers: LayerObservation[] = [];
  const dumps: Dump[] = [];

  for (const [run, golden] of selfTest.entries()) {
    if (fed?.stream) model.pushFrames(elementsOf(fed, golden.inputs[0]!));
    else if (fed) pushImage(model, fed, golden.inputs[0]!);
    else for (const [i, bytes] of golden.inputs.entries()) toBytes(model.inputs[i]!).set(bytes);
    if (trace) {
      const shown = plan.steps.flatMap((_, step) => model.runStep(step).map(copyBytes));
      for (const [layer, data] of shown.entries()) {
        const equal = !layerTable[layer]!.whole || sameBytes(data, golden.layers[layer]!);
        if (!equal && layers.every((seen) => seen.equal)) {
          dumps.push({ what: 'layer', run, index: layer, data });
        }
        layers.push({ run, layer, equal, instructions: null });
      }
    } else if (!fed) {
      model.run();
    }
    const differing = model.outputs.map(copyBytes).flatMap((data, index): Dump[] => {
      return sameBytes(data, golden.outputs[index]!) ? [] : [{ what: 'output', run, index, data }];
    });
    dumps.push(...differing);
    runs.push({ equal: differing.length === 0, instructions: null, cycles: null, stackBytes: null });
  }
  return { runs, layers, dumps, arena: null };
}

/** In each pass one row, then two, then three. */
function pushImage(model: GeneratedModel, fed: FedImage, bytes: Uint8Array): void {
  const { rowLength, passes } = fed;
  const image = elementsOf(fed, bytes);
  for (const _ of passes) {
    for (let at = 0, count = 1; at < image.length; at += count * rowLength) {
      count = (count % 3) + 1;
      model.pushRows(image.subarray(at, at + count * rowLength));
    }
  }
}

/** As the module takes them: words, of packed types. */
function elementsOf({ tensor }: FedImage, bytes: Uint8Array): TypedArray | Uint32Array {
  const { type } = tensor.format;
  return isPacked(type) ? new Uint32Array(bytes.slice().buffer) : fromBytes(type, bytes);
}

function copyBytes(data: TypedArray): Uint8Array {
  return toBytes(data).slice();
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
