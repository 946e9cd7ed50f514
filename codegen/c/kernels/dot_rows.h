/*
 * Sums of products for ARMv6-M, whose eight low registers hold no block of four interleaved channels: four rows of the
 * filter stay in the order of the input, so that one register is the index into all five and every product takes a
 * load, a multiplication and an addition. The sums live in high registers, which ADD can reach.
 */
#ifndef BL_DOT_ROWS_H
#define BL_DOT_ROWS_H

#include "kernel.h"

#define BL_ROWS 4

#ifdef BL_ASSEMBLY_ARMV6M

#define BL_DOT_ROWS_STEP                                                                                               \
    "ldrsb %[x], [%[input], %[at]]\n\t"                                                                                \
    "ldrsb %[w], [%[row0], %[at]]\n\t"                                                                                 \
    "muls %[w], %[x], %[w]\n\t"                                                                                        \
    "add %[acc0], %[acc0], %[w]\n\t"                                                                                   \
    "ldrsb %[w], [%[row1], %[at]]\n\t"                                                                                 \
    "muls %[w], %[x], %[w]\n\t"                                                                                        \
    "add %[acc1], %[acc1], %[w]\n\t"                                                                                   \
    "ldrsb %[w], [%[row2], %[at]]\n\t"                                                                                 \
    "muls %[w], %[x], %[w]\n\t"                                                                                        \
    "add %[acc2], %[acc2], %[w]\n\t"                                                                                   \
    "ldrsb %[w], [%[row3], %[at]]\n\t"                                                                                 \
    "muls %[w], %[x], %[w]\n\t"                                                                                        \
    "add %[acc3], %[acc3], %[w]\n\t"                                                                                   \
    "adds %[at], %[at], #1\n\t"

#define BL_DOT_ROWS_STEPS BL_DOT_ROWS_STEP BL_DOT_ROWS_STEP BL_DOT_ROWS_STEP BL_DOT_ROWS_STEP

/*
 * Adds the products of `count` > 0 inputs with each of four neighbouring rows of the filter, which ends after `rows` of
 * them: the last one stands for those that it lacks. Returns where the next rows begin. `count` modulo 4 steps come first, then 4 or 8 at a time.
 */
BL_INLINE const int8_t *bl_dot_rows(uint32_t acc[BL_ROWS], const int8_t *input, const int8_t *filter, int32_t count,
                                    int32_t rows)
{
    uint32_t acc0 = acc[0], acc1 = acc[1], acc2 = acc[2], acc3 = acc[3];
    int32_t at = -count;
    int32_t x, w;
    /* The index is a distance of rows too, and at hand: hide its value, whose multiples would take registers. */
    __asm__ volatile("" : "+l"(at));
    const int8_t *row0 = filter - at;
    const int8_t *row1 = rows > 1 ? row0 - at : row0;
    const int8_t *row2 = rows > 2 ? row1 - at : row1;
    const int8_t *row3 = rows > 3 ? row2 - at : row2;
#define BL_DOT_ROWS_OPERANDS                                                                                           \
    : [acc0] "+h"(acc0), [acc1] "+h"(acc1), [acc2] "+h"(acc2), [acc3] "+h"(acc3), [at] "+l"(at), [x] "=&l"(x),         \
      [w] "=&l"(w)                                                                                                     \
    : [input] "l"(input + count), [row0] "l"(row0), [row1] "l"(row1), [row2] "l"(row2), [row3] "l"(row3)               \
    : "cc", "memory"
    if (count % 4 != 0)
        __asm__ volatile(".syntax unified\n"
                         "1:\n\t" BL_DOT_ROWS_STEP "lsls %[w], %[at], #30\n\t"
                         "bne 1b" BL_DOT_ROWS_OPERANDS);
    if (count % 8 == 0)
        __asm__ volatile(".syntax unified\n"
                         "1:\n\t" BL_DOT_ROWS_STEPS BL_DOT_ROWS_STEPS "bne 1b" BL_DOT_ROWS_OPERANDS);
    else if (count >= 4)
        __asm__ volatile(".syntax unified\n"
                         "1:\n\t" BL_DOT_ROWS_STEPS "bne 1b" BL_DOT_ROWS_OPERANDS);
#undef BL_DOT_ROWS_OPERANDS
    acc[0] = acc0;
    acc[1] = acc1;
    acc[2] = acc2;
    acc[3] = acc3;
    return row3;
}

#else

BL_INLINE const int8_t *bl_dot_rows(uint32_t acc[BL_ROWS], const int8_t *input, const int8_t *filter, int32_t count,
                                    int32_t rows)
{
    for (int32_t i = 0; i < BL_ROWS; i++) {
        const int8_t *row = filter + bl_min(i, rows - 1) * count;
        for (int32_t at = 0; at < count; at++)
            acc[i] += (uint32_t)(input[at] * row[at]);
    }
    return filter + rows * count;
}

#endif

#endif
