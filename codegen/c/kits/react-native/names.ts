import type { Plan } from '../../../../src/plan/plan.js';

/** What the files of one model's package share. */
export interface ModuleNames {
  /** Of the C interface. */
  readonly prefix: string;
  /** `NativeKws`: the module as JavaScript asks for it, its class in C++, and the file of its specification. */
  readonly module: string;
  /** `KwsSpec`: what React Native's Codegen generates from the specification is called so. */
  readonly spec: string;
  /** Of the npm package and of its pod. */
  readonly package: string;
}

export function moduleNames({ prefix }: Plan): ModuleNames {
  const words = prefix.split('_').filter((word) => word !== '');
  const name = words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('');
  return {
    prefix,
    module: `Native${name}`,
    spec: `${name}Spec`,
    package: `react-native-${prefix.toLowerCase()}`,
  };
}
