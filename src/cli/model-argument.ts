/** What `<model>` names on the command line: a file, or a folder with a model and how it is to be narrowed. */
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { isFolderAt, readInput } from '../data/file.js';
import { BitloomError } from '../graph/diagnostics.js';
import { type LoadOptions, load, type Model, withFormats } from '../index.js';
import { readFormats } from '../quantmcu/index.js';

/** For the help of commands. */
export const MODEL_ARGUMENT = 'a .tflite or .onnx file, or a folder with model.tflite';

/** A folder's model, and its formats, if it has any. */
const MODEL_FILE = 'model.tflite';
const FORMATS_FILE = 'formats.json';

export interface ModelFile {
  readonly bytes: Uint8Array;
  /** For messages; it names the model too: that of a folder is called as the folder. */
  readonly fileName: string;
  /** The file of formats that lies beside it, or null. */
  readonly formats: string | null;
}

/** Whether a path leads to a folder with a model. */
export function isModelFolder(path: string): boolean {
  return isFolderAt(path) && existsSync(join(path, MODEL_FILE));
}

/** @throws BitloomError BL601 where there is no such file, or a folder has none */
export function readModelArgument(path: string): ModelFile {
  if (!isFolderAt(path)) return { bytes: readInput(path), fileName: path, formats: null };
  if (!isModelFolder(path)) {
    throw new BitloomError(
      'BL601',
      `cannot read '${path}': it is a folder without ${MODEL_FILE}`,
      `Give ${MODEL_ARGUMENT}`,
    );
  }
  const formats = join(path, FORMATS_FILE);
  return {
    bytes: readInput(join(path, MODEL_FILE)),
    fileName: `${basename(resolve(path))}.tflite`,
    formats: existsSync(formats) ? formats : null,
  };
}

/**
 * The model that the argument names, with formats.
 * @param formats a file of them, in place of the folder's own
 * @throws BitloomError as `load`; BL601; BL603, BL604 for the formats
 */
export function loadModelArgument(path: string, types: LoadOptions = {}, formats?: string): Model {
  const { bytes, fileName, formats: own } = readModelArgument(path);
  const model = load(bytes, fileName, types);
  const file = formats ?? own;
  if (file === null) return model;
  return withFormats(model, readFormats(new TextDecoder().decode(readInput(file)), file, model.hash));
}
