/** What the solvers of `src/quantize/weights` leave of error. Run: `npm run bench:solvers`. Writes bench/results/solvers.md. */
import { Algebra } from '../src/quantize/weights/algebra.js';
import { writeResults } from './markdown.js';
import { solverTable } from './solver-table.js';
import { syntheticLayers } from './synthetic-layers.js';

const algebra = await Algebra.load();
const layers = syntheticLayers(algebra);
writeResults('solvers', [
  '# Solvers for weights',
  'Written by `npm run bench:solvers`.',
  `Mean over ${layers.length} synthetic layers of the part of the output's power that is error (t^2), on inputs that the solvers did not
see: pointwise, 3x3 and fully connected layers of 32 to 640 inputs, which are correlated, not negative, and of sizes over two decades; weights with
heavy tails; a scale for each output channel, float inputs. Biases are corrected, but for the first row.`,
  solverTable(algebra, layers),
]);
