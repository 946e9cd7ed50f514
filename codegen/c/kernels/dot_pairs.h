/*
 * Sums of products for ARMv6-M, two to a multiplication: a word of the filter holds the weights of two output channels,
 * low + 65536 * high, and times an input it holds both products. The plan has proved that the products of two taps
 * fit in the 16 bits of their lanes. S, the sum of two such words, is taken apart by
 *   high += (S + 0x8000) >> 16; all += S + 0x8000
 * which is exact in `high`, and at the end in all - 65536 * high, modulo 2^32.
 */
#ifndef BL_DOT_PAIRS_H
#define BL_DOT_PAIRS_H

#include "kernel.h"

/* The sums of four channels, in two pairs. */
typedef struct {
    uint32_t all[2];
    uint32_t high[2];
} bl_pair_sums;

#ifdef BL_ASSEMBLY_ARMV6M

#define BL_DOT_PAIRS_STEP                                                                                              \
    "ldmia %[filter]!, {r0, r1, r2, r3}\n\t"                                                                           \
    "ldrsb r7, [%[input], %[at]]\n\t"                                                                                  \
    "adds %[at], %[at], #1\n\t"                                                                                        \
    "muls r0, r7, r0\n\t"                                                                                              \
    "muls r1, r7, r1\n\t"                                                                                              \
    "ldrsb r7, [%[input], %[at]]\n\t"                                                                                  \
    "muls r2, r7, r2\n\t"                                                                                              \
    "muls r3, r7, r3\n\t"                                                                                              \
    "adds r0, r0, r2\n\t"                                                                                              \
    "adds r1, r1, r3\n\t"                                                                                              \
    "add r0, r0, %[half]\n\t"                                                                                          \
    "add r1, r1, %[half]\n\t"                                                                                          \
    "add %[all0], %[all0], r0\n\t"                                                                                     \
    "add %[all1], %[all1], r1\n\t"                                                                                     \
    "asrs r0, r0, #16\n\t"                                                                                             \
    "asrs r1, r1, #16\n\t"                                                                                             \
    "add %[high0], %[high0], r0\n\t"                                                                                   \
    "add %[high1], %[high1], r1\n\t"                                                                                   \
    "adds %[at], %[at], #1\n\t"

/* Adds the products of `count` inputs, an even number and not 0, with one block of the filter: [count][2]. */
BL_INLINE void bl_dot_pairs(bl_pair_sums *sums, const int8_t *input, const int32_t *filter, int32_t count)
{
    uint32_t all0 = sums->all[0], all1 = sums->all[1], high0 = sums->high[0], high1 = sums->high[1];
    int32_t at = -count;
#define BL_DOT_PAIRS_OPERANDS                                                                                          \
    : [all0] "+h"(all0), [all1] "+h"(all1), [high0] "+h"(high0), [high1] "+h"(high1), [at] "+l"(at),                   \
      [filter] "+l"(filter)                                                                                            \
    : [input] "l"(input + count), [half] "h"(0x8000)                                                                   \
    : "r0", "r1", "r2", "r3", "r7", "cc", "memory"
    if (count % 4 != 0)
        __asm__ volatile(".syntax unified\n"
                         "1:\n\t" BL_DOT_PAIRS_STEP "bne 1b" BL_DOT_PAIRS_OPERANDS);
    else
        __asm__ volatile(".syntax unified\n"
                         "1:\n\t" BL_DOT_PAIRS_STEP BL_DOT_PAIRS_STEP "bne 1b" BL_DOT_PAIRS_OPERANDS);
#undef BL_DOT_PAIRS_OPERANDS
    sums->all[0] = all0;
    sums->all[1] = all1;
    sums->high[0] = high0;
    sums->high[1] = high1;
}

#else

BL_INLINE void bl_dot_pairs(bl_pair_sums *sums, const int8_t *input, const int32_t *filter, int32_t count)
{
    for (int32_t at = 0; at < count; at += 2, filter += 4) {
        for (int32_t i = 0; i < 2; i++) {
            uint32_t both = (uint32_t)input[at] * (uint32_t)filter[i] +
                            (uint32_t)input[at + 1] * (uint32_t)filter[i + 2] + 0x8000u;
            sums->all[i] += both;
            sums->high[i] += (uint32_t)((int32_t)both >> 16);
        }
    }
}

#endif

#endif
