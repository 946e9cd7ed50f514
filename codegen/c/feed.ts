import type { Feed, Plan } from '../../src/plan/plan.js';
import { type FedStage, fedInput } from '../feed.js';
import { stageName } from '../stages.js';
import { describeTensor } from '../text.js';
import { C_TYPE, type Names } from './types.js';

/** Where a fed stage's function, and who calls it, find how many rows there are: see `Feed` in src/plan/plan.ts. */
export function countsText({ macro }: Names, feed: Feed): string {
  return `    int32_t *counts = ${macro}_AT(${feed.offset});\n`;
}

/**
 * Functions by which the caller brings the input row by row.
 * @param rest the calls behind the fed stage
 */
export function feedFunctions(plan: Plan, names: Names, fed: FedStage, rest: readonly string[]): string {
  const { prefix, macro } = names;
  const { inputHeight: height, rows, feed } = fed;
  const { tensor, offset, rowBytes, rowLength, ringRows } = fedInput(plan, fed);
  const type = C_TYPE[tensor.format.type];
  const place =
    ringRows === 1 ? `${offset}` : `${offset} + bl_ring_row(counts[0], ${ringRows}, ${height}) * ${rowBytes}`;
  const wait =
    rows === 1
      ? ''
      : `        if (counts[0] % ${rows} != 0 && counts[0] < ${height})\n            continue;\n`;
  return `/* The layers behind those that run row by row. */
static void ${prefix}_rest(void *arena)
{
${fed.last === plan.steps.length - 1 ? '    (void)arena;\n' : ''}${rest.join('\n')}}

int ${prefix}_push_rows(void *arena, const ${type} *rows, int32_t count)
{
${countsText(names, feed)}    for (; count > 0; count--) {
        memcpy(${macro}_AT(${place}), rows, ${rowBytes}u);
        rows += ${rowLength};
        counts[0]++;
${wait}        ${prefix}_${stageName(plan, fed)}(arena);
        if (counts[0] == ${height}) {
            memset(counts, 0, ${feed.bytes}u);
            ${prefix}_rest(arena);
            return 1;
        }
    }
    return 0;
}

void ${prefix}_run(void *arena, const ${type} *input)
{
    ${prefix}_reset(arena);
    ${prefix}_push_rows(arena, input, ${height});
}
`;
}

/** What the header says about them. */
export function feedDeclarations(plan: Plan, { prefix, macro }: Names, fed: FedStage): string {
  const { tensor, rowLength } = fedInput(plan, fed);
  const type = C_TYPE[tensor.format.type];
  return `/* The image that is brought row by row: ${describeTensor(tensor)}. */
#define ${macro}_INPUT_ROWS ${fed.inputHeight}
#define ${macro}_INPUT_ROW_LENGTH ${rowLength}

/*
 * Takes the next \`count\` rows of the image, \`count * ${macro}_INPUT_ROW_LENGTH\` elements, and computes what they allow. Returns 1 when the
 * image is complete and the output ready, else 0; rows behind the image's last are not taken. The next row begins a new image.
 */
int ${prefix}_push_rows(void *arena, const ${type} *rows, int32_t count);

/* Runs the model on a whole image, which may lie anywhere, as its rows one by one do. */
void ${prefix}_run(void *arena, const ${type} *input);
`;
}
