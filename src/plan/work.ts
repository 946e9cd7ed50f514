/** What a call does, counted: what its instructions, cycles and code are predicted from. */
import { type Graph, tensorAt } from '../graph/graph.js';
import { elementCount } from '../graph/tensor.js';
import type { KernelCall, Parameters } from '../kernels/kernel.js';

/** Counts by name. `<count> if <literal>` is the count where a literal of the call's shape is set, else 0. */
export type Work = Readonly<Record<string, number>>;

/** Kernels take outputs and inputs of a window in blocks of so many. */
const BLOCK = 4;

/** Literals that say how large things are and where; all others say which form of a kernel runs. */
const SIZES =
  /^(batches|groups|channels|elements|rows|depth|inputs|outputs|size|dim|act_m|zero|input_|output_|filter_(h|w)|stride|dilation|pad_|kept|summed|shift|offset|multiplier|table)/;

/** The name of a call's formula (`KernelCall.instructions`), which knows what is particular to the kernel. */
export const FORMULA = 'formula';

/**
 * Counts of a call, each also by the forms that the call's literals choose.
 * @param bands calls out of and into rings of rows that make its image in place of the one; null for that
 */
export function workOf(graph: Graph, call: KernelCall, bands: number | null = null): Work {
  const counts = countsOf(graph, call, bands);
  const work: Record<string, number> = { ...counts };
  for (const [form, holds] of Object.entries(formsOf(graph, call))) {
    for (const count of ['pixel', 'output', 'product', 'gathered', FORMULA]) {
      work[`${count} ${holds ? 'if' : 'unless'} ${form}`] = counts[count]!;
    }
  }
  if (bands !== null) for (const [count, value] of Object.entries(counts)) work[`${count} if rings`] = value;
  return work;
}

function countsOf(graph: Graph, call: KernelCall, bands: number | null): Record<string, number> {
  const { shape } = tensorAt(graph, call.outputs[0]!.tensor);
  const outputs = elementCount(shape);
  const channels = Math.max(1, shape.at(-1) ?? 1);
  const pixels = outputs / channels;
  const { rows, taps, whole, size } = windowsOf(call.shape, pixels);
  // Of a tap: 1 in a depthwise convolution.
  const depth = call.macs > 0 ? call.macs / (outputs * size) : 1;
  const window = size * depth;
  const broken = pixels - whole;
  const blocks = Math.ceil(channels / BLOCK);
  const steps = Math.ceil(window / BLOCK);
  const lines = linesOf(call.shape, pixels);
  const single = singleOf(call.shape, pixels, bands === null ? 1 : size > 1 ? lines : bands);
  return {
    call: bands ?? 1,
    line: lines,
    pixel: pixels,
    output: outputs,
    row: rows,
    tap: taps,
    'output row': rows * channels,
    'output tap': taps * channels,
    product: taps * channels * depth,
    gathered: pixels * size * (call.shape.input_channels ?? depth),
    block: pixels * blocks,
    'block tap': taps * blocks,
    step: pixels * blocks * steps,
    // What is left over by blocks.
    'depth left': taps * blocks * (depth % BLOCK),
    'window left': pixels * blocks * (window % BLOCK),
    'channels left': pixels * (channels % BLOCK),
    'product left': taps * depth * (channels % BLOCK),
    // Of windows that leave the image.
    'broken pixel': broken,
    'broken output': broken * channels,
    'broken product': broken * channels * window,
    // Of pixels left over by blocks of several.
    'single output': single * channels,
    'single step': single * blocks * steps,
    // Of pixels that rows of blocks of three take again.
    'product again': againOf(call.shape, pixels) * channels * window,
    [FORMULA]: call.instructions,
  };
}

/** Rows of pixels. */
function linesOf({ output_height: height, output_width: width = 1 }: Parameters, pixels: number): number {
  return height === undefined ? 1 : pixels / width;
}

/** Pixels that blocks of several leave over in so many runs, each of as many: whole images are one, rows of rings are not next to each other. */
function singleOf({ block_pixels: block = 1 }: Parameters, pixels: number, runs: number): number {
  return runs * ((pixels / runs) % block);
}

/** Pixels by which the rows' last blocks are not full, where a kernel computes `several` of a row at a time. */
function againOf({ several, output_width: width = 1 }: Parameters, pixels: number): number {
  return several ? (pixels / width) * (3 * Math.ceil(width / 3) - width) : 0;
}

/** Which form of the kernel the literals choose, and sorts of windows that kernels treat apart. */
function formsOf(graph: Graph, call: KernelCall): Readonly<Record<string, boolean>> {
  const channels = tensorAt(graph, call.outputs[0]!.tensor).shape.at(-1) ?? 1;
  const forms: Record<string, boolean> = {};
  for (const [name, value] of Object.entries(call.shape)) {
    if (!SIZES.test(name)) forms[name] = name === 'block_pixels' ? value > 2 : value !== 0;
  }
  const { filter_height: height, filter_width: width, input_channels: inputs, act_min, act_max } = call.shape;
  if (height !== undefined) {
    forms['3x3'] = height === 3 && width === 3;
    forms['1x1'] = height === 1 && width === 1;
    forms['one column'] = width === 1 && (height ?? 1) > 1;
  }
  if (inputs !== undefined) forms['whole words'] = inputs % BLOCK === 0;
  if (act_min !== undefined && act_max !== undefined) forms.bounds = act_min > -128 || act_max < 127;
  forms['whole blocks'] = channels % BLOCK === 0;
  return forms;
}

/** Taps up to which kernels may unroll a window. */
const MOST_UNROLLED = 50;

/** What the size of a call's specialised function depends on. */
export function traitsOf(graph: Graph, call: KernelCall): Work {
  const { shape } = tensorAt(graph, call.outputs[0]!.tensor);
  const { filter_height = 1, filter_width = 1, stride_height = 1, stride_width = 1 } = call.shape;
  const taps = filter_height * filter_width;
  const traits: Record<string, number> = { call: 1, taps: taps > MOST_UNROLLED ? 0 : taps };
  const { padded = 0, pad_top = padded, pad_left = padded, batches = 1, block_pixels = 1 } = call.shape;
  const pixels = elementCount(shape) / Math.max(1, shape.at(-1) ?? 1);
  const forms = {
    ...formsOf(graph, call),
    padding: pad_top > 0 || pad_left > 0,
    rings: (call.shape.input_ring_rows ?? 0) < (call.shape.input_height ?? 0),
    strided: stride_height > 1 || stride_width > 1,
    [`${filter_height}x${filter_width}`]: true,
    batches: batches > 1,
    'pixels left': block_pixels > 1 && pixels % block_pixels > 0,
    'one pixel': shape.slice(0, -1).every((size) => size === 1),
    'one block': (shape.at(-1) ?? 1) <= BLOCK,
  };
  for (const [form, holds] of Object.entries(forms)) traits[`call ${holds ? 'if' : 'unless'} ${form}`] = 1;
  return traits;
}

/** Rows and taps of all windows that lie in the image, the windows that do so as a whole, and the taps of one. */
function windowsOf(shape: Parameters, pixels: number) {
  const { filter_height: height = 1, filter_width: width = 1 } = shape;
  const { input_height = 1, input_width = 1, output_height, output_width } = shape;
  const size = height * width;
  if (output_height === undefined || output_width === undefined)
    return { rows: pixels, taps: pixels * size, whole: pixels, size };
  const { stride_height = 1, stride_width = 1, dilation_height = 1, dilation_width = 1 } = shape;
  const { pad_top = 0, pad_left = 0 } = shape;
  const rows = inside(height, stride_height, dilation_height, pad_top, input_height, output_height);
  const columns = inside(width, stride_width, dilation_width, pad_left, input_width, output_width);
  const batches = pixels / (output_height * output_width);
  return {
    rows: batches * rows.taps * output_width,
    taps: batches * rows.taps * columns.taps,
    whole: batches * rows.whole * columns.whole,
    size,
  };
}

/** Along an axis: the taps of all windows that lie in the image, and the windows of which all do. */
function inside(
  taps: number,
  stride: number,
  dilation: number,
  pad: number,
  inputs: number,
  outputs: number,
) {
  let met = 0;
  let whole = 0;
  for (let at = 0; at < outputs; at++) {
    let count = 0;
    for (let tap = 0; tap < taps; tap++) {
      const element = at * stride - pad + tap * dilation;
      if (element >= 0 && element < inputs) count++;
    }
    met += count;
    if (count === taps) whole++;
  }
  return { taps: met, whole };
}
