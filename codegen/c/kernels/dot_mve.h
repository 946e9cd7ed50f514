/*
 * Sums of products of eight output channels on Helium. One activation vector serves eight weight vectors: loads and
 * multiply-accumulates alternate, so that a core of two beats a cycle overlaps them, and each of the eight even
 * registers, the only ones that VMLADAVA takes, holds one sum. This is assembly because GCC moves the sums about.
 *  - filter [channels / 8, rounded up][inputs / 16, rounded up][8][16], with zeros where a vector is not full
 *  - multiplier, shift [channels / 8, rounded up][8], in the order of bl_lanes8: channels 0, 2, 4, 6, 1, 3, 5, 7
 */
#ifndef BL_DOT_MVE_H
#define BL_DOT_MVE_H

#include "mve.h"

#define BL_BLOCK8 8
#define BL_LANES 16

/* `chunks` vectors of inputs from `x` on. A list of them ends with one of no chunks. */
typedef struct {
    const int8_t *x;
    int32_t chunks;
} bl_segment;

/* Eight sums: of the channels with even and with odd numbers, which is how two vectors narrow into one. */
typedef struct {
    int32x4_t even;
    int32x4_t odd;
} bl_lanes8;

#define BL_START8                                                                                                      \
    "ldrd r0, r2, [%[x]]\n\t"                                                                                          \
    "ldrd r4, r6, [%[x], #8]\n\t"                                                                                      \
    "ldrd r8, r10, [%[x], #16]\n\t"                                                                                    \
    "ldrd r12, lr, [%[x], #24]\n\t"

/* Two weight vectors, each multiplied by the inputs in xs. */
#define BL_PAIR8(first, second)                                                                                        \
    "vldrb.8 %q[v], [%[filter]], #16\n\t"                                                                              \
    "vmladava.s8 " first ", %q[xs], %q[v]\n\t"                                                                         \
    "vldrb.8 %q[w], [%[filter]], #16\n\t"                                                                              \
    "vmladava.s8 " second ", %q[xs], %q[w]\n\t"

#define BL_PRODUCTS8 BL_PAIR8("r0", "r2") BL_PAIR8("r4", "r6") BL_PAIR8("r8", "r10") BL_PAIR8("r12", "lr")

#define BL_FINISH8                                                                                                     \
    "vmov %e[even], r0, r4\n\t"                                                                                        \
    "vmov %f[even], r8, r12\n\t"                                                                                       \
    "vmov %e[odd], r2, r6\n\t"                                                                                         \
    "vmov %f[odd], r10, lr\n\t"

#define BL_CLOBBERED8 "r0", "r2", "r4", "r6", "r8", "r10", "r12", "lr", "cc", "memory"

/* The sums of all segments, of which there is at least one, from the biases on. */
BL_INLINE bl_lanes8 bl_dot8(const bl_segment *segments, const int8_t *filter, const int32_t *bias)
{
    bl_lanes8 sums;
    int8x16_t xs, v, w;
    const void *x = bias;
    int32_t n;
    __asm__ volatile(BL_START8
                     "ldrd %[x], %[n], [%[segments]], #8\n"
                     "1:\n\t"
                     "vldrb.8 %q[xs], [%[x]], #16\n\t"
                     BL_PRODUCTS8
                     "subs %[n], %[n], #1\n\t"
                     "bne 1b\n\t"
                     "ldrd %[x], %[n], [%[segments]], #8\n\t"
                     "cmp %[n], #0\n\t"
                     "bne 1b\n\t"
                     BL_FINISH8
                     : [even] "=&w"(sums.even), [odd] "=&w"(sums.odd), [xs] "=&w"(xs), [v] "=&w"(v), [w] "=&w"(w),
                       [x] "+&r"(x), [n] "=&r"(n), [segments] "+&r"(segments), [filter] "+&r"(filter)
                     :
                     : BL_CLOBBERED8);
    return sums;
}

/* The sums of `count` inputs, of any number: none behind them is read. */
BL_INLINE bl_lanes8 bl_dot8_tail(const int8_t *input, int32_t count, const int8_t *filter, const int32_t *bias)
{
    bl_lanes8 sums;
    int8x16_t xs, v, w;
    const void *x = bias;
    __asm__ volatile(BL_START8
                     "mov %[x], %[input]\n"
                     "1:\n\t"
                     "vctp.8 %[n]\n\t"
                     "vpst\n\t"
                     "vldrbt.u8 %q[xs], [%[x]], #16\n\t"
                     BL_PRODUCTS8
                     "subs %[n], %[n], #16\n\t"
                     "bgt 1b\n\t"
                     BL_FINISH8
                     : [even] "=&w"(sums.even), [odd] "=&w"(sums.odd), [xs] "=&w"(xs), [v] "=&w"(v), [w] "=&w"(w),
                       [x] "+&r"(x), [n] "+&r"(count), [filter] "+&r"(filter)
                     : [input] "r"(input)
                     : BL_CLOBBERED8);
    return sums;
}

/* Writes the codes of the first `count` of the eight channels from `channel` on. */
BL_INLINE void bl_store8(int8_t *output, bl_lanes8 sums, int32_t channel, int32_t count, const bl_lane_requantizer *r)
{
    int32x4_t even, odd;
    if (r->per_channel) {
        const int32_t *m = r->multiplier + channel;
        const int8_t *e = r->shift + channel;
        even = bl_mbqm_lanes(sums.even, vldrwq_s32(m), vldrbq_s32(e), r->away);
        odd = bl_mbqm_lanes(sums.odd, vldrwq_s32(m + 4), vldrbq_s32(e + 4), r->away);
    } else {
        even = bl_mbqm_lanes_n(sums.even, r->multiplier[0], r->shift[0], r->away);
        odd = bl_mbqm_lanes_n(sums.odd, r->multiplier[0], r->shift[0], r->away);
    }
    int16x8_t codes = vqaddq_n_s16(bl_narrow32(even, odd), (int16_t)r->offset);
    codes = vminq_s16(vmaxq_s16(codes, vdupq_n_s16((int16_t)r->min)), vdupq_n_s16((int16_t)r->max));
    if (count >= BL_BLOCK8)
        vstrbq_s16(output, codes);
    else
        vstrbq_p_s16(output, codes, vctp16q((uint32_t)count));
}

#endif
