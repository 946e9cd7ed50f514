import type { Plan, Stream } from '../../src/plan/plan.js';
import type { FedImage, FedPass } from '../feed.js';
import { stageName } from '../stages.js';
import { describeTensor } from '../text.js';
import { C_TYPE, type Names } from './types.js';

/** Where a fed stage's function, and who calls it, find how many rows there are: see `Feed` in src/plan/plan.ts. */
export function countsText({ macro }: Names, { offset }: { readonly offset: number }): string {
  return `    int32_t *counts = ${macro}_AT(${offset});\n`;
}

/**
 * Functions by which the caller brings the input row by row.
 * @param rest the calls behind the fed stages
 */
export function feedFunctions(plan: Plan, names: Names, image: FedImage, rest: readonly string[]): string {
  const { prefix } = names;
  const isAll = image.passes.at(-1)!.stage.last === plan.steps.length - 1;
  return `/* The layers behind those that run row by row. */
static void ${prefix}_rest(void *arena)
{
${isAll ? '    (void)arena;\n' : ''}${rest.join('\n')}}

${image.stream ? pushFrames(plan, names, image, image.stream) : pushRows(plan, names, image)}`;
}

function pushRows(plan: Plan, names: Names, image: FedImage): string {
  const { prefix, macro } = names;
  const { height, rowLength, bytes, passes } = image;
  const type = C_TYPE[image.tensor.format.type];
  return `int ${prefix}_push_rows(void *arena, const ${type} *rows, int32_t count)
{
${countsText(names, image)}    for (; count > 0; count--) {
        const int32_t row = counts[0]++;
${takingText(plan, names, image)}        rows += ${rowLength};
        if (counts[0] < ${height}) continue;
${passes.length > 1 ? `        const int32_t next = counts[${image.passCount}] + 1;\n` : ''}        memset(counts, 0, ${bytes}u);
${passes.length > 1 ? nextPass(image) : ''}        ${prefix}_rest(arena);
        return 1;
    }
    return 0;
}

void ${prefix}_run(void *arena, const ${type} *input)
{
    ${prefix}_reset(arena);
${passes.length > 1 ? `    for (int32_t pass = 0; pass < ${macro}_PASSES; pass++)\n    ` : ''}    ${prefix}_push_rows(arena, input, ${height});
}
`;
}

function pushFrames(plan: Plan, names: Names, image: FedImage, { window, stride, periods }: Stream): string {
  const { prefix } = names;
  const isNew = stride === 1 ? '' : ` && (counts[0] - ${window}) % ${stride} == 0`;
  return `int32_t ${prefix}_push_frames(void *arena, const ${C_TYPE[image.tensor.format.type]} *rows, int32_t count)
{
    /* After so many rows of each image all rings are as they were. */
    static const int32_t periods[] = {${periods.join(', ')}};
${countsText(names, image)}    int32_t outputs = 0;
    for (; count > 0; count--) {
        const int32_t row = counts[0]++;
${takingText(plan, names, image)}        rows += ${image.rowLength};
        if (counts[0] >= ${window}${isNew}) {
            ${prefix}_rest(arena);
            outputs++;
        }
        if (counts[0] == ${window + periods[0]!})
            for (int32_t i = 0; i < ${periods.length}; i++)
                counts[i] -= periods[i];
    }
    return outputs;
}
`;
}

function nextPass({ passes, passCount }: FedImage): string {
  return `        if (next < ${passes.length}) {
            counts[${passCount}] = next;
            continue;
        }
`;
}

/** What a pass does with a row: takes its columns, and when it has enough of them, its stage goes on. */
function takingText(plan: Plan, names: Names, image: FedImage): string {
  const { passes, passCount } = image;
  const texts = passes.map((pass) => passText(plan, names, image, pass));
  if (texts.length === 1) return texts[0]!.map((line) => `        ${line}\n`).join('');
  const cases = texts.map((lines, i) => {
    const label = i < texts.length - 1 ? `case ${i}:` : 'default:';
    return [label, ...lines.map((line) => `    ${line}`), '    break;'];
  });
  return [`switch (counts[${passCount}]) {`, ...cases.flat(), '}']
    .map((line) => `        ${line}\n`)
    .join('');
}

function passText(plan: Plan, { prefix, macro }: Names, image: FedImage, pass: FedPass): readonly string[] {
  const { rows, most } = image;
  const { stage, offset, ringRows, rowBytes, begin } = pass;
  const place = ringRows === 1 ? '' : ` + bl_ring_row(row, ${ringRows}, ${most}) * ${rowBytes}`;
  const run = `${prefix}_${stageName(plan, stage)}(arena);`;
  return [
    ...(ringRows === 1 ? ['(void)row;'] : []),
    `memcpy(${macro}_AT(${offset}${place}), rows${begin > 0 ? ` + ${begin}` : ''}, ${rowBytes}u);`,
    rows === 1 ? run : `if (counts[0] % ${rows} == 0 || counts[0] == ${most}) ${run}`,
  ];
}

/** What the header says about them. */
export function feedDeclarations({ prefix, macro }: Names, image: FedImage): string {
  const { tensor, height, rowLength, passes } = image;
  const type = C_TYPE[tensor.format.type];
  const several = passes.length > 1;
  if (image.stream) return streamDeclarations({ prefix, macro }, image, image.stream);
  return `/* The image that is brought row by row: ${describeTensor(tensor)}. */
#define ${macro}_INPUT_ROWS ${height}
#define ${macro}_INPUT_ROW_LENGTH ${rowLength}
${several ? PASSES(macro, passes.length) : ''}
/*
 * Takes the next \`count\` rows of the image, \`count * ${macro}_INPUT_ROW_LENGTH\` elements, and computes what they allow. Returns 1 when the
 * image is complete${several ? ' for the last time' : ''} and the output ready, else 0; rows behind the image's last are not taken${several ? ' then' : ''}. The next row begins a new image.
 */
int ${prefix}_push_rows(void *arena, const ${type} *rows, int32_t count);

/* Runs the model on a whole image, which may lie anywhere, as its rows one by one do. */
void ${prefix}_run(void *arena, const ${type} *input);
`;
}

function streamDeclarations(
  { prefix, macro }: Names,
  { tensor, rowLength }: FedImage,
  { window, stride }: Stream,
): string {
  return `/* The last frames of the stream, of which an output is made: ${describeTensor(tensor)}. A new one comes every ${macro}_STRIDE_FRAMES. */
#define ${macro}_WINDOW_FRAMES ${window}
#define ${macro}_STRIDE_FRAMES ${stride}
#define ${macro}_INPUT_FRAME_LENGTH ${rowLength}

/*
 * Takes the next \`count\` frames of the stream, \`count * ${macro}_INPUT_FRAME_LENGTH\` elements, and computes what they allow. Returns how many
 * new outputs that made, of which the last one can be read.
 */
int32_t ${prefix}_push_frames(void *arena, const ${C_TYPE[tensor.format.type]} *frames, int32_t count);
`;
}

const PASSES = (macro: string, passes: number): string => `
/*
 * How often the same image must be brought, from its first row to its last: each time the model takes other columns of it. Behind the
 * last row comes the first one again. A live camera must give the same frame each time.
 */
#define ${macro}_PASSES ${passes}
`;
