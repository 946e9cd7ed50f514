/** Layers that are computed by rows out of rings and into rings, to measure kernels so. */
import type { Board } from '../boards/board.js';
import { type Graph, outputOf, tensorAt } from '../src/graph/graph.js';
import type { Node } from '../src/graph/ops.js';
import type { Tensor } from '../src/graph/tensor.js';
import type { KernelCall } from '../src/kernels/kernel.js';
import type { Candidate } from '../src/plan/candidates.js';
import { layersOf } from '../src/plan/candidates.js';
import { planChoice } from '../src/plan/index.js';
import { stepsOf } from '../src/plan/lower.js';
import type { Plan, Step } from '../src/plan/plan.js';
import { bandOf, isBanded, type LoweredStage, roundsIn, StageLowering } from '../src/plan/stages/lower.js';
import { accumulates, isImage, rowWindows } from '../src/plan/stages/row-window.js';
import { scheduleStage } from '../src/plan/stages/schedule.js';

/** Rows of a stage's input a round. */
const ROWS = [1, 2, 1, 4];

/** What the calls of a stage's step are priced by: a whole image's call, or so many of a row's. */
export interface BandSample {
  readonly graph: Graph;
  readonly call: KernelCall;
  /** Calls in place of the one; null of a row's. */
  readonly bands: number | null;
  readonly times: number;
}

/** A plan of stages, and the steps that are to be measured. */
export interface BandPlan {
  readonly plan: Plan;
  readonly samples: ReadonlyMap<Step, BandSample>;
}

/** Each layer of the graph that can be computed by rows, between two that make and take a row at a time. */
export function betweenRows(graph: Graph): { readonly graph: Graph; readonly layers: readonly Node[] } {
  const tensors: Tensor[] = [...graph.tensors];
  const nodes: Node[] = [];
  const layers: Node[] = [];
  const inputs = new Set(graph.inputs);
  const outputs: number[] = [];
  const copy = (id: number, name: string) =>
    tensors.push({ ...tensorAt(graph, id), name: `${tensorAt(graph, id).name}_${name}` }) - 1;
  const relay = (from: number, to: number): Node => ({
    kind: 'RELU',
    attributes: {},
    inputs: [from],
    outputs: [to],
    source: { operator: 'RELU', index: nodes.length },
  });
  for (const node of graph.nodes) {
    const [x] = node.inputs;
    const [y] = node.outputs;
    const isInt8 = [x, y].every((id) => tensorAt(graph, id).format.type === 'int8');
    if (!isInt8 || accumulates(graph, node) || !rowWindows(graph, node) || !isImage(outputOf(graph, node)))
      continue;
    const [from, to] = [copy(x!, 'from'), copy(y!, 'to')];
    inputs.delete(x!);
    inputs.add(from);
    outputs.push(to);
    nodes.push(relay(from, x!), node, relay(y!, to));
    layers.push(node);
  }
  return { graph: { ...graph, tensors, nodes, inputs: [...inputs], outputs }, layers };
}

/** A plan in which each of `layers` is computed by its candidate of number `turn`, where it has as many; null where none has. */
export function bandPlan(
  { graph, layers: measured }: ReturnType<typeof betweenRows>,
  board: Board,
  turn: number,
  wanted: (candidate: Candidate) => boolean,
): BandPlan | null {
  const layers = layersOf(graph, board);
  const samples = new Map<Node, BandSample>();
  const stages = measured.flatMap((node, index): LoweredStage[] => {
    const at = layers.findIndex((layer) => layer.node === node);
    const candidate = layers[at]!.candidates.filter(wanted)[turn];
    const rows = ROWS[index % ROWS.length]!;
    const around = layers.slice(at - 1, at + 2);
    const schedule = scheduleStage(
      graph,
      around.map((layer) => layer.node),
      rows,
    );
    if (!candidate || !schedule) return [];
    const own = around.with(1, { ...around[1]!, candidates: [candidate] });
    const [choice] = new StageLowering(graph, board, own).choices(schedule);
    if (!choice || choice[1]!.calls.length > 1) return [];
    const { height } = schedule.layers[1]!;
    const rounds = roundsIn(graph, schedule);
    samples.set(
      node,
      sampleOf(graph, candidate.calls[0]!, choice[1]!.calls[0]!, { height, band: bandOf(height, rounds) }),
    );
    return [{ schedule, layers: choice }];
  });
  if (stages.length === 0) return null;
  const choice = layers.map(({ candidates }) => candidates[0]!);
  const options = { prefix: 'grid', modelHash: '', optimize: 'speed' } as const;
  const plan = planChoice(graph, board, stepsOf(layers, choice), options, { stages, tiles: [] });
  const found = plan.steps.flatMap((step): [Step, BandSample][] => {
    const sample = samples.get(step.node);
    return sample ? [[step, sample]] : [];
  });
  return { plan, samples: new Map(found) };
}

function sampleOf(
  graph: Graph,
  whole: KernelCall,
  call: KernelCall,
  { height, band }: { readonly height: number; readonly band: number },
): BandSample {
  if (isBanded(call)) {
    const { rowsAtOnce = 1 } = whole;
    const times = (Math.ceil(band / rowsAtOnce) * rowsAtOnce) / band;
    return { graph, call: whole, bands: height / band, times };
  }
  const output = call.outputs[0]!.tensor;
  const image = tensorAt(graph, output);
  const row = { ...image, shape: image.shape.with(1, 1) };
  return { graph: { ...graph, tensors: graph.tensors.with(output, row) }, call, bands: null, times: height };
}
