/** The Android kit without Android: compiled for its ABIs without NDK, run as its x86-64 twin on this machine's JVM. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadBoard } from '../../../boards/index.js';
import { emitC } from '../../../codegen/c/index.js';
import { jvmModel } from '../../../codegen/c/kits/aar/ports.js';
import { emitKit, kitFor } from '../../../codegen/c/kits/index.js';
import { load } from '../../../src/index.js';
import { planModel } from '../../../src/plan/index.js';
import { selfTestOf, testVector } from '../../../src/verify/index.js';
import { findTool } from '../../../src/verify/tools.js';
import { Folders, planFor, run, text } from '../../support/artifacts.js';
import { DIGITS } from '../../support/cli.js';
import { jniFolder, twinOf } from '../../support/kits/jvm.js';
import { SDK } from '../../support/kits/machine.js';
import { twoLayers } from '../../support/small-models.js';

const ABIS = ['arm64-v8a', 'armeabi-v7a', 'x86_64'] as const;
const ANDROID = join(SDK, 'android');
const PAGE_BYTES = 0x4000;

function kitOf(abi: (typeof ABIS)[number]) {
  const graph = twoLayers();
  const plan = planFor(graph, `android-${abi}`, 'two');
  const vectors = [0, 1].map((run) => testVector(graph, run));
  const selfTest = selfTestOf(graph, plan, vectors);
  return { plan, selfTest, files: emitKit(kitFor(plan.board, 'aar'), plan, emitC(plan), selfTest) };
}

/** Skips where a program or jni.h is missing; the folder of jni.h. */
function needs(context: Mocha.Context, ...tools: readonly string[]): string {
  const jni = jniFolder();
  const missing = [...tools.filter((tool) => findTool(tool) === null), ...(jni ? [] : ['a JDK with jni.h'])];
  if (jni && missing.length === 0) return jni;
  console.log(`      skipped: needs ${missing.join(', ')}`);
  return context.skip();
}

describe('the Android library module', () => {
  const folders = new Folders();
  after(() => folders.remove());

  describe('of several ABIs', () => {
    const kits = ABIS.map((abi) => kitOf(abi).files);

    it('has equal files in src where two ABIs have the same, so that one can be copied over the other', () => {
      for (const kit of kits)
        for (const other of kits)
          for (const path of kit.keys())
            if (path.startsWith('src/') && other.has(path))
              assert.equal(text(kit, path), text(other, path), path);
    });

    for (const abi of ABIS)
      it(`is compiled for ${abi} without NDK, aligned to pages of 16 KB, and shows the model's functions only`, function () {
        const jni = needs(this, 'cmake', 'clang', 'ld.lld', 'readelf');
        const folder = folders.write(...kits);
        const toolchain = `-DCMAKE_TOOLCHAIN_FILE=${join(ANDROID, 'clang.cmake')}`;
        run(
          'cmake',
          ['-S', 'src/main/cpp', '-B', 'build', toolchain, `-DANDROID_ABI=${abi}`, `-DJNI=${jni}`],
          folder,
        );
        run('cmake', ['--build', 'build', '-j2'], folder);
        run('cmake', ['--install', 'build', '--prefix', 'out'], folder);
        const prefab = join(folder, 'out/prefab');
        const library = join(prefab, `modules/two/libs/android.${abi}/libtwo.so`);

        const segments = run('readelf', ['-lW', library], folder)
          .toString()
          .match(/^ +LOAD.*$/gm)!;
        assert.ok(segments.length >= 2);
        for (const segment of segments) {
          const alignment = Number(segment.trim().split(/\s+/).at(-1));
          assert.ok(alignment >= PAGE_BYTES && alignment % PAGE_BYTES === 0, segment);
        }

        const symbols = run('readelf', ['--dyn-syms', '-W', library], folder).toString().split('\n').slice(4);
        const named = symbols.map((line) => line.trim().split(/\s+/)).filter(({ length }) => length >= 8);
        const exported = named.filter(([, , , , , , section]) => section !== 'UND').map((parts) => parts[7]!);
        assert.ok(exported.includes('two_run'));
        assert.ok(exported.includes('Java_bitloom_two_1model_TwoNative_run'));
        for (const name of exported) assert.match(name, /^(two_|Java_bitloom_two_1model_TwoNative_)/);

        // The rules of Prefab's second schema.
        const json = (path: string) => JSON.parse(readFileSync(join(prefab, path), 'utf8'));
        assert.deepEqual(Object.keys(json('prefab.json')), [
          'schema_version',
          'name',
          'version',
          'dependencies',
        ]);
        assert.deepEqual(json('modules/two/module.json'), {
          export_libraries: [],
          android: { library_name: 'libtwo' },
        });
        const said = json(`modules/two/libs/android.${abi}/abi.json`);
        assert.deepEqual(said, { abi, api: 24, ndk: 0, stl: 'none', static: false });
        assert.match(
          readFileSync(join(prefab, 'modules/two/include/two.h'), 'utf8'),
          new RegExp(`"${abi}/two.h"`),
        );
      });
  });

  describe('on this machine, in place of an x86-64 phone', () => {
    const { plan, selfTest, files } = kitOf('x86_64');
    let folder: string;
    let jni: string;

    before(function () {
      if (process.arch !== 'x64' || process.platform !== 'linux') this.skip();
      jni = needs(this, 'cmake', 'cc', 'javac', 'java');
      folder = folders.write(files);
    });

    it('bench.sh builds self-test and benchmark, takes them to the phone, and prints verdict and times', () => {
      const phone = join(folder, 'phone');
      mkdirSync(phone);
      const env = `PATH='${ANDROID}':$PATH ANDROID_NDK_HOME='${join(ANDROID, 'ndk')}' PHONE='${phone}' JNI='${jni}'`;
      const said = run('sh', ['-c', `${env} sh bench.sh 3`], folder).toString();
      assert.match(said, /^run 1 pass .*\ndone pass\ntwo: 3 runs, median [\d.]+ us, fastest [\d.]+ us\n$/m);
    });

    it('its library, called by the JVM, gives the bytes of the oracle', () => {
      const classes = `src/main/java/${jvmModel(plan).package.replaceAll('.', '/')}`;
      writeFileSync(join(folder, classes, 'Twin.java'), twinOf(jvmModel(plan)));
      run('cmake', ['--build', 'build/x86_64', '-j2'], folder);
      run(
        'javac',
        ['-Xlint:all', '-Werror', '-d', 'classes', `${classes}/TwoNative.java`, `${classes}/Twin.java`],
        folder,
      );
      const inputs = Buffer.concat(selfTest.flatMap((one) => one.inputs));
      const jvm = [
        '-Xcheck:jni',
        '-Djava.library.path=build/x86_64',
        '-cp',
        'classes',
        'bitloom.two_model.Twin',
      ];
      const expected = selfTest.map(({ outputs }) => `${Buffer.concat(outputs).toString('hex')}\n`);
      assert.equal(run('java', jvm, folder, inputs).toString(), expected.join(''));
    });
  });

  it('has a Kotlin class with a typed buffer for each input and output, sizes and quantization', () => {
    const kotlin = text(kitOf('x86_64').files, 'src/main/java/bitloom/two_model/TwoModel.kt');
    for (const line of [
      'val input: ByteBuffer = part(TwoNative.inputOffset(arena, 0), INPUT_BYTES)',
      'fun run(codes: ByteArray): ByteArray {',
      'const val INPUT_BYTES = 6',
      'const val OUTPUT_SCALE = 0.00390625f',
      'const val OUTPUT_ZERO_POINT = -128',
      'fun dequantizeOutput(code: Byte): Float = OUTPUT_SCALE * (code - OUTPUT_ZERO_POINT)',
    ])
      assert.ok(kotlin.includes(line), line);
    const depth = (open: string, close: string) => kotlin.split(open).length - kotlin.split(close).length;
    assert.deepEqual([depth('{', '}'), depth('(', ')')], [0, 0]);
  });

  it('takes rows by push where the caller brings the input row by row', () => {
    const { graph, source } = load(readFileSync(DIGITS), DIGITS);
    const plan = planModel(graph, loadBoard('android-x86_64'), {
      prefix: 'fed',
      modelHash: '0'.repeat(64),
      feed: 'rows',
    });
    const selfTest = selfTestOf(source, plan, [testVector(source, 0)]);
    const files = emitKit(kitFor(plan.board, 'aar'), plan, emitC(plan), selfTest);
    const folder = 'src/main/java/bitloom/fed_model';
    assert.match(
      text(files, `${folder}/FedNative.java`),
      /native int push\(ByteBuffer arena, ByteBuffer rows, int count\);/,
    );
    assert.match(text(files, 'src/main/cpp/fed_jni.c'), /return fed_push_rows\(arena_in\(env, arena\), /);
    const kotlin = text(files, `${folder}/FedModel.kt`);
    for (const line of [
      'fun push(rows: ByteBuffer, count: Int): Int {',
      'ROW_BYTES = 28',
      'fun quantizeInput(',
    ])
      assert.ok(kotlin.includes(line), line);
    assert.ok(!kotlin.includes('val input'));
  });
});
