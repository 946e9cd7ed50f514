/* The demo page: one of the sources that fit the model's input, its result, and how long a run took. SPDX-License-Identifier: Apache-2.0 */
import { inputs, load, outputs } from '../model.js';
import { sourcesFor } from './sources.js';

const SHOWN = 5;
const byId = (id) => document.getElementById(id);
const describe = ({ type, shape }) => `${type}[${shape.join(', ')}]`;

let close = () => {};

byId('model').textContent = `${inputs.map(describe).join(', ')} to ${outputs.map(describe).join(', ')}`;

try {
  const model = await load();
  const sources = sourcesFor(inputs, model.input === undefined);
  sources.forEach((source, i) => {
    const button = document.createElement('button');
    button.textContent = source.title;
    button.onclick = () => choose(model, source);
    button.hidden = sources.length === 1;
    byId('kinds').append(button);
    if (i === 0) choose(model, source);
  });
} catch (error) {
  say(error);
}

/** Shows a source, in place of the one before, and runs the model on what comes from it. */
function choose(model, source) {
  close();
  byId('result').replaceChildren();
  say('Ready');
  const take = (given) => {
    try {
      show(model, given);
    } catch (error) {
      say(error);
    }
  };
  close = source.open(byId('source'), take, say) ?? (() => {});
}

/** Runs the model on reals or on codes and shows the outputs. */
function show(model, given) {
  const started = performance.now();
  const finished = run(model, given);
  const milliseconds = performance.now() - started;
  if (!finished) return say('Not enough for an output');
  say(milliseconds === 0 ? 'Faster than the clock of this page' : `${milliseconds.toFixed(2)} ms`);
  byId('result').replaceChildren(...outputs.map((output, i) => tableOf(output, [...model.dequantize(i)])));
}

/** Whether there is an output. Models that take rows or frames are given them all at once. */
function run(model, { reals, codes }) {
  const push = model.pushFrames ? (rows) => model.pushFrames(rows) : (image) => model.run(image);
  if (model.input === undefined) return push(codes ? codes[0] : model.quantize(reals)) !== null;
  if (reals) model.quantize(reals);
  else codes.forEach((part, i) => model.inputs[i].set(part));
  model.run();
  return true;
}

/** The greatest values of an output. */
function tableOf({ name }, values) {
  const table = document.createElement('table');
  table.createCaption().textContent = name;
  const order = values.map((_, i) => i).sort((a, b) => values[b] - values[a]);
  const [least, most] = [Math.min(0, ...values), Math.max(1, ...values)];
  for (const i of order.slice(0, SHOWN)) {
    const row = table.insertRow();
    row.insertCell().textContent = i;
    row.insertCell().textContent = values[i].toPrecision(4);
    const meter = document.createElement('meter');
    Object.assign(meter, { min: least, max: most, value: values[i] });
    row.insertCell().append(meter);
  }
  return table;
}

function say(what) {
  byId('status').textContent = what instanceof Error ? `${what.name}: ${what.message}` : what;
}
