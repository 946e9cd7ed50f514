import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkTools, findTool } from '../../src/verify/tools.js';

describe('tools', () => {
  let folder: string;
  let path: string | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bitloom-tools-'));
    path = process.env.PATH;
    process.env.PATH = folder;
  });
  afterEach(() => {
    if (path !== undefined) process.env.PATH = path;
    rmSync(folder, { recursive: true });
  });

  it('are found with their version, or named with how to install them', () => {
    const make = join(folder, 'make');
    writeFileSync(make, '#!/bin/sh\necho "Make 9.1"\necho "more"\n');
    chmodSync(make, 0o755);
    const tools = new Map(checkTools().map((tool) => [tool.tool, tool]));
    assert.deepEqual([tools.get('make')!.found, tools.get('make')!.version], [true, 'Make 9.1']);
    assert.equal(tools.get('node')!.version, process.version);
    const qemu = tools.get('qemu-system-arm')!;
    assert.deepEqual([qemu.found, qemu.version], [false, null]);
    assert.match(qemu.install, /apt install qemu-system-arm/);
  });

  it('must be executable', () => {
    writeFileSync(join(folder, 'cc'), '');
    assert.equal(findTool('cc'), null);
  });
});
