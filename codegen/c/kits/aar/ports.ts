/** What Kotlin, Java and JNI see of a model: names, and the types of its inputs and outputs. */
import { tensorAt } from '../../../../src/graph/graph.js';
import { byteLength, ELEMENT_BYTES, type ElementType, isPacked } from '../../../../src/graph/tensor.js';
import type { Plan } from '../../../../src/plan/plan.js';
import { type FedImage, fedImage } from '../../../feed.js';
import { states } from '../../../ports.js';
import { describeTensor } from '../../../text.js';
import { portSuffix } from '../../types.js';

/** An input or output, with its name in C. */
export interface JvmPort {
  readonly role: 'input' | 'output';
  /** `digits_input_1`. */
  readonly function: string;
  /** `input1` */
  readonly property: string;
  /** `INPUT1` */
  readonly constant: string;
  readonly type: ElementType;
  readonly bytes: number;
  readonly scale: number | undefined;
  readonly zeroPoint: number;
  /** `'image' int8[1, 28, 28, 1]` */
  readonly description: string;
}

export interface JvmModel {
  readonly prefix: string;
  /** Ends in a word that is no keyword of Java or Kotlin, whatever the model is called. */
  readonly package: string;
  /** Of the Kotlin class. */
  readonly className: string;
  /** Of the Java class that has the functions of the library. */
  readonly nativeName: string;
  /** None where the caller brings rows. */
  readonly inputs: readonly JvmPort[];
  readonly outputs: readonly JvmPort[];
  readonly fed: FedImage | null;
  /** The image or window that those rows make. */
  readonly fedInput: JvmPort | null;
  /** Bytes of a row or frame that the caller brings. */
  readonly rowBytes: number;
  readonly hasStates: boolean;
}

export function jvmModel(plan: Plan): JvmModel {
  const { prefix, graph } = plan;
  const fed = fedImage(plan);
  const pascal = prefix.replaceAll(/(?:^|_)+([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return {
    prefix,
    package: `bitloom.${prefix}_model`,
    className: `${pascal}Model`,
    nativeName: `${pascal}Native`,
    inputs: fed ? [] : graph.inputs.map((_, i) => portOf(plan, 'input', i)),
    outputs: graph.outputs.map((_, i) => portOf(plan, 'output', i)),
    fed,
    fedInput: fed && portOf(plan, 'input', 0),
    rowBytes: fed ? fed.rowLength * elementBytes(fed.tensor.format.type) : 0,
    hasStates: states(plan).length > 0,
  };
}

function portOf({ prefix, graph }: Plan, role: JvmPort['role'], i: number): JvmPort {
  const ids = role === 'input' ? graph.inputs : graph.outputs;
  const tensor = tensorAt(graph, ids[i]);
  const suffix = portSuffix(i, ids.length);
  const name = `${role}${suffix.replace('_', '')}`;
  return {
    role,
    function: `${prefix}_${role}${suffix}`,
    property: name,
    constant: name.toUpperCase(),
    type: tensor.format.type,
    bytes: byteLength(tensor),
    scale: tensor.format.scales[0],
    zeroPoint: tensor.format.zeroPoints[0] ?? 0,
    description: describeTensor(tensor),
  };
}

function elementBytes(type: ElementType): number {
  return isPacked(type) ? 4 : ELEMENT_BYTES[type];
}
