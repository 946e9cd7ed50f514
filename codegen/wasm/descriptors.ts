import { byteLength, type ElementType, elementCount, isPacked } from '../../src/graph/tensor.js';
import { RELAXED_NEEDS, type RelaxedNeed } from '../../src/kernels/kernel.js';
import type { Plan, Stream } from '../../src/plan/plan.js';
import { type FedPass, fedImage } from '../feed.js';
import { isTraced } from '../layers.js';
import { type Port, portOf, states, stepOutputs } from '../ports.js';
import { safeText } from '../text.js';
import { addressOf, type Layout } from './layout.js';

/** The typed array that views a tensor: words, of a packed one. */
export const VIEW: Readonly<Record<ElementType, string>> = {
  int8: 'Int8Array',
  uint8: 'Uint8Array',
  bool: 'Uint8Array',
  int16: 'Int16Array',
  int32: 'Int32Array',
  int64: 'BigInt64Array',
  float32: 'Float32Array',
  uint4: 'Uint32Array',
  uint2: 'Uint32Array',
  binary: 'Uint32Array',
};

/** A tensor as the generated module shows it to its user. */
export interface Descriptor {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** real = scale * (code - zeroPoint); null where the elements are plain numbers or words of packed codes. */
  readonly scale: number | null;
  readonly zeroPoint: number | null;
  /** Address in the module's memory. */
  readonly byteOffset: number;
  readonly length: number;
}

export interface TracedStep {
  readonly name: string;
  readonly operator: string;
  readonly outputs: readonly Descriptor[];
}

/** Rows and elements of a row; what each pass takes of these. */
export interface FedInterface {
  readonly rows: number;
  readonly rowLength: number;
  readonly passes: readonly Pick<FedPass, 'begin' | 'length'>[];
  /** Set where the rows are frames of a stream without end. */
  readonly stream: Stream | null;
}

/** All that the bindings of a model say about it. */
export interface Interface {
  readonly prefix: string;
  readonly inputs: readonly Descriptor[];
  readonly outputs: readonly Descriptor[];
  readonly hasStates: boolean;
  /** How its one input is brought row by row; null where it is written whole. */
  readonly feed: FedInterface | null;
  /** What the engine must do the way that a second module, with relaxed SIMD, wants it; null where there is none. */
  readonly relaxed: RelaxedNeed | null;
  /** Whether the model's only module is for engines without SIMD as well. */
  readonly isScalar: boolean;
  /** The steps of a traced build, else null. */
  readonly steps: readonly TracedStep[] | null;
}

export function interfaceOf(plan: Plan, layout: Layout, trace: boolean): Interface {
  const fed = fedImage(plan);
  const isScalar = plan.board.target.isa === 'wasm';
  const describe = (port: Port): Descriptor => descriptor(port, addressOf(plan, layout, port.place));
  const steps = plan.steps.map((step, i) => ({
    name: step.name,
    operator: safeText(step.node.source.operator),
    outputs: isTraced(plan, i) ? stepOutputs(plan, step).map(describe) : [],
  }));
  return {
    prefix: plan.prefix,
    inputs: fed
      ? [descriptor(fed, layout.arena + fed.passes[0]!.offset)]
      : plan.graph.inputs.map((id) => describe(portOf(plan, id))),
    outputs: plan.graph.outputs.map((id) => describe(portOf(plan, id))),
    hasStates: states(plan).length > 0,
    feed: fed ? { rows: fed.height, rowLength: fed.rowLength, passes: fed.passes, stream: fed.stream } : null,
    relaxed: isScalar ? null : relaxedOf(plan),
    isScalar,
    steps: trace ? steps : null,
  };
}

function relaxedOf({ functions }: Plan): Interface['relaxed'] {
  const forms = functions.map(({ call }) => call.relaxed?.needs);
  return RELAXED_NEEDS.find((need) => forms.includes(need)) ?? null;
}

function descriptor({ tensor }: Pick<Port, 'tensor'>, byteOffset: number): Descriptor {
  const { type, zeroPoints } = tensor.format;
  const scales = isPacked(type) ? [] : tensor.format.scales;
  return {
    name: safeText(tensor.name),
    type,
    shape: tensor.shape,
    scale: scales[0] ?? null,
    zeroPoint: scales.length > 0 ? (zeroPoints[0] ?? 0) : null,
    byteOffset,
    length: isPacked(type) ? byteLength(tensor) / 4 : elementCount(tensor.shape),
  };
}
