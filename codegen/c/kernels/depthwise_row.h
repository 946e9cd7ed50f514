/*
 * One row of taps of a DEPTHWISE_CONV_2D on ARMv6-M, for all channels of a pixel: one index walks over the taps of both
 * input and filter, whose pixels are equally far apart.
 */
#ifndef BL_DEPTHWISE_ROW_H
#define BL_DEPTHWISE_ROW_H

#include "kernel.h"

#ifdef BL_ASSEMBLY_ARMV6M

#define BL_DEPTHWISE_TAP                                                                                               \
    "ldrsb r0, [%[input], %[at]]\n\t"                                                                                  \
    "ldrsb r1, [%[filter], %[at]]\n\t"                                                                                 \
    "add r0, r0, %[offset]\n\t"                                                                                        \
    "muls r0, r1, r0\n\t"                                                                                              \
    "adds r2, r2, r0\n\t"
#define BL_DEPTHWISE_NEXT "add %[at], %[at], %[channels]\n\t"
#define BL_DEPTHWISE_LOOP(taps)                                                                                        \
    __asm__ volatile(".syntax unified\n"                                                                               \
                     "1:\n\t"                                                                                          \
                     "ldmia %[from]!, {r2}\n\t" taps "stmia %[to]!, {r2}\n\t"                                          \
                     "add %[at], %[at], %[back]\n\t"                                                                   \
                     "cmp %[to], %[end]\n\t"                                                                           \
                     "bne 1b"                                                                                          \
                     : [at] "+l"(at), [from] "+l"(from), [to] "+l"(to)                                                 \
                     : [input] "l"(input), [filter] "l"(filter), [offset] "h"(offset), [channels] "h"(channels),       \
                       [back] "h"(back), [end] "h"(end)                                                                \
                     : "r0", "r1", "r2", "cc", "memory")

/* to[c] = from[c] + the products of `taps` taps, 1 to 3, of channel c: (input + offset) * filter. */
BL_INLINE void bl_depthwise_row(uint32_t *to, const uint32_t *from, const int8_t *input, const int8_t *filter,
                                int32_t offset, int32_t channels, int32_t taps)
{
    const uint32_t *end = to + channels;
    int32_t back = 1 - (taps - 1) * channels;
    int32_t at = 0;
    if (taps == 3)
        BL_DEPTHWISE_LOOP(BL_DEPTHWISE_TAP BL_DEPTHWISE_NEXT BL_DEPTHWISE_TAP BL_DEPTHWISE_NEXT BL_DEPTHWISE_TAP);
    else if (taps == 2)
        BL_DEPTHWISE_LOOP(BL_DEPTHWISE_TAP BL_DEPTHWISE_NEXT BL_DEPTHWISE_TAP);
    else
        BL_DEPTHWISE_LOOP(BL_DEPTHWISE_TAP);
}

#else

BL_INLINE void bl_depthwise_row(uint32_t *to, const uint32_t *from, const int8_t *input, const int8_t *filter,
                                int32_t offset, int32_t channels, int32_t taps)
{
    for (int32_t c = 0; c < channels; c++) {
        uint32_t acc = from[c];
        for (int32_t at = c; at < taps * channels; at += channels)
            acc += (uint32_t)((input[at] + offset) * filter[at]);
        to[c] = acc;
    }
}

#endif

#endif
