import type { CoreName } from './cores.js';

/**
 * Millions of cycles of one inference on real boards: MHz times ms of the closed division of MLPerf Tiny
 * (mlcommons/tiny_results_v1.1 to v1.3).
 */
export const BOARD_MEGACYCLES: readonly {
  readonly entry: string;
  readonly core: CoreName;
  readonly models: Readonly<Record<string, number>>;
}[] = [
  {
    entry: 'X-CUBE-AI 9.0, NUCLEO-L4R5ZI (v1.2)',
    core: 'M4',
    models: { kws: 5.18, vww: 10.7, ic: 19.8, ad: 0.63 },
  },
  {
    entry: 'Plumerai 2023.05, NUCLEO-L4R5ZI (v1.1)',
    core: 'M4',
    models: { kws: 5.7, vww: 11.9, ic: 20.1, ad: 0.49 },
  },
  {
    entry: 'microTVM + CMSIS-NN, NUCLEO-L4R5ZI (v1.0)',
    core: 'M4',
    models: { kws: 12.0, vww: 36.1, ic: 46.8, ad: 1.03 },
  },
  {
    entry: 'X-CUBE-AI 9.0, NUCLEO-U575ZI (v1.2)',
    core: 'M33',
    models: { kws: 4.65, vww: 9.5, ic: 17.8, ad: 0.54 },
  },
  {
    entry: 'Plumerai, DISCO-F746NG (v1.1)',
    core: 'M7',
    models: { kws: 3.8, vww: 7.4, ic: 13.6, ad: 0.37 },
  },
  {
    entry: 'X-CUBE-AI 9.0, NUCLEO-H7A3ZI (v1.2)',
    core: 'M7',
    models: { kws: 3.17, vww: 6.7, ic: 11.4, ad: 0.34 },
  },
  {
    entry: 'Bosch HALE, NUCLEO-G0B1RE (v1.2)',
    core: 'M0+',
    models: { kws: 30.4, vww: 90.5, ic: 97.4, ad: 2.62 },
  },
];

/**
 * Instructions of TensorFlow Lite Micro (90b983c) with CMSIS-NN (4ab83cc), GCC 12.2 -O2, in QEMU; M0+ in rp2040js.
 */
export const CMSIS_NN_INSTRUCTIONS: Readonly<Record<string, Partial<Record<CoreName, number>>>> = {
  kws: { M4: 7_697_415, M7: 7_643_182, M33: 7_679_707, M55: 1_813_176, 'M0+': 28_996_252 },
  vww: { M4: 24_101_960, M7: 24_025_586, M33: 24_046_768, M55: 6_558_336, 'M0+': 86_902_371 },
  ic: { M4: 29_863_301, M7: 30_026_106, M33: 29_962_202, M55: 4_911_182, 'M0+': 97_555_707 },
  ad: { M4: 582_974, M7: 583_260, M33: 583_456, M55: 149_995, 'M0+': 1_763_005 },
  sww: { M4: 2_227_604 },
  person_detect: { M4: 22_928_473, M55: 6_508_111 },
  micro_speech_quantized: { M4: 1_495_382 },
  hello_world_int8: { M4: 3_523 },
  mcunet_vww: { M7: 47_796_166 },
};
