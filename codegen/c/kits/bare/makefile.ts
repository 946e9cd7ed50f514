import { readAsset } from '../../../../src/package/root.js';

/** What follows the model's variables in the Makefile of a kit that one compiler call builds for one machine. */
export function kitMakefile(kit: 'host' | 'android'): string {
  return readAsset(`codegen/c/kits/bare/${kit}.mk`) + readAsset('codegen/c/kits/bare/objects.mk');
}
