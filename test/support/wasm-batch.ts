/** Many models as one WebAssembly module, compiled at once: most of the time that asc takes it takes for any module. */
import { type FedImage, fedImage } from '../../codegen/feed.js';
import type { VectorFeatures } from '../../codegen/wasm/check.js';
import { constantSegments } from '../../codegen/wasm/compact.js';
import { interfaceOf } from '../../codegen/wasm/descriptors.js';
import { entryText } from '../../codegen/wasm/entry.js';
import { feedExportNames } from '../../codegen/wasm/feed.js';
import { type Layout, layoutOf } from '../../codegen/wasm/layout.js';
import { buildModule } from '../../codegen/wasm/module.js';
import { PROBE, PROBE_RESULTS } from '../../codegen/wasm/probe.js';
import { tensorAt } from '../../src/graph/graph.js';
import { byteLength } from '../../src/graph/tensor.js';
import type { Plan } from '../../src/plan/plan.js';

/** A model among others in one memory, each with constants and an arena of its own. */
export interface BatchedModel {
  readonly plan: Plan;
  /** Runs the model on all its inputs. */
  run(inputs: readonly Uint8Array[]): BatchedRun;
  /** Gives a fed model the rows of the image `first` but for the last one, then of the other all, as often as it takes passes. */
  push(first: Uint8Array, image: Uint8Array): BatchedRun;
}

export interface BatchedRun {
  readonly output: Buffer;
  readonly guarded: boolean;
}

type Exports = Readonly<Record<string, () => number>>;

const BETWEEN = 1024;

/** @param vectors with which instructions kernels compute */
export async function loadBatch(plans: readonly Plan[], vectors: VectorFeatures): Promise<BatchedModel[]> {
  let end = 0;
  const layouts = plans.map((plan): Layout => {
    const { constants, constantBytes, arena, end: own } = layoutOf(plan);
    const layout = { constants: constants + end, constantBytes, arena: arena + end, end: own + end };
    end = Math.ceil((layout.end + BETWEEN) / 64) * 64;
    return layout;
  });
  const texts = plans.map((plan, i) => entryText(plan, layouts[i]!, {}));
  const lines = texts.flatMap((text, i) => withPrefix(text, `m${i}`).split('\n'));
  const entry = [...new Set(lines.filter(isImport)), ...lines.filter((line) => !isImport(line))].join('\n');
  const names = plans.flatMap((plan, i) => {
    const fed = fedImage(plan);
    return (fed ? feedExportNames(fed) : ['run']).map((name) => `m${i}_${name}`);
  });
  const constants = plans.flatMap((plan, i) => constantSegments(plan, layouts[i]!));
  const exports = new Set(['memory', ...names]);
  const wasm = await buildModule(entry, { constants, exports, end }, vectors);
  const instance = await WebAssembly.instantiate(await WebAssembly.compile(wasm as BufferSource));
  const memory = new Uint8Array((instance.exports.memory as WebAssembly.Memory).buffer);
  return plans.map((plan, i) => new Batched(plan, layouts[i]!, memory, instance.exports as Exports, `m${i}`));
}

/** Whether there is a form of the model with relaxed SIMD, and this engine runs it to the bit. */
export async function runsRelaxed(plan: Plan): Promise<boolean> {
  const need = interfaceOf(plan, layoutOf(plan), false).relaxed;
  if (need === null || !WebAssembly.validate(PROBE as BufferSource)) return false;
  const { exports } = await WebAssembly.instantiate(await WebAssembly.compile(PROBE as BufferSource));
  const dot = exports.dot as (a: number, b: number) => number;
  return PROBE_RESULTS[need].every(([a, b, result]) => dot(a, b) === result);
}

function isImport(line: string): boolean {
  return line.startsWith('import ');
}

/** The program with a prefix to the names of the functions that it declares. */
function withPrefix(program: string, prefix: string): string {
  const names = [...program.matchAll(/^(?:export )?function (\w+)/gm)].map(([, name]) => name);
  return program.replace(new RegExp(`\\b(${names.join('|')})\\(`, 'g'), `${prefix}_$1(`);
}

/** What memory holds before a run: neighbours differ. */
function canary(at: number): number {
  return (29 * at + 0xc5) & 255;
}

class Batched implements BatchedModel {
  readonly plan: Plan;
  readonly #layout: Layout;
  readonly #memory: Uint8Array;
  readonly #exports: Exports;
  readonly #name: string;

  constructor(plan: Plan, layout: Layout, memory: Uint8Array, exports: Exports, name: string) {
    this.plan = plan;
    this.#layout = layout;
    this.#memory = memory;
    this.#exports = exports;
    this.#name = name;
  }

  run(inputs: readonly Uint8Array[]): BatchedRun {
    this.#paint();
    for (const [i, { byteOffset }] of this.#ports().inputs.entries())
      this.#memory.set(inputs[i]!, byteOffset);
    this.#call('run');
    return this.#observe();
  }

  push(first: Uint8Array, image: Uint8Array): BatchedRun {
    this.#paint();
    const fed = fedImage(this.plan)!;
    this.#reset(fed);
    this.#rows(fed, first, fed.height - 1);
    this.#reset(fed);
    for (let pass = 0; pass < fed.passes.length; pass++) this.#rows(fed, image, fed.height);
    return this.#observe();
  }

  #rows(fed: FedImage, image: Uint8Array, count: number): void {
    const rowBytes = image.length / fed.height;
    for (let row = 0; row < count; row++) {
      const turn = fed.passes.length > 1 ? this.#call('pass') : 0;
      const { begin, length, rowBytes: own } = fed.passes[turn]!;
      const from = row * rowBytes + (begin * own) / length;
      this.#memory.set(image.subarray(from, from + own), this.#call('next_row'));
      this.#call('push_row');
    }
  }

  #reset({ offset, bytes }: FedImage): void {
    const counts = this.#layout.arena + offset;
    this.#memory.fill(0, counts, counts + bytes);
  }

  #call(name: string): number {
    return this.#exports[`${this.#name}_${name}`]!();
  }

  #ports() {
    return interfaceOf(this.plan, this.#layout, false);
  }

  #paint(): void {
    const { arena, end } = this.#layout;
    for (let at = arena; at < end + BETWEEN / 2; at++) this.#memory[at] = canary(at);
  }

  #observe(): BatchedRun {
    const { arena, end } = this.#layout;
    const behind = arena + this.plan.arena.bytes;
    const { graph } = this.plan;
    const outputs = this.#ports().outputs.map(({ byteOffset }, i) =>
      this.#memory.slice(byteOffset, byteOffset + byteLength(tensorAt(graph, graph.outputs[i]!))),
    );
    return {
      output: Buffer.concat(outputs),
      guarded: this.#memory
        .subarray(behind, end + BETWEEN / 2)
        .every((byte, i) => byte === canary(behind + i)),
    };
  }
}
