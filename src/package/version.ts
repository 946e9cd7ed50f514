import { readAsset } from './root.js';

/** The version of this package, written into every generated file. */
export const VERSION: string = JSON.parse(readAsset('package.json')).version;
