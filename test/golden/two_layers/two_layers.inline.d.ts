/** The tensors to write before a run. real value = scale * (code - zeroPoint) */
export declare const inputs: readonly [
  {
    readonly name: 'input';
    readonly type: 'int8';
    readonly shape: readonly [1, 6];
    readonly scale: 0.05000000074505806;
    readonly zeroPoint: -4;
    readonly byteOffset: number;
    readonly length: 6;
  },
];

/** The tensors to read after a run. */
export declare const outputs: readonly [
  {
    readonly name: 'softmax';
    readonly type: 'int8';
    readonly shape: readonly [1, 4];
    readonly scale: 0.00390625;
    readonly zeroPoint: -128;
    readonly byteOffset: number;
    readonly length: 4;
  },
];

/** One instance of the model, with memory of its own. */
export interface Model {
  /** A view of each input. The memory is reused: write every input before each run. */
  readonly inputs: readonly [Int8Array];
  /** The first input. */
  readonly input: Int8Array;
  /** A view of each output. */
  readonly outputs: readonly [Int8Array];
  /** The first output. */
  readonly output: Int8Array;
  /** Runs the model and returns its output: views that are valid until the next write of an input. */
  run(): Int8Array;
  /** Writes real values into an input, rounded and clamped as TensorFlow Lite does. */
  quantize(values: ArrayLike<number>, index?: number): void;
  /** The real values of an output. */
  dequantize(index?: number): Float32Array;
}

/** Whether this engine has WebAssembly SIMD. */
export declare function runsSimd(): boolean;

/** Whether this engine runs the module with relaxed SIMD to the bit. Then `load()` takes that one. */
export declare function runsRelaxed(): boolean;

/** Loads the model from the bytes in this module. Throws where the engine has no SIMD. */
export declare function load(): Promise<Model>;
