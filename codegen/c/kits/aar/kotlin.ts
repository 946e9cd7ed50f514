/** The class by which apps call the model. */

import type { ElementType } from '../../../../src/graph/tensor.js';
import { floatLiteral } from '../../weights.js';
import type { JvmModel, JvmPort } from './ports.js';

/** Of `java.nio`, what holds elements, or words of packed ones. */
const BUFFER: Readonly<Record<ElementType, string>> = {
  int8: 'ByteBuffer',
  uint8: 'ByteBuffer',
  bool: 'ByteBuffer',
  int16: 'ShortBuffer',
  int32: 'IntBuffer',
  int64: 'LongBuffer',
  float32: 'FloatBuffer',
  uint4: 'IntBuffer',
  uint2: 'IntBuffer',
  binary: 'IntBuffer',
};

/** Types whose codes Kotlin makes of real numbers: their own type there, and their range. */
const CODES: Readonly<Partial<Record<ElementType, readonly [type: string, low: number, high: number]>>> = {
  int8: ['Byte', -128, 127],
  uint8: ['Byte', 0, 255],
  int16: ['Short', -32768, 32767],
};

export function kotlinClass(model: JvmModel): string {
  const { prefix, package: name, className, nativeName, inputs, outputs, fedInput, hasStates } = model;
  const ports = [...inputs, ...outputs];
  const named = [...(fedInput ? [fedInput] : []), ...ports];
  const imports = [...new Set(['ByteBuffer', 'ByteOrder', ...ports.map(({ type }) => BUFFER[type])])].sort();
  return `package ${name}

${imports.map((one) => `import java.nio.${one}\n`).join('')}
/** The neural network '${prefix}'. An instance has memory of its own, and is for one thread at a time. */
class ${className} {
    private val arena: ByteBuffer = ByteBuffer.allocateDirect(${nativeName}.arenaBytes())
${hasStates ? `\n    init {\n        ${nativeName}.reset(arena)\n    }\n` : ''}
${ports.map((port) => property(model, port)).join('\n')}
${[running(model), ...(hasStates ? [resetting(model)] : []), ...bytesToBytes(model)].join('\n')}
    private fun part(offset: Int, bytes: Int): ByteBuffer {
        val view = arena.duplicate()
        view.position(offset)
        view.limit(offset + bytes)
        return view.slice().order(ByteOrder.nativeOrder())
    }

    companion object {
${[...rowConstants(model), ...named.flatMap(constants)].map((line) => `        ${line}\n`).join('')}${named
  .map(conversion)
  .join('')}    }
}
`;
}

function property({ nativeName, inputs, outputs, fed }: JvmModel, port: JvmPort): string {
  const { role, type, bytes, description } = port;
  const index = (role === 'input' ? inputs : outputs).indexOf(port);
  const view = BUFFER[type] === 'ByteBuffer' ? '' : `.as${BUFFER[type]}()`;
  const rule =
    role === 'input'
      ? 'Its memory is reused: write it anew before each run.'
      : `Valid until ${fed ? 'the next row is taken' : 'an input is written'}.`;
  return `    /** ${description}, ${bytes} bytes. ${rule} */
    val ${port.property}: ${BUFFER[type]} = part(${nativeName}.${role}Offset(arena, ${index}), ${port.constant}_BYTES)${view}
`;
}

function running({ nativeName, fed }: JvmModel): string {
  if (!fed)
    return `    /** Runs the model on what the inputs hold. */
    fun run() {
        ${nativeName}.run(arena)
    }
`;
  const [what, result] = fed.stream
    ? ['frames of the stream', 'how many new outputs that made, of which the last one can be read']
    : ['rows of the image', '1 when it is complete and the output ready, else 0'];
  return `    /**
     * Takes the next [count] ${what} from a direct buffer, from its position on.
     * Returns ${result}.
     */
    fun push(rows: ByteBuffer, count: Int): Int {
        require(rows.isDirect && count >= 0 && rows.remaining() / ROW_BYTES >= count)
        return ${nativeName}.push(arena, rows.slice(), count)
    }
`;
}

function resetting({ nativeName }: JvmModel): string {
  return `    /** Forgets what came before. A new instance has nothing to forget. */
    fun reset() {
        ${nativeName}.reset(arena)
    }
`;
}

/** The short way, where one input and one output hold bytes. */
function bytesToBytes({ inputs, outputs }: JvmModel): readonly string[] {
  const isBytes = (ports: readonly JvmPort[]) =>
    ports.length === 1 && BUFFER[ports[0]!.type] === 'ByteBuffer';
  if (!isBytes(inputs) || !isBytes(outputs)) return [];
  return [
    `    /** Runs the model on the codes of an input; returns those of the output. */
    fun run(codes: ByteArray): ByteArray {
        require(codes.size == INPUT_BYTES)
        input.clear()
        input.put(codes)
        run()
        return ByteArray(OUTPUT_BYTES).also {
            output.clear()
            output.get(it)
        }
    }
`,
  ];
}

function rowConstants({ fed, rowBytes }: JvmModel): readonly string[] {
  return fed ? [`const val ROW_BYTES = ${rowBytes}`] : [];
}

function constants({ constant, bytes, scale, zeroPoint }: JvmPort): readonly string[] {
  const size = `const val ${constant}_BYTES = ${bytes}`;
  return scale === undefined
    ? [size]
    : [
        size,
        `const val ${constant}_SCALE = ${floatLiteral(scale)}`,
        `const val ${constant}_ZERO_POINT = ${zeroPoint}`,
      ];
}

/** Code of a real number for inputs, real number of a code for outputs. */
function conversion({ role, property: name, constant, type, scale }: JvmPort): string {
  const codes = CODES[type];
  if (scale === undefined || !codes) return '';
  const [code, low, high] = codes;
  const function_ = `${role === 'input' ? 'quantize' : 'dequantize'}${name[0]!.toUpperCase()}${name.slice(1)}`;
  if (role === 'output') {
    const whole = type === 'uint8' ? '(code.toInt() and 255)' : 'code';
    return `
        /** The real number of a code. */
        fun ${function_}(code: ${code}): Float = ${constant}_SCALE * (${whole} - ${constant}_ZERO_POINT)
`;
  }
  return `
        /** The nearest code of a real number. */
        fun ${function_}(real: Float): ${code} =
            (Math.round(real / ${constant}_SCALE) + ${constant}_ZERO_POINT).coerceIn(${low}, ${high}).to${code}()
`;
}
