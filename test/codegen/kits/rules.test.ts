/** What kits write that nothing here builds: read by parsers, and held against the rules of each framework's documentation. */
import assert from 'node:assert/strict';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { parse } from 'yaml';
import { emitC } from '../../../codegen/c/index.js';
import { emitKit, kitFor } from '../../../codegen/c/kits/index.js';
import { selfTestOf, testVector } from '../../../src/verify/index.js';
import { planFor, text } from '../../support/artifacts.js';
import { twoLayers } from '../../support/small-models.js';

function project(id: string, board: string) {
  const graph = twoLayers();
  const plan = planFor(graph, board, 'two');
  return emitKit(kitFor(plan.board, id), plan, emitC(plan), selfTestOf(graph, plan, [testVector(graph, 0)]));
}

const properties = (content: string) =>
  Object.fromEntries(
    content
      .trim()
      .split('\n')
      .map((line) => /^([a-z_]+)=(.*)$/.exec(line)!.slice(1) as [string, string]),
  );

describe('the Arduino library', () => {
  const library = project('arduino', 'nano-33-ble-sense');
  const said = properties(text(library, 'library.properties'));

  it('has every property that the specification requires, in its form', () => {
    for (const name of [
      'name',
      'version',
      'author',
      'maintainer',
      'sentence',
      'paragraph',
      'category',
      'url',
      'architectures',
    ])
      assert.ok(said[name], name);
    assert.match(said.name!, /^[A-Za-z0-9][A-Za-z0-9 _.-]{0,62}$/);
    assert.match(said.version!, /^\d+\.\d+\.\d+$/);
    assert.match(said.maintainer!, /^.+ <\S+@\S+>$/);
    const categories = [
      'Display',
      'Communication',
      'Signal Input/Output',
      'Sensors',
      'Device Control',
      'Timing',
      'Data Storage',
      'Data Processing',
      'Other',
    ];
    assert.ok(categories.includes(said.category!));
    assert.equal(said.architectures, 'mbed_nano');
    assert.ok(!said.paragraph!.startsWith(said.sentence!), 'the paragraph adds to the sentence');
  });

  it('has its header in src/, no folder that would shadow it, and sketches named as their folders', () => {
    assert.ok(library.has(`src/${said.includes}`));
    const paths = [...library.keys()];
    assert.ok(!paths.some((path) => path.startsWith('utility/') || /^[^/]+\.(c|cpp|h)$/.test(path)));
    const sketches = paths.filter((path) => path.endsWith('.ino'));
    assert.equal(sketches.length, 2);
    for (const sketch of sketches) assert.match(sketch, /^examples\/(\w+)\/\1\.ino$/);
  });

  it('lists the functions of the model, each separated from its kind by one tab', () => {
    assert.match(text(library, 'keywords.txt'), /^two_input\t.*\ntwo_run\t.*\ntwo_output\t/);
    for (const line of text(library, 'keywords.txt').trim().split('\n'))
      assert.match(line, /^\w+\t(KEYWORD[123]|LITERAL1)$/);
  });
});

describe('the PlatformIO library', () => {
  const library = project('platformio', 'nucleo-f446re');

  it('has a manifest with the fields of its schema', () => {
    const manifest = JSON.parse(text(library, 'library.json'));
    assert.match(manifest.name, /^[\w.-]{1,50}$/);
    assert.match(manifest.version, /^\d+\.\d+\.\d+$/);
    assert.ok(manifest.description.length <= 255);
    for (const { base, files } of manifest.examples)
      for (const file of files) assert.ok(library.has(`${base}/${file}`), `${base}/${file}`);
  });

  it('has projects with one environment, of a board that PlatformIO knows', () => {
    const lines = text(library, 'examples/selftest/platformio.ini').split('\n');
    assert.deepEqual(
      lines.filter((line) => line.startsWith('[')),
      ['[env:nucleo_f446re]'],
    );
    assert.ok(lines.includes('board = nucleo_f446re') && lines.includes('platform = ststm32'));
  });
});

describe('the Zephyr module', () => {
  const module = project('zephyr', 'nucleo-f446re');

  it('says where its build files are', () => {
    const { name, build, samples } = parse(text(module, 'zephyr/module.yml'));
    assert.equal(name, 'two');
    assert.ok(module.has(`${build.cmake}/CMakeLists.txt`));
    assert.ok(module.has(build.kconfig));
    for (const folder of samples) assert.ok([...module.keys()].some((path) => path.startsWith(`${folder}/`)));
  });

  it('declares the symbol that its samples set and its CMake asks for', () => {
    const kconfig = text(module, 'zephyr/Kconfig')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    // An entry begins at the margin, its attributes are one tab in, help two more blanks.
    for (const line of kconfig) assert.match(line, /^(config [A-Z0-9_]+|\t(bool "[^"]*"|help)|\t {2}\S.*)$/);
    const [, symbol] = /^config (\w+)$/m.exec(text(module, 'zephyr/Kconfig'))!;
    assert.match(text(module, 'zephyr/CMakeLists.txt'), new RegExp(`^if\\(CONFIG_${symbol}\\)$`, 'm'));
    for (const sample of ['selftest', 'example'])
      assert.match(text(module, `samples/${sample}/prj.conf`), new RegExp(`^CONFIG_${symbol}=y$`, 'm'));
  });

  it('has samples that Twister can run: the self-test by its last line', () => {
    const { tests } = parse(text(module, 'samples/selftest/sample.yaml'));
    const { harness, harness_config: config, platform_allow: boards } = tests['sample.two.selftest'];
    assert.deepEqual(
      { harness, config, boards },
      { harness: 'console', config: { type: 'one_line', regex: ['done pass'] }, boards: ['nucleo_f446re'] },
    );
    assert.equal(
      parse(text(module, 'samples/example/sample.yaml')).tests['sample.two.example'].build_only,
      true,
    );
  });
});

describe('the ESP-IDF component', () => {
  const component = project('esp-idf', 'host');

  it('has a manifest with version, licence and the framework that it needs', () => {
    const { version, license, dependencies, examples } = parse(text(component, 'idf_component.yml'));
    assert.match(version, /^\d+\.\d+\.\d+$/);
    assert.equal(license, 'Apache-2.0');
    assert.equal(dependencies.idf, '>=5.0');
    for (const { path } of examples) assert.ok(component.has(`${path}/CMakeLists.txt`), path);
  });

  it('declares the symbol that its CMake asks for', () => {
    const [, symbol] = /^config (\w+)$/m.exec(text(component, 'Kconfig'))!;
    assert.match(text(component, 'CMakeLists.txt'), new RegExp(`if\\(CONFIG_${symbol}\\)`));
  });
});

describe('the CMSIS pack', () => {
  const pack = project('cmsis-pack', 'nucleo-f446re');
  const pdsc = text(pack, 'Bitloom.two.pdsc');
  const parsed = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    preserveOrder: false,
  }).parse(pdsc).package;

  it('is well-formed, with the elements in the order of the schema', () => {
    assert.equal(XMLValidator.validate(pdsc), true);
    assert.deepEqual(
      Object.keys(parsed).filter((key) => !/schema|xmlns|xs:/.test(key)),
      [...['vendor', 'name', 'description', 'url', 'releases', 'keywords', 'conditions', 'components']],
    );
    assert.equal(`${parsed.vendor}.${parsed.name}.pdsc`, 'Bitloom.two.pdsc');
  });

  it('names files that are there, conditions that it has, and requires components that it has', () => {
    const conditions = new Map(parsed.conditions.condition.map((one: { id: string }) => [one.id, one]));
    const subs = parsed.components.component.map(({ Csub }: { Csub: string }) => Csub);
    for (const { Csub, condition, files } of parsed.components.component) {
      assert.ok(conditions.has(condition), condition);
      for (const { category, name } of files.file)
        assert.ok(
          category === 'include' ? [...pack.keys()].some((path) => path.startsWith(name)) : pack.has(name),
          `${Csub}: ${name}`,
        );
    }
    for (const { require } of parsed.conditions.condition)
      for (const { Csub, Dcore } of [require].flat()) assert.ok(Dcore === 'Cortex-M4' || subs.includes(Csub));
  });

  it('lists every source of its folders in a component', () => {
    const listed = new Set(
      parsed.components.component.flatMap(({ files }: { files: { file: { name: string }[] } }) =>
        files.file.map(({ name }) => name),
      ),
    );
    for (const path of pack.keys()) if (/\.[ch]$/.test(path)) assert.ok(listed.has(path), path);
  });
});
