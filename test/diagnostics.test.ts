import assert from 'node:assert/strict';
import { join } from 'node:path';
import { parseBoard } from '../boards/index.js';
import type { TfliteModel } from '../src/export/tflite/model.js';
import { writeTflite } from '../src/export/tflite/writer.js';
import { BitloomError, DIAGNOSTICS, type DiagnosticCode } from '../src/graph/diagnostics.js';
import { plain } from '../src/graph/tensor.js';
import { build, load, plan, toTflite } from '../src/index.js';
import { PACKAGE_ROOT } from '../src/package/root.js';
import type { Plan } from '../src/plan/plan.js';
import { loadCalibration } from '../src/quantize/data/load.js';
import { noiseCalibration } from '../src/quantize/data/noise.js';
import { parsePreprocess } from '../src/quantize/data/preprocess.js';
import { findTool } from '../src/verify/tools.js';
import { addModel, bitloom, hostTools, Workspace } from './support/cli.js';
import { ALL_BYTES, Sketch } from './support/sketch.js';
import { activation, ints, singleOperator, weights } from './support/tflite.js';

/** What provokes a diagnostic, with what its message must say: where it is, and the way out. */
interface Provocation {
  readonly code: DiagnosticCode;
  readonly title: string;
  readonly words: RegExp;
  /** Programs of this machine without which it cannot be provoked. */
  readonly needs?: readonly string[];
  /** The command line after `bitloom`. Files are relative to the workspace. */
  readonly command?: (workspace: Workspace) => readonly string[];
  /** The only programs on PATH: see `Workspace.withTools`. */
  readonly tools?: Readonly<Record<string, string | null>>;
  /** For what no command line leads to: a call of the library. */
  readonly call?: () => unknown;
}

/** A command on a model file. */
const on =
  (model: TfliteModel | Uint8Array | string, ...command: readonly string[]) =>
  (workspace: Workspace) => {
    const bytes = typeof model === 'string' || model instanceof Uint8Array ? model : writeTflite(model);
    return [...command, workspace.file('model.tflite', bytes)];
  };

const relu = (input = {}, output = {}) =>
  singleOperator('RELU', [activation([4], input)], [activation([4], output)]);

/** A dense layer whose bias alone nearly fills the accumulator. */
const overflowing = singleOperator(
  'FULLY_CONNECTED',
  [
    activation([1, 2]),
    weights([3, 2]),
    { shape: [3], type: 'INT32', scale: 0.125, zeroPoint: 0, data: Int32Array.of(0, 2 ** 31 - 1, 0) },
  ],
  [activation([1, 3])],
);

/** An image times the mean of its rows. */
const gate = (() => {
  const sketch = new Sketch();
  const image = sketch.input('frames', [1, 8, 1, 4]);
  const mean = sketch.node('MEAN', { axes: [1, 2] }, [image], ['mean', [1, 1, 1, 4]]);
  return sketch.graph(sketch.node('MUL', { clamp: ALL_BYTES }, [image, mean], ['gated', [1, 8, 1, 4]]));
})();

/** A float network that takes photos. */
const viewer = (() => {
  const sketch = new Sketch();
  return sketch.graph(sketch.input('image', [1, 8, 8, 3], plain('float32')));
})();

/** A project whose image is built by nothing. */
function badge(workspace: Workspace, board = 'nucleo-f446re'): string {
  workspace.file('badge/Makefile', `MODEL = badge\nBOARD = ${board}\nall:\n`);
  return workspace.path('badge');
}

const added = () => load(writeTflite(addModel()), 'add.tflite');

const PROVOCATIONS: readonly Provocation[] = [
  {
    code: 'BL101',
    title: 'a text file as a model',
    command: on('not a model', 'inspect'),
    words:
      /'.*model\.tflite' is not in a format that Bitloom reads\. Pass a quantized .*\(\.tflite\) or .*\(\.onnx\)$/,
  },
  {
    code: 'BL102',
    title: 'a truncated model',
    command: on(writeTflite(addModel()).subarray(0, 200), 'inspect'),
    words: /'model' ends at byte 200 but refers to bytes \d+ to \d+\. Fetch or convert the model again/,
  },
  {
    code: 'BL103',
    title: 'an operator that Bitloom does not have',
    command: on(singleOperator('ROUND', [activation([4])], [activation([4])]), 'inspect'),
    words: /'model' uses ROUND \(once, first as #0 'out0'\)\. Rewrite these layers/,
  },
  {
    code: 'BL104',
    title: 'axes that another operator computes',
    command: on(
      singleOperator('MEAN', [activation([4]), { shape: [1], type: 'INT32' }], [activation([])]),
      'inspect',
    ),
    words: /MEAN #0 \('out0'\) takes its axes from another operator\. Make axes a constant/,
  },
  {
    code: 'BL105',
    title: 'a layer from float to codes',
    command: on(relu({ type: 'FLOAT32' }), 'inspect'),
    words: /RELU #0 \('out0'\): 'out0' is int8, not float32\. Quantize the model/,
  },
  {
    code: 'BL106',
    title: 'a tensor of 4 GB',
    command: on(relu({ shape: [65536, 65536] }), 'inspect'),
    words: /tensor 'in0' of shape \[65536,65536\] takes more than .*\. \w+/,
  },
  {
    code: 'BL107',
    title: 'a negative scale',
    command: on(relu({ scale: -1 }), 'inspect'),
    words: /tensor 'in0' has the scale -1.*\. Quantize the model/,
  },
  {
    code: 'BL108',
    title: 'codes of uint8 from a model of int8',
    command: on(relu(), 'plan', '--input-type', 'uint8'),
    words: /the input 'in0' is int8 and has no codes of uint8 .*\. Take it as it is/,
  },
  {
    code: 'BL109',
    title: 'a table as TFLite, which has none',
    call: () => {
      const sketch = new Sketch();
      const table = Int8Array.from({ length: 256 }, (_, i) => 127 - i);
      const y = sketch.node('TABLE', { table }, [sketch.input('x', [4])], ['turned', [4]]);
      return toTflite(sketch.graph(y));
    },
    words: /TABLE #0 \('turned'\) looks its codes up .*\. Write the graph as it was before passes$/,
  },
  {
    code: 'BL201',
    title: 'a graph made by hand whose node reads what nobody has written',
    call: () => {
      const model = added();
      return plan({ ...model, graph: { ...model.graph, inputs: [] } }, 'pico');
    },
    words: /'add': ADD #0 \('out0'\): 'in0' is read before it is written\. .*report it with the model$/,
  },
  {
    code: 'BL202',
    title: 'a bias that fills the accumulator',
    command: on(overflowing, 'plan'),
    words:
      /FULLY_CONNECTED #0 \('out0'\): the accumulator of output channel 1 can reach \d+.* 32 bits\. Quantize the model again/,
  },
  {
    code: 'BL301',
    title: 'an operator in a format that no kernel computes',
    command: on(
      singleOperator(
        'RESIZE_BILINEAR',
        [activation([1, 2, 2, 1], { type: 'INT16' }), ints([4, 4])],
        [activation([1, 4, 4, 1], { type: 'INT16' })],
      ),
      'plan',
    ),
    words:
      /RESIZE_BILINEAR #0 \('out0'\) as RESIZE_BILINEAR of int16\[1x2x2x1\] to int16\[1x4x4x1\] .*\. Quantize the model/,
  },
  {
    code: 'BL302',
    title: 'a network that needs more RAM than the board has',
    needs: ['make', 'arm-none-eabi-gcc', 'qemu-system-arm'],
    command: on(addModel([1, 256, 256, 1]), 'verify', '-n', '1', '-b', 'nucleo-f446re'),
    words: /the linked image is \d+ bytes too large for the RAM of nucleo-f446re\. bitloom plan says/,
  },
  {
    code: 'BL303',
    title: 'a board that there is not',
    command: on(addModel(), 'plan', '-b', 'nucleo-f446'),
    words: /no board 'nucleo-f446'\. Did you mean nucleo-f446re\? The boards are /,
  },
  {
    code: 'BL304',
    title: 'a kernel that does not compute the layer',
    command: on(addModel(), 'plan', '-b', 'pico', '--kernel', 'add_0=softmax_s8'),
    words: /'softmax_s8' does not compute add_0 on this board\. Its kernels are add_s8/,
  },
  {
    code: 'BL305',
    title: 'rows of a model of two inputs',
    command: on(addModel(), 'plan', '-b', 'pico', '--feed', 'rows'),
    words: /it has 2 inputs\. Build it without --feed/,
  },
  {
    code: 'BL306',
    title: 'frames of a model that joins sums over all of them with each',
    call: () => plan({ name: 'gate', hash: '', source: gate, graph: gate }, 'pico', { feed: 'frames' }),
    words: /MUL #1 \('gated'\) mixes frames\. Let it come behind a layer that makes one row of all frames/,
  },
  {
    code: 'BL307',
    title: 'a folder with a profile that says nothing',
    call: () => parseBoard('./badge', '{}'),
    words: /badge\/board\.json: id: .*title: /,
  },
  {
    code: 'BL308',
    title: 'a kit that there is not',
    command: on(addModel(), 'build', '--board', 'pico', '--kit', 'parcel'),
    words: /no kit 'parcel'\. Kits for pico: bare/,
  },
  {
    code: 'BL309',
    title: 'a network that is not quantized',
    command: on(relu({ type: 'FLOAT32' }, { type: 'FLOAT32' }), 'build', '-b', 'pico', '-o', 'out'),
    words:
      /RELU #0 \('out0'\) computes with float32\. Quantize the network first: bitloom quantize MODEL --calibrate/,
  },
  {
    code: 'BL401',
    title: 'a C compiler that refuses everything',
    needs: ['make'],
    command: on(addModel(), 'verify', '-b', 'host'),
    tools: { make: null, mkdir: null, cc: 'echo "add.c:7:1: error: no, thanks" >&2; exit 1' },
    words: /: add\.c:7:1: error: no, thanks\. 'bitloom doctor' says which compiler/,
  },
  {
    code: 'BL402',
    title: 'a plan that names a kernel that there is not',
    call: () => {
      const planned = plan(added(), 'web');
      const rename = <T extends { readonly call: Plan['steps'][number]['call'] }>(item: T): T => ({
        ...item,
        call: { ...item.call, kernel: 'abracadabra' },
      });
      return build(added(), {
        ...planned,
        steps: planned.steps.map(rename),
        functions: planned.functions.map(rename),
      });
    },
    words: /'abracadabra'.* in \S+\.ts\(\d+,\d+\)\. Please report it/,
  },
  {
    code: 'BL403',
    title: 'an output folder that is a file',
    command: (workspace) =>
      on(addModel(), 'build', '-b', 'host', '-o', workspace.file('taken', 'mine'))(workspace),
    words: /'.*taken' is a file where a folder must be\. Choose another folder with -o/,
  },
  {
    code: 'BL501',
    title: 'a machine without a C compiler',
    command: on(addModel(), 'verify', '-b', 'nucleo-f446re'),
    tools: {},
    words:
      /arm-none-eabi-gcc and make and qemu-system-arm not found on PATH\. Install: .*apt install gcc-arm-none-eabi/,
  },
  {
    code: 'BL502',
    title: 'a self-test that dies',
    needs: ['make'],
    command: on(addModel(), 'verify', '-b', 'host'),
    tools: hostTools('kill -9 $$'),
    words: /the self-test of 'model' did not finish in the host's C compiler at -O0: .*\. Please report it/,
  },
  {
    code: 'BL503',
    title: 'an input of another size',
    command: (workspace) => {
      const input = workspace.file('seven.bin', new Uint8Array(7));
      return on(relu(), 'verify', '--input', input)(workspace);
    },
    words: /'.*seven\.bin' for input 'in0': it has 7 bytes\. The input is int8\[4\]$/,
  },
  {
    code: 'BL504',
    title: 'a board that is not connected',
    needs: ['make'],
    command: (workspace) => ['flash', badge(workspace), '--tool', 'openocd'],
    tools: { make: null, 'arm-none-eabi-gcc': '', openocd: 'echo "Error: open failed" >&2; exit 1' },
    words: /openocd: Error: open failed\. Connect the board, .*: openocd -f board\/st_nucleo_f4\.cfg /,
  },
  {
    code: 'BL505',
    title: 'a board that says nothing to the end',
    needs: ['make'],
    command: (workspace) => ['flash', badge(workspace), '--tool', 'openocd', '--verify'],
    tools: { make: null, 'arm-none-eabi-gcc': '', openocd: 'echo selftest badge runs=1 layers=1; echo run' },
    words: /the self-test of 'badge' did not come to its end; the last line is 'run'\. Reset the board/,
  },
  {
    code: 'BL506',
    title: 'a serial port that is not there',
    needs: ['make'],
    command: (workspace) => [
      ...['flash', badge(workspace, 'nrf52840-dk'), '--tool', 'openocd', '--verify'],
      ...['--port', '/dev/ttyNone'],
    ],
    tools: { make: null, 'arm-none-eabi-gcc': '', openocd: '' },
    words: /'\/dev\/ttyNone': there is no such file\. Connect the board, or say which with --port/,
  },
  {
    code: 'BL601',
    title: 'a model that is not there',
    command: () => ['inspect', 'nowhere.tflite'],
    words: /'nowhere\.tflite': there is no such file\. Check the path/,
  },
  {
    code: 'BL601',
    title: 'an input that is not there',
    command: on(relu(), 'verify', '--input', 'nowhere.bin'),
    words: /'nowhere\.bin': there is no such file\. Check the path/,
  },
  {
    code: 'BL602',
    title: 'no inferences at all',
    command: on(addModel(), 'verify', '--count', '0'),
    words: /--count got '0'\. Give a whole number/,
  },
  {
    code: 'BL603',
    title: 'an input of an unknown kind',
    command: (workspace) => on(relu(), 'verify', '--input', workspace.file('x.jpg', ''))(workspace),
    words: /'.*x\.jpg' has no known extension\. Give \.npy, \.bin, \.png or \.wav$/,
  },
  {
    code: 'BL604',
    title: 'formats of another model',
    command: (workspace) =>
      on(relu(), 'plan', '--formats', workspace.file('other.json', '{"model":"0","maps":{}}'))(workspace),
    words:
      /'.*other\.json' is for the model of SHA-256 0\.\.\., not \w{12}\.\.\.\. Give the model that it was made for/,
  },
  {
    code: 'BL605',
    title: 'a folder that is no project',
    command: (workspace) => {
      workspace.file('empty/x', '');
      return ['flash', workspace.path('empty')];
    },
    words: /no project to flash in '.*empty': it has no Makefile\. Give a folder that 'bitloom build' wrote/,
  },
  {
    code: 'BL610',
    title: 'noise for images of an unknown range',
    call: () => noiseCalibration(viewer, {}, { count: 1, seed: 0 }),
    words:
      /noise for input 'image' needs the real values of pixels 0 and 255\. Declare them, e\.g\. --pixels 0\.\.1/,
  },
  {
    code: 'BL611',
    title: 'a deviation without a mean',
    call: () => parsePreprocess('{"image":{"std":1}}', "'net.json'"),
    words: /'net\.json': image: either pixels, or mean, std and white .*docs\/quantize\.md/,
  },
  {
    code: 'BL612',
    title: 'files beside folders',
    call: () => loadCalibration(viewer, join(PACKAGE_ROOT, 'docs'), {}),
    words: /docs' has files beside folders, .*\. Put all files into folders by their class/,
  },
];

describe('every diagnostic', () => {
  const workspace = new Workspace();
  after(() => workspace.remove());

  it('has a provocation here', () => {
    assert.deepEqual([...new Set(PROVOCATIONS.map(({ code }) => code))], Object.keys(DIAGNOSTICS));
  });

  for (const provocation of PROVOCATIONS) {
    const { code, title, words, needs = [], call } = provocation;
    it(`${code} ${DIAGNOSTICS[code]}: ${title}`, async function () {
      const missing = needs.filter((tool) => findTool(tool) === null);
      if (missing.length > 0) {
        console.log(`      skipped: needs ${missing.join(', ')}`);
        this.skip();
      }
      const message = await (call ? thrown(call) : printed(provocation, workspace));
      assert.ok(message.startsWith(`${code} ${DIAGNOSTICS[code]}: `), message);
      assert.match(message, words);
    });
  }
});

/** The message of a command: one line on stderr and nothing else, so no stack trace either. */
async function printed({ code, command, tools }: Provocation, workspace: Workspace): Promise<string> {
  const args = command!(workspace);
  const work = () => bitloom(...args);
  const { exitCode, stdout, stderr } = await (tools ? workspace.withTools(tools, work) : work());
  const [, message] = /^error (.*)\n$/.exec(stderr) ?? [];
  assert.ok(message, stderr);
  assert.deepEqual({ exitCode, stdout }, { exitCode: code.startsWith('BL6') ? 2 : 1, stdout: '' });
  return message;
}

async function thrown(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    assert.ok(error instanceof BitloomError, String(error));
    return error.message;
  }
  return assert.fail('nothing was thrown');
}
