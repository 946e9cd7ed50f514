import { type ActivationType, CODES, count, type Recipe, span } from './builder.js';
import { makeFilter } from './filters.js';

const fullyConnected: Recipe = {
  types: ['INT8', 'INT16'],
  ranks: [2, 4],
  apply(b, x) {
    const { random } = b;
    const last = x.shape.at(-1)!;
    // Without keep_num_dims TFLite flattens: K may span several trailing dimensions.
    const keep = random.chance(0.5);
    const k = keep || random.chance(0.5) ? last : count(x.shape.slice(1));
    const n = random.pick([1, 2, 3, 5, 8, 16]);
    const { filter, bias, output } = makeFilter(b, x, {
      shape: [n, k],
      axis: 0,
      perChannel: true,
      int4: 'per-tensor',
      wideBias: ['INT64', 'INT32'],
    });
    const shape = keep ? [...x.shape.slice(0, -1), n] : [count(x.shape) / k, n];
    b.operator('FULLY_CONNECTED', bias < 0 ? [x.id, filter, -1] : [x.id, filter, bias], shape, output, {
      fused_activation_function: b.activation(),
      keep_num_dims: keep,
    });
  },
};

const batchMatmul: Recipe = {
  types: ['INT8', 'INT16'],
  ranks: [2, 4],
  apply(b, x) {
    const { random } = b;
    const type = x.type as ActivationType;
    const adjX = random.chance(0.3);
    const adjY = random.chance(0.3);
    const rows = x.shape.at(adjX ? -1 : -2)!;
    const k = x.shape.at(adjX ? -2 : -1)!;
    const n = random.pick([1, 2, 3, 5, 8]);
    const lead = x.shape.slice(0, -2).map((size) => (size > 1 && random.chance(0.3) ? 1 : size));
    // A leading size 1 of x broadcasts over the other operand's, and the other way round.
    const wide = lead.map((size, i) => (x.shape[i] === 1 && random.chance(0.3) ? 2 : size));
    const dropped = random.chance(0.2) && wide.every((size) => size === 1) ? [] : wide;
    const shape = [...dropped, ...(adjY ? [n, k] : [k, n])];
    const format = b.format(type);
    const y = random.chance(0.5) ? b.input(shape, format).id : b.constant(shape, format);
    const output = b.outputFormat(type, x.scale * format.scale, k * span(x) * span(format), 2 ** 6);
    const outputLead = wide.map((size, i) => Math.max(size, x.shape[i]!));
    b.operator('BATCH_MATMUL', [x.id, y], [...outputLead, rows, n], output, { adj_x: adjX, adj_y: adjY });
  },
};

const svdf: Recipe = {
  types: ['INT8'],
  ranks: [2, 2],
  apply(b, x) {
    const { random } = b;
    const [batch, size] = x.shape as [number, number];
    const rank = random.integer(1, 3);
    const units = random.integer(1, 4);
    const memory = random.integer(1, 5);
    const filters = rank * units;
    const type = random.pick<ActivationType>(['INT16', 'INT16', 'INT8']);
    const state = { type, scale: random.powerOfTwo(-12, -4), zeroPoint: 0 };
    const codes = (length: number, max: number) => Array.from({ length }, () => random.integer(-max, max));

    const feature = codes(filters * size, 127);
    const featurePeak = size * 127 * span(x);
    const featureMultiplier = Math.min(
      (CODES[type].max / featurePeak) * random.powerOfTwo(-1, 4),
      2 ** 29 / featurePeak,
    );
    const featureScale = Math.fround((featureMultiplier * state.scale) / x.scale);

    // Products of two 16-bit numbers: the time weights leave room for the int32 sum.
    const timeMax = Math.min(CODES[type].max, Math.floor(2 ** 29 / (rank * memory * span(state))));
    const time = codes(filters * memory, timeMax);
    const timeScale = random.powerOfTwo(-12, -4);
    const reach = rank * memory * span(state) * timeMax;
    const biases = codes(units, Math.floor(reach / 4));
    const output = b.outputFormat('INT8', state.scale * timeScale, 1.25 * reach);

    const quantized = (scale: number) => ({ quantization: { scales: [scale], zeroPoints: [0] } });
    const timeData = type === 'INT16' ? Int16Array.from(time) : Int8Array.from(time);
    const stateShape = [batch, filters * memory];
    const operands = [
      x.id,
      b.tensor({
        type: 'INT8',
        shape: [filters, size],
        data: Int8Array.from(feature),
        ...quantized(featureScale),
      }),
      b.tensor({ type, shape: [filters, memory], data: timeData, ...quantized(timeScale) }),
      b.tensor({
        type: 'INT32',
        shape: [units],
        data: Int32Array.from(biases),
        ...quantized(Math.fround(state.scale * timeScale)),
      }),
      b.tensor({ type, shape: stateShape, variable: true, ...quantized(state.scale) }),
    ];
    // TFLM's integer kernel ignores the fused activation, so a model that states one is ambiguous.
    b.operator('SVDF', operands, [batch, units], output, { rank, fused_activation_function: 'NONE' });
  },
};

export const DENSE = {
  FULLY_CONNECTED: fullyConnected,
  BATCH_MATMUL: batchMatmul,
  SVDF: svdf,
} satisfies Record<string, Recipe>;
