/** Formats of weights by layer: what `bitloom quantize` writes beside the model, a person may edit, and `--layers` takes. */
import * as v from 'valibot';
import { BitloomError } from '../graph/diagnostics.js';
import { GRID_NAMES, type GridName } from './weights/grid.js';

/** By the name of a layer's output. */
export type LayerGrids = ReadonlyMap<string, GridName>;

const schema = v.record(v.string(), v.picklist(GRID_NAMES, `one of ${GRID_NAMES.join(', ')}`));

export function layersText(layers: LayerGrids): string {
  return `${JSON.stringify(Object.fromEntries(layers), null, 2)}\n`;
}

/**
 * @param path for messages
 * @throws BitloomError BL603 where it is not such a file
 */
export function readLayers(text: string, path: string): LayerGrids {
  const fault = (problem: string) =>
    new BitloomError(
      'BL603',
      `'${path}' ${problem}`,
      'Start from the layers.json that `bitloom quantize` writes',
    );
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw fault(`is not JSON (${(error as SyntaxError).message})`);
  }
  const result = v.safeParse(schema, content);
  if (result.success) return new Map(Object.entries(result.output));
  throw fault(
    result.issues.map((issue) => `has for ${v.getDotPath(issue) ?? 'all'}: ${issue.message}`).join('; '),
  );
}
