/** Longest name: with their suffixes, file names and identifiers stay within what tools take. */
const MAX_LENGTH = 40;

const KEYWORDS =
  'auto break case char const continue default do double else enum extern float for goto if inline int long register ' +
  'restrict return short signed sizeof static struct switch typedef union unsigned void volatile while';

/** Headers of the C library: a model's own would hide them from every file that is compiled with -I. */
const HEADERS =
  'assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic ' +
  'stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype';

/** Targets of CMake's own (policy CMP0037), with CTest and CPack, by any of its generators: a library may not be called so. */
const CMAKE_TARGETS =
  'all clean edit_cache help install package package_source preinstall rebuild_cache test';

/** Libraries of the compiler: a target of such a name would be linked in their place. */
const LIBRARIES = 'c gcc m';

/** Files of the example that kits have, and of the projects that they go into. */
const FILES = 'example main';

const RESERVED = new Set(`${KEYWORDS} ${HEADERS} ${CMAKE_TARGETS} ${LIBRARIES} ${FILES}`.split(' '));

/** Prefixes of the identifiers of the kernels and of the self-test. */
const OWN = /^(bl|bitloom|platform|selftest)(_|$)/;

/**
 * The name that a file gives its model, and with it every generated file and symbol: a lower-case C identifier.
 * `path/to/My Model-1.tflite` -> `my_model_1`; `int.tflite` -> `model_int`.
 */
export function modelName(fileName: string): string {
  const stem = fileName.replace(/^.*[\\/]/s, '').replace(/\.[^.]*$/s, '');
  const words = stem
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_/, '');
  const isTaken = !/^[a-z]/.test(words) || RESERVED.has(words) || OWN.test(words);
  return (isTaken ? `model_${words}` : words).slice(0, MAX_LENGTH).replace(/_$/, '');
}
