import { basename } from 'node:path';
import { type Command, Option } from 'commander';
import { readInput } from '../data/file.js';
import { BitloomError } from '../graph/diagnostics.js';
import type { Graph } from '../graph/graph.js';
import { importModel } from '../import/index.js';
import { loadBoard } from '../index.js';
import { modelName } from '../plan/model-name.js';
import { loadCalibration } from '../quantize/data/load.js';
import { noiseCalibration } from '../quantize/data/noise.js';
import { type Preprocess, type PreprocessOptions, preprocessOf } from '../quantize/data/preprocess.js';
import type { Calibration } from '../quantize/data/source.js';
import { GRID_NAMES, type GridName, quantize, SOLVERS, type Solver } from '../quantize/index.js';
import { readLayers } from '../quantize/layers.js';
import { toJson } from '../report/json.js';
import { quantizeText } from '../report/quantize-text.js';
import { quantizedFiles } from '../report/quantized-files.js';
import { bar } from '../report/text.js';
import type { Register } from './console.js';
import { positiveInteger } from './options.js';
import { writeArtifact } from './write-artifact.js';

interface Options extends PreprocessOptions {
  readonly calibrate?: string;
  readonly noise?: boolean;
  readonly compare?: string;
  readonly samples: number;
  readonly weights?: GridName | 'mixed';
  readonly layers?: string;
  readonly solver: Solver;
  readonly board?: string;
  readonly flash?: number;
  readonly output?: string;
  readonly force: boolean;
  readonly json?: boolean;
}

/** Inferences of noise, where there are no data. */
const NOISE = { count: 32, seed: 1 } as const;

export const registerQuantize: Register = (program, console) => {
  const command = program
    .command('quantize')
    .description(
      'Make a network of int8, or of fewer bits, from one of float32 and data (see docs/quantize.md)',
    )
    .argument('<model>', 'a .tflite or .onnx file of float32 or float16');
  addOptions(command)
    .addHelpText(
      'after',
      '\nExamples:\n  bitloom quantize net.tflite --calibrate photos --pixels -1..1 -o q\n  bitloom quantize net.onnx --calibrate features.npy --board pico -o q && bitloom verify q --board pico',
    )
    .action(async (path: string, options: Options) => {
      checkAsked(options);
      const bytes = readInput(path);
      const source = importModel(bytes, path);
      const preprocess = preprocessOf(options);
      const board = options.board === undefined ? undefined : loadBoard(options.board);
      const layers = options.layers === undefined ? undefined : layersIn(options.layers);
      const calibration = await console.progress('reading data', () =>
        calibrationOf(source, preprocess, options),
      );
      const compared =
        options.compare === undefined
          ? calibration
          : await console.progress('reading data', () =>
              loadCalibration(source, options.compare!, preprocess, {}),
            );
      const quantized = await console.progress('quantizing', (show) =>
        quantize(source, {
          calibration: calibration.inferences,
          ...(compared === calibration ? {} : { comparison: compared.inferences }),
          ...(compared.labels ? { labels: compared.labels } : {}),
          weights: options.weights ?? (board ? 'mixed' : 'int8'),
          solver: options.solver,
          ...(layers ? { layers } : {}),
          ...(board ? { board } : {}),
          ...(options.flash === undefined ? {} : { flash: options.flash }),
          progress: (doing, done, of) => show(`${doing} [${bar(done, of, 24)}] ${done} of ${of}`),
        }),
      );
      const name = modelName(path);
      const files = quantizedFiles(name, quantized, { preprocess, data: dataText(options, calibration) });
      writeArtifact(options.output ?? `${name}-quantized`, files, options.force);
      console.print(options.json ? toJson(quantized.report) : quantizeText(quantized.report));
    });
};

function addOptions(command: Command): Command {
  return command
    .option('--calibrate <data>', 'inferences: a folder, a .npy, a .csv or a module (docs/quantize.md)')
    .option('--noise', 'calibrate on noise, where there are no data')
    .option('--compare <data>', 'other inferences, on which both networks are compared')
    .addOption(
      new Option('--samples <count>', 'how many inferences of the calibration are used at most')
        .argParser(positiveInteger('--samples'))
        .default(128),
    )
    .option('--preprocess <file>', 'what happens to images, sound and tables before the network')
    .option('--pixels <low..high>', 'the real values of pixels 0 and 255, e.g. -1..1')
    .option('--mean <numbers>', 'a mean a channel, where white is 1')
    .option('--std <numbers>', 'a standard deviation a channel, where white is 1')
    .addOption(
      new Option('--resize <how>', 'how images of other sizes become those of the input').choices([
        'stretch',
        'crop',
        'fit',
      ]),
    )
    .addOption(
      new Option(
        '--weights <format>',
        'format of all weights; mixed: the best that the board has room for (default: mixed with a board, else int8)',
      ).choices([...GRID_NAMES, 'mixed']),
    )
    .option('--layers <file>', 'formats by layer, as an earlier run wrote them to layers.json')
    .addOption(
      new Option('--solver <name>', 'how codes of weights are found').choices(SOLVERS).default('descent'),
    )
    .option('-b, --board <id>', 'the board that it is for')
    .addOption(
      new Option('--flash <bytes>', 'what constants may take of the board’s flash').argParser(
        positiveInteger('--flash'),
      ),
    )
    .option('-o, --output <folder>', 'where to write model and report (default: <model>-quantized)')
    .option('--force', 'overwrite files that Bitloom did not write', false)
    .option('--json', 'one JSON object');
}

function checkAsked({ calibrate, noise, weights, flash, board }: Options): void {
  if ((calibrate === undefined) !== (noise === true))
    throw new BitloomError(
      'BL602',
      calibrate === undefined ? 'no data to calibrate on' : '--calibrate with --noise',
      'Name some with --calibrate, or do without by --noise',
    );
  if (board !== undefined) return;
  if (weights === 'mixed' || flash !== undefined)
    throw new BitloomError(
      'BL602',
      `${flash === undefined ? '--weights mixed' : '--flash'} without a board`,
      'Name one with --board',
    );
}

function calibrationOf(
  source: Graph,
  preprocess: Preprocess,
  { calibrate, samples }: Options,
): Calibration | Promise<Calibration> {
  if (calibrate === undefined) return noiseCalibration(source, preprocess, NOISE);
  return loadCalibration(source, calibrate, preprocess, { most: samples });
}

function layersIn(path: string) {
  return readLayers(new TextDecoder().decode(readInput(path)), path);
}

/** What the network was calibrated on, for its documents. */
function dataText({ calibrate }: Options, { inferences: { length } }: Calibration): string {
  return calibrate === undefined
    ? `${length} inferences of noise`
    : `${length} inferences of '${basename(calibrate)}'`;
}
