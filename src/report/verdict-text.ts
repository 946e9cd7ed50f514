import type { Verdict } from '../verify/index.js';
import { grouped, printable, table } from './text.js';

/** A verdict as a few lines of text; with layers, one line each. */
export function verdictText(verdict: Verdict): string {
  const figure = (label: string, value: number | null, unit: string) =>
    value === null ? [] : [`${label} ${grouped(value)}${unit}`];
  const figures = [
    ...(verdict.processors.length > 1
      ? verdict.processors.flatMap(({ processor, instructions }) =>
          figure(`instructions of ${processor}`, instructions, ''),
        )
      : figure('instructions', verdict.instructions, '')),
    ...figure('cycles', verdict.cycles, ''),
    ...figure('arena', verdict.arenaBytes, ' B'),
    ...figure('stack', verdict.stackBytes, ' B'),
    ...figure('code', verdict.codeBytes, ' B'),
    ...figure('constants', verdict.constantBytes, ' B'),
    ...figure('image', verdict.imageBytes, ' B'),
  ];
  const inferences = `${verdict.vectors} inference${verdict.vectors === 1 ? '' : 's'}`;
  const pace = verdict.framesPerOutput;
  const paced = pace === null ? '' : `, one every ${pace === 1 ? 'frame' : `${pace} frames`}`;
  return [
    verdict.equal
      ? `EQUAL      ${verdict.model} on ${verdict.board} (${verdict.runner}): every byte of ${inferences}${paced}`
      : `DIFFERENT  ${verdict.model} on ${verdict.board} (${verdict.runner})`,
    `           ${figures.join(', ')}`,
    ...differenceLines(verdict),
    ...(verdict.guarded === false ? ['           memory beside the arena was written'] : []),
    ...(verdict.layers.length > 0 ? ['', layersTable(verdict)] : []),
    ...(verdict.folder ? [`build kept in ${verdict.folder}`] : []),
  ].join('\n');
}

function differenceLines({ firstDifference: d }: Verdict): string[] {
  if (!d) return [];
  const place = d.layer ? `layer ${d.layer}` : 'the output';
  return [
    `           first difference: inference ${d.vector}, ${place}, tensor '${printable(d.tensor)}', element ${d.index}: expected ${d.expected}, got ${d.actual}`,
  ];
}

function layersTable(verdict: Verdict): string {
  return table(
    [
      { title: 'layer', align: 'left' },
      { title: 'operator', align: 'left' },
      { title: 'bytes', align: 'left' },
      { title: 'instructions', align: 'right' },
      { title: 'MAC', align: 'right' },
      { title: 'per MAC', align: 'right' },
    ],
    verdict.layers.map((layer) => [
      layer.name,
      layer.operator,
      layer.equal ? 'equal' : 'DIFFERENT',
      layer.instructions === null ? '-' : grouped(layer.instructions),
      grouped(layer.macs),
      layer.instructions === null || layer.macs === 0 ? '-' : (layer.instructions / layer.macs).toFixed(2),
    ]),
  );
}
