import { ELEMENT_BYTES, type TypedArray } from '../../src/graph/tensor.js';
import type { ConstantBlock, Plan } from '../../src/plan/plan.js';
import type { EmitOptions } from '../options.js';
import { elementTypeOf } from '../ports.js';
import { fileHeader, float32Text } from '../text.js';
import { C_TYPE, type Names } from './types.js';

/** `<prefix>_weights.h`: declares every constant. */
export function weightsHeader(plan: Plan, names: Names, options: EmitOptions): string {
  const declarations = plan.constants.map((block) => `extern ${declarator(block, names)};`);
  return `${fileHeader(plan, `Constants of '${names.prefix}', for ${names.prefix}.c only`, options)}
#ifndef ${names.macro}_WEIGHTS_H
#define ${names.macro}_WEIGHTS_H

#include <stdint.h>

${declarations.join('\n')}

#endif
`;
}

/** `<prefix>_weights.c`: defines every constant, aligned so that kernels may load words and vectors. */
export function weightsSource(plan: Plan, names: Names, options: EmitOptions): string {
  // Cortex-M loads words; vector units of larger machines like 16 bytes.
  const least = plan.board.regions.length === 0 ? 16 : 4;
  const definitions = plan.constants.map((block) => {
    const alignment = Math.max(least, ELEMENT_BYTES[elementTypeOf(block.data)]);
    return `${names.macro}_ALIGNED(${alignment})\n${declarator(block, names)} = {\n${valueLines(block.data)}\n};\n`;
  });
  return `${fileHeader(plan, `Constants of '${names.prefix}'`, options)}
#include "${names.prefix}.h"
#include "${names.prefix}_weights.h"

${definitions.join('\n')}`;
}

/** Expression for a constant block. */
export function constantName(plan: Plan, names: Names, index: number): string {
  const block = plan.constants[index];
  if (!block) throw new Error(`no constant ${index} in the plan`);
  return `${names.prefix}_${block.name}`;
}

function declarator(block: ConstantBlock, names: Names): string {
  return `const ${C_TYPE[elementTypeOf(block.data)]} ${names.prefix}_${block.name}[${block.data.length}]`;
}

/** Values as C literals, 20 bytes or 10 wider values a line. Long arrays must be fast: see `join` on typed arrays. */
function valueLines(data: TypedArray): string {
  const perLine = data.BYTES_PER_ELEMENT === 1 ? 20 : 10;
  const lines: string[] = [];
  for (let i = 0; i < data.length; i += perLine) lines.push(`    ${literals(data.subarray(i, i + perLine))}`);
  return lines.join(',\n');
}

function literals(row: TypedArray): string {
  if (row instanceof BigInt64Array) return Array.from(row, int64Literal).join(', ');
  if (row instanceof Float32Array) return Array.from(row, floatLiteral).join(', ');
  return row.join(', ');
}

function int64Literal(value: bigint): string {
  return value === -(2n ** 63n) ? 'INT64_MIN' : `INT64_C(${value})`;
}

/** A C literal of type float with exactly this value. */
export function floatLiteral(value: number): string {
  const text = float32Text(value);
  return /[.e]/.test(text) ? `${text}f` : `${text}.0f`;
}
