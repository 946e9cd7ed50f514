/** A folder with an inference a file, and where it says their classes. */
import { join } from 'node:path';
import { readCsv } from '../../data/csv.js';
import { isFolderAt, namesIn, readInput } from '../../data/file.js';
import type { Tensor } from '../../graph/tensor.js';
import { realsOfFile } from './file.js';
import type { Preprocess } from './preprocess.js';
import { type Classes, classesOf, type Source, unusable } from './source.js';

/** In the folder: a line for each file, `cat/1.png,3`. */
const LABELS = 'labels.csv';

/**
 * Files of a folder and of the folders in it. Classes are what `labels.csv` says; else, where all files are in folders, these in
 * their sorted order.
 * @throws BitloomError BL601 where a folder is empty, BL612 where classes are not clear; `read` as `realsOfFile`
 */
export function folderSource(tensor: Tensor, folder: string, preprocess: Preprocess): Source {
  const entries = namesIn(folder).filter((name) => name !== LABELS);
  const folders = entries.filter((name) => isFolderAt(join(folder, name)));
  const names = entries.flatMap((name) =>
    folders.includes(name) ? namesIn(join(folder, name)).map((file) => `${name}/${file}`) : [name],
  );
  const hasLabels = namesIn(folder).includes(LABELS);
  if (!hasLabels && folders.length > 0 && folders.length < entries.length)
    throw unusable(
      `'${folder}' has files beside folders, so that these are no classes`,
      `Put all files into folders by their class, or list them in a ${LABELS}`,
    );
  const classes = hasLabels
    ? listedClasses(join(folder, LABELS), names)
    : folders.length > 0
      ? { labels: names.map((name) => folders.indexOf(name.split('/')[0]!)), classes: folders }
      : null;
  return {
    names,
    read: (i) => realsOfFile(tensor, join(folder, names[i]!), preprocess),
    ...(classes ? { classes } : {}),
  };
}

/** The classes that a list says: exactly one for each file. */
function listedClasses(path: string, names: readonly string[]): Classes {
  const lines = readCsv(readInput(path), path).filter(([file]) => file !== 'file');
  const wrong = (problem: string) =>
    unusable(`'${path}' ${problem}`, 'Write a line for each file, its name and its class: 1.png,3');
  const listed = new Map<string, string>();
  for (const [file = '', label = ''] of lines) {
    if (!names.includes(file)) throw wrong(`lists '${file}', which is not there`);
    if (label === '') throw wrong(`has no class for '${file}'`);
    listed.set(file, label);
  }
  const missing = names.find((name) => !listed.has(name));
  if (missing !== undefined) throw wrong(`does not list '${missing}'`);
  return classesOf(names.map((name) => listed.get(name)!));
}
