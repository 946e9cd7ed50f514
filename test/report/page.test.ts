import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { PNG } from 'pngjs';
import { tensorAt } from '../../src/graph/graph.js';
import { load, whyMemory } from '../../src/index.js';
import { type Occupant, occupantsOf } from '../../src/plan/occupants.js';
import type { MemoryExplanation } from '../../src/plan/why-memory.js';
import { planPage } from '../../src/report/html/page.js';
import { clashesIn } from '../support/arena.js';
import { findChromium, runInChromium, screenshotOf } from '../support/chromium.js';
import { DIGITS, Workspace } from '../support/cli.js';
import { sharedPath } from '../support/shared.js';

/** A rectangle of the memory chart: what it stands for and where it is drawn. */
interface Drawn {
  readonly offset: number;
  readonly bytes: number;
  readonly from: number;
  readonly to: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What a browser makes of the page. */
interface Seen {
  readonly charts: readonly {
    readonly pace: string;
    readonly arena: number;
    readonly peak: string;
    readonly box: readonly number[];
    readonly shown: readonly [string, string];
    readonly buffers: readonly Drawn[];
  }[];
  readonly loaded: number;
  readonly tiled: readonly TiledDrawing[];
}

/** An image that is computed in tiles. */
interface TiledDrawing {
  readonly image: string;
  readonly text: string;
  readonly whole: Area;
  readonly tiles: readonly (Area & { readonly rows: number; readonly columns: number })[];
}

interface Area {
  readonly width: number;
  readonly height: number;
}

const LOOK = `
  const frame = document.createElement('iframe');
  frame.width = 1280; frame.height = 900;
  frame.src = '/page/plan.html';
  await new Promise((resolve) => { frame.onload = resolve; document.body.append(frame); });
  const page = frame.contentDocument;
  const shown = (svg) => frame.contentWindow.getComputedStyle(svg).display;
  const numbers = ({ dataset }) =>
    Object.fromEntries(Object.entries(dataset).map(([key, value]) => [key, Number(value)]));
  const area = ({ width, height }) => ({ width: width.baseVal.value, height: height.baseVal.value });
  const charts = [...page.querySelectorAll('svg.memory')];
  const before = charts.map(shown);
  page.querySelector('#by-time').click();
  return {
    tiled: [...page.querySelectorAll('.tiled svg')].map((svg) => ({
      image: svg.dataset.image,
      text: svg.querySelectorAll('text')[1].textContent,
      whole: area(svg.querySelector('.whole')),
      tiles: [...svg.querySelectorAll('.tile')].map((rect) => ({ ...numbers(rect), ...area(rect) })),
    })),
    loaded: frame.contentWindow.performance.getEntriesByType('resource').length,
    charts: charts.map((svg, i) => ({
      pace: svg.dataset.pace,
      arena: Number(svg.dataset.arena),
      peak: svg.querySelector('.peak text').textContent,
      box: svg.getAttribute('viewBox').split(' ').map(Number),
      shown: [before[i], shown(svg)],
      buffers: [...svg.querySelectorAll('.buffer rect')].map((rect) => ({
        ...numbers(rect),
        ...Object.fromEntries(['x', 'y', 'width', 'height'].map((key) => [key, rect[key].baseVal.value])),
      })),
    })),
  };`;

const MODELS = {
  'digits in strips': () => whyMemory(load(readFileSync(DIGITS), 'digits.tflite'), 'pico', { minRam: 0.5 }),
  'MobileNetV2 in patches on a board that is too small': () => {
    const file = sharedPath('models/tflite/mobilenet_v2_1.0_224.tflite');
    return (
      file && whyMemory(load(readFileSync(file), 'mobilenet_v2.tflite'), 'nucleo-f446re', { patches: 4 })
    );
  },
};

describe('the page of a plan', () => {
  const workspace = new Workspace();
  before(function () {
    if (findChromium() !== null) return;
    console.log('      skipped: needs chromium');
    this.skip();
  });
  after(() => workspace.remove());

  for (const [name, explain] of Object.entries(MODELS)) {
    describe(`of ${name}`, function () {
      this.timeout(180_000);
      let page: string;
      let seen: Seen;
      let explanation: MemoryExplanation;
      before(async function () {
        const found = explain();
        if (!found) return this.skip();
        explanation = found;
        page = workspace.file('page/plan.html', planPage(explanation));
        seen = await runInChromium<Seen>({ page: workspace.path('page') }, LOOK);
      });

      it('needs nothing from elsewhere', () => {
        const text = readFileSync(page, 'utf8');
        assert.doesNotMatch(text, /<script|<link(?! rel="icon" href="data:,">)|url\(|@import|src=/);
        assert.equal(seen.loaded, 0);
      });

      it('draws every buffer in the arena, as the plan places it', () => {
        const { plan } = explanation;
        const key = ({ offset, bytes, from, to }: Pick<Occupant, 'offset' | 'bytes' | 'from' | 'to'>) =>
          `${offset} ${bytes} ${from} ${to}`;
        for (const { arena, buffers, box } of seen.charts) {
          assert.equal(arena, plan.arena.bytes);
          assert.deepEqual(buffers.map(key).sort(), occupantsOf(plan).map(key).sort());
          const lowest = Math.max(...buffers.map(({ y, height }) => y + height));
          const pixels = buffers[0]!.height / buffers[0]!.bytes;
          for (const { offset, bytes, x, y, width, height } of buffers) {
            assert.ok(
              Math.abs(height - bytes * pixels) < 0.1 &&
                Math.abs(lowest - y - height - offset * pixels) < 0.1,
            );
            assert.ok(x >= 0 && x + width <= box[2]! && y >= 0 && y + height <= box[3]!);
          }
        }
        assert.deepEqual(clashesIn(plan, occupantsOf(plan)), []);
      });

      it('marks the peak, which is the arena but for the rest of its last word', () => {
        const { arena } = explanation.plan;
        for (const { peak } of seen.charts) {
          const bytes = Number(/^peak: ([\d,]+) bytes in /.exec(peak)![1]!.replaceAll(',', ''));
          assert.equal(Math.ceil(bytes / 4) * 4, arena.bytes);
        }
      });

      it('shows steps of one width, or of their predicted time', () => {
        const [even, timed] = seen.charts;
        assert.deepEqual([even!.pace, timed!.pace], ['step', 'time']);
        assert.deepEqual(
          [even!.shown, timed!.shown],
          [
            ['block', 'none'],
            ['none', 'block'],
          ],
        );
        const widths = even!.buffers.map(({ width, from, to }) => width / (to - from + 1));
        assert.ok(Math.max(...widths) - Math.min(...widths) < 0.1);
      });

      it('draws of each image in tiles what every tile computes, and says how much that is in all', () => {
        const { graph, steps, tiles } = explanation.plan;
        const drawn = seen.tiled.values();
        for (const { first, last, images } of tiles) {
          const own = steps.slice(first, last + 1);
          for (const { name, height, width } of images) {
            const { image, text, whole, tiles: parts } = drawn.next().value!;
            assert.equal(image, name);
            for (const part of parts) {
              assert.ok(Math.abs(part.width / whole.width - part.columns / width) < 1e-3);
              assert.ok(Math.abs(part.height / whole.height - part.rows / height) < 1e-3);
            }
            const pixels = parts.map(({ rows, columns }) => rows * columns);
            const more = pixels.reduce((sum, count) => sum + count, 0) / (height * width) - 1;
            assert.equal(
              text,
              `${width}×${height}, ${more < 0 ? '−' : '+'}${Math.abs(Math.round(100 * more))} %`,
            );
            const maker = own.find((step) => step.name === name);
            if (!maker) continue;
            const computed = own
              .filter(
                ({ node }) => node.kind === maker.node.kind && node.source.index === maker.node.source.index,
              )
              .map(({ node }) => tensorAt(graph, node.outputs[0]).shape);
            assert.deepEqual(
              pixels.toSorted((a, b) => a - b),
              computed.map((shape) => shape[1]! * shape[2]!).toSorted((a, b) => a - b),
            );
          }
        }
        assert.ok(drawn.next().done);
      });

      it('is seen, in light and in dark, without a word on the console', () => {
        const [light, dark] = [false, true].map((isDark) => {
          const { png, console } = screenshotOf(page, { width: 1280, height: 1400, dark: isDark });
          assert.deepEqual(console, []);
          return coloursOf(png);
        });
        assert.ok(light!.size > 50 && dark!.size > 50);
        assert.ok(light!.brightness > 0.6 && dark!.brightness < 0.4);
      });
    });
  }
});

/** How many colours a picture has, and how bright it is: black 0, white 1. */
function coloursOf(bytes: Buffer): { readonly size: number; readonly brightness: number } {
  const { data } = PNG.sync.read(bytes);
  const colours = new Set<number>();
  let sum = 0;
  for (let at = 0; at < data.length; at += 4) {
    colours.add(data.readUIntBE(at, 3));
    sum += (data[at]! + data[at + 1]! + data[at + 2]!) / 765;
  }
  return { size: colours.size, brightness: (4 * sum) / data.length };
}
