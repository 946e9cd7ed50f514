/** The functions between the model's C and the JVM: in C, and as Java declares them. */
import type { JvmModel, JvmPort } from './ports.js';

/** `<prefix>_jni.c`: the same for every ABI. */
export function jniSource(model: JvmModel): string {
  const { prefix, inputs, outputs, fed, hasStates } = model;
  const macro = prefix.toUpperCase();
  const head = (returns: string, name: string, parameters = '') =>
    `JNIEXPORT ${returns} JNICALL ${jniName(model, name)}(JNIEnv *env, jclass type${parameters})`;
  const call = (name: string) => `${head('void', name, ', jobject arena')}
{
    (void)type;
    ${prefix}_${name}(arena_in(env, arena));
}
`;
  return `/* What ${model.nativeName}.java declares. */
#include <jni.h>
#include <stdint.h>

#include "${prefix}.h"

/* The arena lies in a direct buffer, from its first address on that is aligned. */
static uint8_t *arena_in(JNIEnv *env, jobject buffer)
{
    const uintptr_t at = (uintptr_t)(*env)->GetDirectBufferAddress(env, buffer);
    const uintptr_t alignment = ${macro}_ARENA_ALIGNMENT;
    return (uint8_t *)((at + alignment - 1) / alignment * alignment);
}

static jint offset_in(JNIEnv *env, jobject buffer, const void *at)
{
    return (jint)((const uint8_t *)at - (const uint8_t *)(*env)->GetDirectBufferAddress(env, buffer));
}

${head('jint', 'arenaBytes')}
{
    (void)env;
    (void)type;
    return (jint)(${macro}_ARENA_BYTES + ${macro}_ARENA_ALIGNMENT - 1);
}

${[
  ...[inputs, outputs]
    .filter(([first]) => first)
    .map(
      (ports) => `${head('jint', `${ports[0]!.role}Offset`, ', jobject arena, jint index')}
{
    (void)type;
${offsetText(ports)}}
`,
    ),
  fed
    ? `${head('jint', 'push', ', jobject arena, jobject rows, jint count')}
{
    (void)type;
    return ${prefix}_${pushName(fed)}(arena_in(env, arena), (*env)->GetDirectBufferAddress(env, rows), count);
}
`
    : call('run'),
  ...(hasStates ? [call('reset')] : []),
].join('\n')}`;
}

/** The Java class of them, for Kotlin to call. */
export function nativeClass({ prefix, package: name, nativeName, inputs, fed, hasStates }: JvmModel): string {
  const methods = [
    'int arenaBytes()',
    ...(inputs.length > 0 ? ['int inputOffset(ByteBuffer arena, int index)'] : []),
    'int outputOffset(ByteBuffer arena, int index)',
    fed ? 'int push(ByteBuffer arena, ByteBuffer rows, int count)' : 'void run(ByteBuffer arena)',
    ...(hasStates ? ['void reset(ByteBuffer arena)'] : []),
  ];
  return `package ${name};

import java.nio.ByteBuffer;

/** The functions of lib${prefix}.so. Buffers must be direct, and arenas of \`arenaBytes()\`. */
final class ${nativeName} {
    static {
        System.loadLibrary("${prefix}");
    }

    private ${nativeName}() {}

${methods.map((method) => `    static native ${method};\n`).join('')}}
`;
}

/** Of the model's C, what takes rows. */
function pushName({ stream }: NonNullable<JvmModel['fed']>): string {
  return stream ? 'push_frames' : 'push_rows';
}

/** By the JNI's rules for names: `_` is `_1`, and a dot `_`. */
function jniName({ package: name, nativeName }: JvmModel, method: string): string {
  const parts = [...name.split('.'), nativeName, method].map((part) => part.replaceAll('_', '_1'));
  return `Java_${parts.join('_')}`;
}

function offsetText(ports: readonly JvmPort[]): string {
  const offset = ({ function: name }: JvmPort) =>
    `return offset_in(env, arena, ${name}(arena_in(env, arena)));`;
  const [first, ...others] = ports;
  if (others.length === 0) return `    (void)index;\n    ${offset(first!)}\n`;
  const cases = others.map((port, i) => `    case ${i + 1}:\n        ${offset(port)}\n`);
  return `    switch (index) {\n${cases.join('')}    default:\n        ${offset(first!)}\n    }\n`;
}
