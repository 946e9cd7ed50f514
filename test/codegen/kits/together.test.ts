import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { emitC } from '../../../codegen/c/index.js';
import { emitKit, kitFor } from '../../../codegen/c/kits/index.js';
import type { Graph } from '../../../src/graph/graph.js';
import { load } from '../../../src/index.js';
import type { Artifact } from '../../../src/plan/artifact.js';
import { selfTestOf, testVector } from '../../../src/verify/index.js';
import { findTool } from '../../../src/verify/tools.js';
import { Folders, planFor, run } from '../../support/artifacts.js';
import { DIGITS } from '../../support/cli.js';
import { printed } from '../../support/kits/machine.js';
import { twoLayers } from '../../support/small-models.js';

const BOARD = 'nucleo-f446re';
const PLATFORM = ['startup.c', 'measure.c', 'memory.c', 'semihosting.c', 'timer_cmsdk.c'];

/** A model's cmake kit, and one inference of it in C. */
function partOf(name: string, graph: Graph, source = graph) {
  const plan = planFor(graph, BOARD, name);
  const [run] = selfTestOf(source, plan, [testVector(source, 5)]);
  const kit = emitKit(
    kitFor(plan.board, 'cmake'),
    plan,
    emitC(plan),
    selfTestOf(source, plan, [testVector(source, 0)]),
  );
  const bytes = (role: string, [data]: readonly Uint8Array[]) =>
    `static const uint8_t ${name}_${role}_bytes[] = {${[...data!].join(', ')}};\n`;
  const macro = name.toUpperCase();
  return {
    plan,
    files: new Map([...kit].map(([path, content]) => [`${name}/${path}`, content])) as Artifact,
    text: `#include "${name}.h"
${bytes('in', run!.inputs)}${bytes('out', run!.outputs)}static ${macro}_ALIGNED(${macro}_ARENA_ALIGNMENT) uint8_t ${name}_arena[${macro}_ARENA_BYTES];
static void ${name}_check(void)
{
    memcpy(${name}_input(${name}_arena), ${name}_in_bytes, ${macro}_INPUT_BYTES);
    ${name}_run(${name}_arena);
    platform_write(same(${name}_output(${name}_arena), ${name}_out_bytes, ${macro}_OUTPUT_BYTES) ? "${name} equal\\n" : "${name} differs\\n");
}
`,
  };
}

/** A project that takes two models by FetchContent. */
const PROJECT = `cmake_minimum_required(VERSION 3.16)
project(app LANGUAGES C)
include(FetchContent)
FetchContent_Declare(digits SOURCE_DIR \${CMAKE_CURRENT_SOURCE_DIR}/digits)
FetchContent_Declare(two SOURCE_DIR \${CMAKE_CURRENT_SOURCE_DIR}/two)
FetchContent_MakeAvailable(digits two)
add_executable(app main.c ${PLATFORM.map((name) => `digits/platform/${name}`).join(' ')})
target_include_directories(app PRIVATE digits/platform)
target_compile_definitions(app PRIVATE TIMER_ADDRESS=0x40000000u)
target_link_libraries(app PRIVATE digits::digits two::two gcc)
target_link_options(app PRIVATE -nostdlib -L\${CMAKE_CURRENT_SOURCE_DIR}/digits/platform -Temulator.ld -Wl,--defsym=stack_bytes=4096)
get_property(targets DIRECTORY digits PROPERTY BUILDSYSTEM_TARGETS)
message(STATUS "digits has \${targets}")
`;

describe('two models in one firmware', () => {
  const folders = new Folders();
  after(() => folders.remove());

  it('link by FetchContent, without their programs, and compute as each alone', async function () {
    if (['cmake', 'arm-none-eabi-gcc', 'qemu-system-arm'].some((tool) => findTool(tool) === null)) {
      console.log('      skipped: needs cmake, arm-none-eabi-gcc and qemu-system-arm');
      this.skip();
    }
    const { graph, source } = load(readFileSync(DIGITS), DIGITS);
    const parts = [partOf('digits', graph, source), partOf('two', twoLayers())];
    const main = `#include <string.h>
#include "platform.h"
static int same(const void *a, const void *b, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i++)
        if (((const uint8_t *)a)[i] != ((const uint8_t *)b)[i])
            return 0;
    return 1;
}
${parts.map(({ text }) => text).join('')}
int main(void)
{
    platform_start();
    digits_check();
    two_check();
    digits_check();
    return 0;
}
`;
    const own = { 'CMakeLists.txt': PROJECT, 'main.c': main };
    const encoder = new TextEncoder();
    const folder = folders.write(
      ...parts.map(({ files }) => files),
      new Map(Object.entries(own).map(([path, content]) => [path, encoder.encode(content)])),
    );
    const said = run(
      'cmake',
      ['-B', 'build', '-DCMAKE_TOOLCHAIN_FILE=digits/cmake/arm-none-eabi.cmake'],
      folder,
    );
    assert.match(said.toString(), /digits has digits$/m);
    run('cmake', ['--build', 'build'], folder);
    const output = await printed(parts[0]!.plan, join(folder, 'build', 'app'), new Uint8Array());
    assert.equal(output, 'digits equal\ntwo equal\ndigits equal\n');
  });
});
