/** A library module for Android: C by CMake, JNI, a Kotlin class, Prefab. A kit is of one ABI; its `src` copied over that of another adds it. */
import { readAsset } from '../../../../src/package/root.js';
import { VERSION } from '../../../../src/package/version.js';
import type { Plan } from '../../../../src/plan/plan.js';
import { namesOf } from '../../types.js';
import { variantFile } from '../../variants.js';
import { type Files, type Kit, type KitJob, sourcesOf, within } from '../kit.js';
import { programFolders } from '../programs.js';
import { commandTable, modelText, usageText } from '../readme.js';
import { fill } from '../template.js';
import { jniSource, nativeClass } from './jni.js';
import { kotlinClass } from './kotlin.js';
import { type JvmModel, jvmModel } from './ports.js';

const CPP = 'src/main/cpp';
const BOARD = /^android-(arm64-v8a|armeabi-v7a|x86_64)$/;

export const aar: Kit = {
  id: 'aar',
  title: 'Android library module (AAR): CMake, JNI, Kotlin class, Prefab, benchmark by adb',
  fits: ({ id }) => BOARD.test(id),
  files: (job) => {
    const model = jvmModel(job.plan);
    const values = { MODEL: model.prefix, VERSION, PACKAGE: model.package };
    const folder = model.package.replaceAll('.', '/');
    return new Map<string, string | Uint8Array>([
      ['README.md', readme(job.plan, model)],
      ['build.gradle.kts', fill('aar/build.gradle.kts', values)],
      ['consumer-rules.pro', keepRule(model)],
      ['bench.sh', fill('aar/bench.sh', values)],
      ['src/main/AndroidManifest.xml', '<manifest />\n'],
      [`src/main/java/${folder}/${model.nativeName}.java`, nativeClass(model)],
      [`src/main/java/${folder}/${model.className}.kt`, kotlinClass(model)],
      ...within('src/main/prefab', prefab(model)),
      [`${CPP}/CMakeLists.txt`, fill('aar/CMakeLists.txt', values)],
      [`${CPP}/${model.prefix}_jni.c`, jniSource(model)],
      [`${CPP}/bench.c`, readAsset('codegen/c/kits/aar/bench.c')],
      [`${CPP}/platform/platform.h`, readAsset('boards/common/platform.h')],
      [`${CPP}/platform/measure.c`, readAsset('codegen/c/kits/measure.c')],
      [`${CPP}/platform/platform_android.c`, readAsset('codegen/c/kits/aar/platform_android.c')],
      [`${CPP}/include/${model.prefix}.h`, chooser(model)],
      ...ofAbi(job),
    ]);
  },
};

/** As the NDK calls it. */
function abiOf({ board }: Plan): string {
  return BOARD.exec(board.id)![1]!;
}

/** What other ABIs have otherwise. */
function ofAbi(job: KitJob): readonly [string, string | Uint8Array][] {
  const { plan, model } = job;
  const abi = abiOf(plan);
  const header = `${plan.prefix}.h`;
  return [
    [`${CPP}/include/${abi}/${header}`, model.get(header)!],
    [`${CPP}/${abi}/model.cmake`, modelCmake(job)],
    ...within(
      `${CPP}/${abi}/model`,
      [...model].filter(([path]) => path !== header),
    ),
    ...programFolders(job, `${CPP}/${abi}/`),
  ];
}

function modelCmake({ plan, model }: KitJob): string {
  const abi = abiOf(plan);
  const flags = (plan.board.variants ?? []).map(
    (variant) =>
      `set_source_files_properties(${abi}/model/${variantFile(namesOf(plan.prefix), variant)} PROPERTIES COMPILE_OPTIONS "${variant.flags.join(';')}")\n`,
  );
  // CMake or the NDK's toolchain file names the target.
  const options = plan.board.compilerFlags.filter((flag) => !flag.startsWith('--target='));
  return `# The model for ${abi}.\nset(MODEL_SOURCES ${sourcesOf(model).join(' ')})\nset(MODEL_FLAGS ${options.join(' ')})\n${flags.join('')}`;
}

/** The header of all ABIs: what a model needs of memory may differ from one to another. */
function chooser({ prefix }: JvmModel): string {
  return `/* The interface of '${prefix}' for the ABI that is compiled for. */
#if defined(__aarch64__)
#include "arm64-v8a/${prefix}.h"
#elif defined(__arm__)
#include "armeabi-v7a/${prefix}.h"
#elif defined(__x86_64__)
#include "x86_64/${prefix}.h"
#endif
`;
}

/** By the schema of Prefab, version 2; abi.json of each ABI is CMake's, which knows the NDK. */
function prefab({ prefix }: JvmModel): Files {
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  return new Map([
    ['prefab.json', json({ schema_version: 2, name: prefix, version: VERSION, dependencies: [] })],
    ['module.json', json({ export_libraries: [], android: { library_name: `lib${prefix}` } })],
    ['abi.json.in', readAsset('codegen/c/kits/aar/abi.json.in')],
  ]);
}

/** The library finds its functions' class by name. */
function keepRule({ package: name, nativeName }: JvmModel): string {
  return `-keepclasseswithmembernames class ${name}.${nativeName} {
    native <methods>;
}
`;
}

function readme(plan: Plan, model: JvmModel): string {
  const { prefix, package: name, className, inputs, outputs, fed } = model;
  const isShort = inputs.length === 1 && outputs.length === 1;
  const call = fed
    ? 'if (model.push(rows, 1) > 0) show(model.output)'
    : isShort
      ? 'model.input.put(0, code) // and so on\nmodel.run()\nval result = model.output.get(0)'
      : 'model.run() // reads the inputs, writes the outputs';
  return `# ${prefix} for Android

${modelText(plan)} Here they are \`${CPP}/include/<ABI>\` and \`${CPP}/<ABI>/model\`; everything else is the same for
all ABIs. To have several ABIs in one library, build each into a folder of its own
(\`bitloom build ${prefix}.tflite --board android-<ABI> --kit aar\`: \`arm64-v8a\`, \`armeabi-v7a\`, \`x86_64\`) and copy the \`src\` of one over that of another: files that both have
are equal.

## In an app

Copy the folder into your project, as \`${prefix}\`, and add \`include(":${prefix}")\` to settings.gradle.kts and
\`implementation(project(":${prefix}"))\` to the app's dependencies. Gradle builds the library for the ABIs that are there.

\`\`\`kotlin
import ${name}.${className}

val model = ${className}()
${call}
\`\`\`

Codes become real numbers by \`${className}\`'s constants \`..._SCALE\` and \`..._ZERO_POINT\`.

| command | what it does |
|---|---|
| \`./gradlew :${prefix}:assembleRelease\` | makes the AAR, for other projects; it has the Prefab package of the library |
| \`sh bench.sh\` | self-test and times on the phone that \`adb\` reaches; \`ANDROID_NDK_HOME\` names the NDK |

## In C and C++

An app that depends on the AAR, with \`buildFeatures { prefab = true }\`, writes \`find_package(${prefix} REQUIRED CONFIG)\` in its CMakeLists.txt and links
\`${prefix}::${prefix}\`. Without Gradle:

${commandTable([
  [
    `cmake -S ${CPP} -B build -DANDROID_ABI=${abiOf(plan)} -DANDROID_PLATFORM=android-24 -DCMAKE_TOOLCHAIN_FILE=$ANDROID_NDK_HOME/build/cmake/android.toolchain.cmake`,
    'configures',
  ],
  ['cmake --build build', `builds \`lib${prefix}.so\``],
  ['cmake --install build --prefix out', 'adds this ABI to the Prefab package `out/prefab`'],
])}

${usageText(plan)}
`;
}
