/** The React Native kit without React Native: types, C++ and CMake with stubs of what they use of it. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import ts from 'typescript';
import { emitC } from '../../../codegen/c/index.js';
import { emitKit, kitFor } from '../../../codegen/c/kits/index.js';
import type { Graph } from '../../../src/graph/graph.js';
import { plan as planOf } from '../../../src/index.js';
import { fedGraph } from '../../../src/plan/stages/feed.js';
import { selfTestOf, testVector } from '../../../src/verify/index.js';
import { findTool } from '../../../src/verify/tools.js';
import { Folders, text } from '../../support/artifacts.js';
import { buildModules, bundledSelfTest, callModule, runOf, TYPES } from '../../support/kits/react-native.js';
import { ALL_BYTES, Sketch } from '../../support/sketch.js';
import { manyPorts, twoLayers } from '../../support/small-models.js';

/** Layers through whose rows an image can come. */
function image(): Graph {
  const sketch = new Sketch();
  const input = sketch.input('image', [1, 8, 6, 2]);
  const pool = (from: number, shape: readonly number[]) =>
    sketch.node(
      'MAX_POOL_2D',
      {
        filter: { height: 2, width: 1 },
        stride: { height: 1, width: 1 },
        padding: { top: 0, bottom: 0, left: 0, right: 0 },
        clamp: ALL_BYTES,
      },
      [from],
      ['rows', shape],
    );
  return sketch.graph(pool(pool(input, [1, 7, 6, 2]), [1, 6, 6, 2]));
}

function kit(
  name: string,
  graph: Graph,
  { board = 'host', feed }: { board?: string; feed?: 'rows' | 'frames' } = {},
) {
  const plan = planOf({ name, hash: '0'.repeat(64), source: graph, graph }, board, feed ? { feed } : {});
  const source = feed ? fedGraph(graph, feed).graph : graph;
  const selfTest = selfTestOf(
    source,
    plan,
    [0, 1, 2].map((run) => testVector(source, run)),
  );
  return { name, selfTest, files: emitKit(kitFor(plan.board, 'react-native'), plan, emitC(plan), selfTest) };
}

const KITS = [
  kit('two', twoLayers(), { board: 'android-x86_64' }),
  kit('ports', manyPorts()),
  kit('image_rows', image(), { feed: 'rows' }),
  kit('image_frames', image(), { feed: 'frames' }),
];
const programOf = (name: string) =>
  `Native${name.replaceAll(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase())}`;

describe('the React Native package', () => {
  const folders = new Folders();
  let kitFolders: readonly string[];
  before(() => {
    kitFolders = KITS.map(({ files }) => folders.write(files));
  });
  after(() => folders.remove());

  it('has TypeScript that the compiler takes, strictly', () => {
    const options: ts.CompilerOptions = {
      strict: true,
      noEmit: true,
      lib: ['lib.es2022.d.ts'],
      skipLibCheck: true,
      target: ts.ScriptTarget.ESNext,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      jsx: ts.JsxEmit.ReactJSX,
      types: [],
      paths: {
        react: [`${TYPES}/react/index.d.ts`],
        'react/jsx-runtime': [`${TYPES}/react/jsx-runtime.d.ts`],
        'react-native': [`${TYPES}/react-native/index.d.ts`],
        ...Object.fromEntries(
          KITS.flatMap(({ files }, i) => {
            const { name, main } = JSON.parse(text(files, 'package.json'));
            return [
              [name, [join(kitFolders[i]!, main)]],
              [`${name}/*`, [`${kitFolders[i]}/*`]],
            ];
          }),
        ),
      },
    };
    const roots = kitFolders.flatMap((folder) => [`${folder}/src/selftest.ts`, `${folder}/example/App.tsx`]);
    const said = ts.getPreEmitDiagnostics(ts.createProgram(roots, options));
    assert.equal(
      ts.formatDiagnostics(said, {
        getCanonicalFileName: (name) => name,
        getCurrentDirectory: () => '',
        getNewLine: () => '\n',
      }),
      '',
    );
  });

  it('names in package.json and react-native.config.js what there is', () => {
    for (const { files, name } of KITS) {
      const { codegenConfig, main, name: packageName } = JSON.parse(text(files, 'package.json'));
      const module = programOf(name);
      assert.ok(files.has(main));
      assert.ok(files.has(`${codegenConfig.jsSrcsDir}/${module}.ts`));
      assert.match(text(files, `cpp/${module}.h`), new RegExp(`#include <${codegenConfig.name}JSI.h>`));
      assert.match(text(files, 'react-native.config.js'), new RegExp(`cxxModuleHeaderName: '${module}'`));
      assert.match(text(files, 'android/CMakeLists.txt'), new RegExp(`add_library\\(${packageName} `));
      const provider = codegenConfig.ios?.modulesProvider[module];
      assert.equal(provider !== undefined, files.has(`${packageName}.podspec`));
      if (provider)
        assert.match(text(files, `ios/${provider}.mm`), new RegExp(`@implementation ${provider}\n`));
    }
  });

  it('compiles the variants of an ABI with their flags, and for no other ABI', () => {
    const { files } = kit('two', twoLayers(), { board: 'android-arm64-v8a' });
    const cmake = text(files, 'android/CMakeLists.txt');
    assert.match(cmake, /two_dotprod\.c PROPERTIES COMPILE_OPTIONS "-march=armv8\.2-a\+dotprod"/);
    assert.match(cmake, /if\(NOT ANDROID_ABI STREQUAL "arm64-v8a"\)/);
  });

  describe('built with stubs', () => {
    let programs: string;
    before(function () {
      const missing = ['cmake', 'clang', 'clang++'].filter((tool) => findTool(tool) === null);
      if (missing.length > 0) {
        console.log(`      skipped: needs ${missing.join(', ')}`);
        this.skip();
      }
      programs = buildModules(kitFolders, folders.write());
    });

    for (const { name, selfTest } of KITS)
      it(`gives the bytes of the oracle: ${name}`, () => {
        const said = callModule(
          join(programs, programOf(name)),
          selfTest.map(({ inputs }) => inputs),
        );
        const wanted = selfTest.map(({ outputs }) => outputs.map((bytes) => Buffer.from(bytes)));
        assert.deepEqual(said, wanted);
      });

    it('has nothing to return while no output of a stream is due', () => {
      const { selfTest } = KITS.find(({ name }) => name === 'image_frames')!;
      const [frames] = selfTest[0]!.inputs;
      const program = join(programs, 'NativeImageFrames');
      const [first, second] = callModule(program, [[frames!.subarray(0, 12)], [frames!.subarray(12)]]);
      assert.deepEqual(first, []);
      assert.deepEqual(
        second,
        selfTest[0]!.outputs.map((bytes) => Buffer.from(bytes)),
      );
    });

    it('throws where an input is missing or has another size', () => {
      const said = callModule(join(programs, 'NativeTwo'), [[], [new Uint8Array(7)]]);
      assert.deepEqual(said, ['two: input 0 is missing', 'two: input 0 has 7 bytes, not 6']);
      assert.deepEqual(callModule(join(programs, 'NativeImageFrames'), [[new Uint8Array(13)]]), [
        'image_frames: input 0 has 13 bytes, not a multiple of 12',
      ]);
    });

    it('finds itself equal, and not when a byte differs', async () => {
      let change = 0;
      const runModule = runOf(join(programs, 'NativeTwo'));
      const run = (buffers: readonly ArrayBuffer[]) =>
        runModule(buffers).map(
          (bytes) => Uint8Array.from(new Uint8Array(bytes), (byte) => byte ^ change).buffer,
        );
      const selfTest = await bundledSelfTest(kitFolders[0]!, 'NativeTwo', run, folders.write());
      assert.equal(selfTest(), true);
      change = 1;
      assert.equal(selfTest(), false);
    });
  });
});
