/**
 * Facts of the TFLite schema (version 3): numbers of enumerations, positions of table fields. Both the importer
 * and the writer read them from here.
 */

export const FILE_IDENTIFIER = 'TFL3';
export const SCHEMA_VERSION = 3;

/** Field positions of the tables, in vtable order. */
export const MODEL = { version: 0, operatorCodes: 1, subgraphs: 2, description: 3, buffers: 4 } as const;
export const OPERATOR_CODE = { deprecatedCode: 0, customCode: 1, version: 2, code: 3 } as const;
export const SUBGRAPH = { tensors: 0, inputs: 1, outputs: 2, operators: 3, name: 4 } as const;
export const BUFFER = { data: 0, offset: 1, size: 2 } as const;
export const OPERATOR = {
  opcodeIndex: 0,
  inputs: 1,
  outputs: 2,
  optionsType: 3,
  options: 4,
  customOptions: 5,
} as const;
export const TENSOR = {
  shape: 0,
  type: 1,
  buffer: 2,
  name: 3,
  quantization: 4,
  isVariable: 5,
  sparsity: 6,
  shapeSignature: 7,
  hasRank: 8,
  externalBuffer: 10,
} as const;
export const SPARSITY = { traversalOrder: 0, blockMap: 1, dims: 2 } as const;
export const SPARSE_DIMENSION = {
  format: 0,
  denseSize: 1,
  segmentsType: 2,
  segments: 3,
  indicesType: 4,
  indices: 5,
} as const;
export const QUANTIZATION = { scale: 2, zeroPoint: 3, detailsType: 4, axis: 6 } as const;

/** TensorType, by number. */
export const TENSOR_TYPES = [
  'FLOAT32',
  'FLOAT16',
  'INT32',
  'UINT8',
  'INT64',
  'STRING',
  'BOOL',
  'INT16',
  'COMPLEX64',
  'INT8',
  'FLOAT64',
  'COMPLEX128',
  'UINT64',
  'RESOURCE',
  'VARIANT',
  'UINT32',
  'UINT16',
  'INT4',
  'BFLOAT16',
  'INT2',
  'UINT4',
] as const;

/** The other enumerations that options use, by number. */
const ENUMS = {
  TensorType: TENSOR_TYPES,
  Padding: ['SAME', 'VALID'],
  Activation: ['NONE', 'RELU', 'RELU_N1_TO_1', 'RELU6', 'TANH', 'SIGN_BIT'],
  WeightsFormat: ['DEFAULT', 'SHUFFLED4x16INT8'],
} as const;

/** One field of an options table; its position is its index in `OptionsTable.fields`. */
export type OptionField =
  | { readonly name: string; readonly kind: 'int'; readonly default: number }
  | { readonly name: string; readonly kind: 'float'; readonly default: number }
  | { readonly name: string; readonly kind: 'bool'; readonly default: boolean }
  | { readonly name: string; readonly kind: 'ints' }
  | { readonly name: string; readonly kind: 'enum'; readonly values: readonly string[] };

export interface OptionsTable {
  /** Number in the BuiltinOptions union. */
  readonly union: number;
  readonly fields: readonly OptionField[];
}

const int = (name: string, value = 0): OptionField => ({ name, kind: 'int', default: value });
const float = (name: string): OptionField => ({ name, kind: 'float', default: 0 });
const bool = (name: string, value = false): OptionField => ({ name, kind: 'bool', default: value });
const ints = (name: string): OptionField => ({ name, kind: 'ints' });
const enumeration = (name: string, of: keyof typeof ENUMS): OptionField => ({
  name,
  kind: 'enum',
  values: ENUMS[of],
});

const padding = enumeration('padding', 'Padding');
const stride = [int('stride_w'), int('stride_h')];
const dilation = [int('dilation_w_factor', 1), int('dilation_h_factor', 1)];
const activation = enumeration('fused_activation_function', 'Activation');
const biasType = enumeration('quantized_bias_type', 'TensorType');

const POOL: OptionsTable = {
  union: 5,
  fields: [padding, ...stride, int('filter_width'), int('filter_height'), activation],
};
const REDUCER: OptionsTable = { union: 27, fields: [bool('keep_dims')] };
const MAXIMUM_MINIMUM: OptionsTable = { union: 39, fields: [] };

const WINDOW_STRIDE = [int('stride_height'), int('stride_width')];

/** Custom operators that have options, which are a FlexBuffer map: Larq Compute Engine's `mlir/ir/lce_ops.cc`. */
export const CUSTOM_OPTIONS: Readonly<Record<string, readonly OptionField[]>> = {
  "CUSTOM 'LceBconv2d'": [
    int('channels_in'),
    int('dilation_height_factor'),
    int('dilation_width_factor'),
    activation,
    int('pad_values'),
    padding,
    ...WINDOW_STRIDE,
  ],
  "CUSTOM 'LceBMaxPool2d'": [padding, ...WINDOW_STRIDE, int('filter_width'), int('filter_height')],
};

/** Operators by their schema name: number, and the options table where there is one. */
export const OPERATORS: Readonly<Record<string, { readonly code: number; readonly options?: OptionsTable }>> =
  {
    ADD: { code: 0, options: { union: 11, fields: [activation, bool('pot_scale_int16', true)] } },
    AVERAGE_POOL_2D: { code: 1, options: POOL },
    CONCATENATION: { code: 2, options: { union: 10, fields: [int('axis'), activation] } },
    CONV_2D: {
      code: 3,
      options: { union: 1, fields: [padding, ...stride, activation, ...dilation, biasType] },
    },
    DEPTHWISE_CONV_2D: {
      code: 4,
      options: { union: 2, fields: [padding, ...stride, int('depth_multiplier'), activation, ...dilation] },
    },
    DEPTH_TO_SPACE: { code: 5, options: { union: 94, fields: [int('block_size')] } },
    DEQUANTIZE: { code: 6, options: { union: 38, fields: [] } },
    FULLY_CONNECTED: {
      code: 9,
      options: {
        union: 8,
        fields: [
          activation,
          enumeration('weights_format', 'WeightsFormat'),
          bool('keep_num_dims'),
          bool('asymmetric_quantize_inputs'),
          biasType,
        ],
      },
    },
    L2_NORMALIZATION: { code: 11, options: { union: 12, fields: [activation] } },
    LOGISTIC: { code: 14 },
    MAX_POOL_2D: { code: 17, options: POOL },
    MUL: { code: 18, options: { union: 21, fields: [activation] } },
    RELU: { code: 19 },
    RELU_N1_TO_1: { code: 20 },
    RELU6: { code: 21 },
    RESHAPE: { code: 22, options: { union: 17, fields: [ints('new_shape')] } },
    RESIZE_BILINEAR: {
      code: 23,
      options: {
        union: 15,
        fields: [int('new_height'), int('new_width'), bool('align_corners'), bool('half_pixel_centers')],
      },
    },
    SOFTMAX: { code: 25, options: { union: 9, fields: [float('beta')] } },
    SVDF: {
      code: 27,
      options: { union: 6, fields: [int('rank'), activation, bool('asymmetric_quantize_inputs')] },
    },
    TANH: { code: 28 },
    PAD: { code: 34, options: { union: 22, fields: [] } },
    GATHER: { code: 36, options: { union: 23, fields: [int('axis'), int('batch_dims')] } },
    TRANSPOSE: { code: 39, options: { union: 26, fields: [] } },
    MEAN: { code: 40, options: REDUCER },
    SUB: { code: 41, options: { union: 28, fields: [activation, bool('pot_scale_int16', true)] } },
    SQUEEZE: { code: 43, options: { union: 30, fields: [ints('squeeze_dims')] } },
    STRIDED_SLICE: {
      code: 45,
      options: {
        union: 32,
        fields: [
          int('begin_mask'),
          int('end_mask'),
          int('ellipsis_mask'),
          int('new_axis_mask'),
          int('shrink_axis_mask'),
          bool('offset'),
        ],
      },
    },
    SPLIT: { code: 49, options: { union: 35, fields: [int('num_splits')] } },
    PRELU: { code: 54 },
    MAXIMUM: { code: 55, options: MAXIMUM_MINIMUM },
    ARG_MAX: { code: 56, options: { union: 40, fields: [enumeration('output_type', 'TensorType')] } },
    MINIMUM: { code: 57, options: MAXIMUM_MINIMUM },
    PADV2: { code: 60, options: { union: 43, fields: [] } },
    SLICE: { code: 65, options: { union: 48, fields: [] } },
    TRANSPOSE_CONV: {
      code: 67,
      options: { union: 49, fields: [padding, ...stride, activation, biasType] },
    },
    EXPAND_DIMS: { code: 70, options: { union: 52, fields: [] } },
    SUM: { code: 74, options: REDUCER },
    PACK: { code: 83, options: { union: 59, fields: [int('values_count'), int('axis')] } },
    UNPACK: { code: 88, options: { union: 64, fields: [int('num'), int('axis')] } },
    RESIZE_NEAREST_NEIGHBOR: {
      code: 97,
      options: { union: 74, fields: [bool('align_corners'), bool('half_pixel_centers')] },
    },
    LEAKY_RELU: { code: 98, options: { union: 75, fields: [float('alpha')] } },
    QUANTIZE: { code: 114, options: { union: 89, fields: [] } },
    HARD_SWISH: { code: 117, options: { union: 91, fields: [] } },
    DENSIFY: { code: 124, options: { union: 99, fields: [] } },
    BATCH_MATMUL: {
      code: 126,
      options: { union: 101, fields: [bool('adj_x'), bool('adj_y'), bool('asymmetric_quantize_inputs')] },
    },
    GELU: { code: 150, options: { union: 116, fields: [bool('approximate')] } },
  };

/** Names of operators that Bitloom does not import, so that messages can name them. */
const OTHERS: Readonly<Record<string, number>> = {
  EMBEDDING_LOOKUP: 7,
  FLOOR: 8,
  HASHTABLE_LOOKUP: 10,
  L2_POOL_2D: 12,
  LOCAL_RESPONSE_NORMALIZATION: 13,
  LSH_PROJECTION: 15,
  LSTM: 16,
  RNN: 24,
  SPACE_TO_DEPTH: 26,
  CONCAT_EMBEDDINGS: 29,
  SKIP_GRAM: 30,
  CALL: 31,
  CUSTOM: 32,
  EMBEDDING_LOOKUP_SPARSE: 33,
  UNIDIRECTIONAL_SEQUENCE_RNN: 35,
  BATCH_TO_SPACE_ND: 37,
  SPACE_TO_BATCH_ND: 38,
  DIV: 42,
  UNIDIRECTIONAL_SEQUENCE_LSTM: 44,
  BIDIRECTIONAL_SEQUENCE_RNN: 46,
  EXP: 47,
  TOPK_V2: 48,
  LOG_SOFTMAX: 50,
  DELEGATE: 51,
  BIDIRECTIONAL_SEQUENCE_LSTM: 52,
  CAST: 53,
  LESS: 58,
  NEG: 59,
  GREATER: 61,
  GREATER_EQUAL: 62,
  LESS_EQUAL: 63,
  SELECT: 64,
  SIN: 66,
  SPARSE_TO_DENSE: 68,
  TILE: 69,
  EQUAL: 71,
  NOT_EQUAL: 72,
  LOG: 73,
  SQRT: 75,
  RSQRT: 76,
  SHAPE: 77,
  POW: 78,
  ARG_MIN: 79,
  FAKE_QUANT: 80,
  REDUCE_PROD: 81,
  REDUCE_MAX: 82,
  LOGICAL_OR: 84,
  ONE_HOT: 85,
  LOGICAL_AND: 86,
  LOGICAL_NOT: 87,
  REDUCE_MIN: 89,
  FLOOR_DIV: 90,
  REDUCE_ANY: 91,
  SQUARE: 92,
  ZEROS_LIKE: 93,
  FILL: 94,
  FLOOR_MOD: 95,
  RANGE: 96,
  SQUARED_DIFFERENCE: 99,
  MIRROR_PAD: 100,
  ABS: 101,
  SPLIT_V: 102,
  UNIQUE: 103,
  CEIL: 104,
  REVERSE_V2: 105,
  ADD_N: 106,
  GATHER_ND: 107,
  COS: 108,
  WHERE: 109,
  RANK: 110,
  ELU: 111,
  REVERSE_SEQUENCE: 112,
  MATRIX_DIAG: 113,
  MATRIX_SET_DIAG: 115,
  ROUND: 116,
  IF: 118,
  WHILE: 119,
  NON_MAX_SUPPRESSION_V4: 120,
  NON_MAX_SUPPRESSION_V5: 121,
  SCATTER_ND: 122,
  SELECT_V2: 123,
  SEGMENT_SUM: 125,
  CUMSUM: 128,
  CALL_ONCE: 129,
  BROADCAST_TO: 130,
  RFFT2D: 131,
  CONV_3D: 132,
  IMAG: 133,
  REAL: 134,
  COMPLEX_ABS: 135,
  HASHTABLE: 136,
  HASHTABLE_FIND: 137,
  HASHTABLE_IMPORT: 138,
  HASHTABLE_SIZE: 139,
  REDUCE_ALL: 140,
  CONV_3D_TRANSPOSE: 141,
  VAR_HANDLE: 142,
  READ_VARIABLE: 143,
  ASSIGN_VARIABLE: 144,
  BROADCAST_ARGS: 145,
  RANDOM_STANDARD_NORMAL: 146,
  BUCKETIZE: 147,
  RANDOM_UNIFORM: 148,
  MULTINOMIAL: 149,
  DYNAMIC_UPDATE_SLICE: 151,
  RELU_0_TO_1: 152,
  UNSORTED_SEGMENT_PROD: 153,
  UNSORTED_SEGMENT_MAX: 154,
  UNSORTED_SEGMENT_SUM: 155,
  ATAN2: 156,
  UNSORTED_SEGMENT_MIN: 157,
  SIGN: 158,
  BITCAST: 159,
  BITWISE_XOR: 160,
  RIGHT_SHIFT: 161,
  DILATE: 203,
  REDUCE_WINDOW: 205,
};

const CODES = new Map<string, number>([
  ...Object.entries(OPERATORS).map(([name, { code }]) => [name, code] as const),
  ...Object.entries(OTHERS),
]);

const NAMES = new Map([...CODES].map(([name, code]) => [code, name] as const));

/** The schema's name of a BuiltinOperator, or `operator <code>` for numbers newer than this table. */
export function operatorName(code: number): string {
  return NAMES.get(code) ?? `operator ${code}`;
}

/** The BuiltinOperator of that name in the schema. */
export function operatorCode(name: string): number | undefined {
  return CODES.get(name);
}
