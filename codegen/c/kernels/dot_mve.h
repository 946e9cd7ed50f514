/*
 * Sums of products of eight output channels on Helium. One vector of inputs serves eight of weights: loads and
 * multiply-accumulates alternate, so that a core of two beats a cycle overlaps them, and each of the eight even
 * registers, the only ones that VMLADAVA takes, holds one sum. This is assembly because GCC moves the sums about.
 *  - filter [channels / 8, rounded up][inputs / 16, rounded up][8][16], with zeros where a vector is not full
 *  - parameters [channels / 8, rounded up]: eight biases, and if multipliers are per channel, eight multipliers and
 *    eight shifts of a byte, in the order of bl_lanes8: channels 0, 2, 4, 6, 1, 3, 5, 7
 */
#ifndef BL_DOT_MVE_H
#define BL_DOT_MVE_H

#include "mve.h"

#define BL_BLOCK8 8
#define BL_LANES 16

/* Words of parameters of a block. */
#define BL_BIASES8 8
#define BL_PARAMETERS8 18

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

#if defined(__OPTIMIZE__)

/* Two vectors of weights, each multiplied by the inputs. */
#define BL_PAIR8(first, second)                                                                                        \
    "vldrb.8 %q[v], [%[filter]], #16\n\t"                                                                              \
    "vmladava.s8 " first ", %q[inputs], %q[v]\n\t"                                                                     \
    "vldrb.8 %q[w], [%[filter]], #16\n\t"                                                                              \
    "vmladava.s8 " second ", %q[inputs], %q[w]\n\t"

/* The sums start with the biases; `begin` finds the inputs, `load` the next 16 of them, and `end` repeats that. */
#define BL_DOT8(begin, load, end)                                                                                      \
    "ldrd r0, r2, [%[parameters]]\n\t"                                                                                 \
    "ldrd r4, r6, [%[parameters], #8]\n\t"                                                                             \
    "ldrd r8, r10, [%[parameters], #16]\n\t"                                                                           \
    "ldrd r12, lr, [%[parameters], #24]\n\t" begin "\n1:\n\t" load BL_PAIR8("r0", "r2") BL_PAIR8("r4", "r6")           \
        BL_PAIR8("r8", "r10") BL_PAIR8("r12", "lr") end                                                                \
    "vmov %e[even], r0, r4\n\t"                                                                                        \
    "vmov %f[even], r8, r12\n\t"                                                                                       \
    "vmov %e[odd], r2, r6\n\t"                                                                                         \
    "vmov %f[odd], r10, lr"

#define BL_RESULTS8                                                                                                    \
    [even] "=&w"(sums.even), [odd] "=&w"(sums.odd), [inputs] "=&w"(inputs), [v] "=&w"(v), [w] "=&w"(w),                \
        [x] "=&r"(x), [n] "=&r"(n), [filter] "+&r"(*filter)

#define BL_CLOBBERED8 "r0", "r2", "r4", "r6", "r8", "r10", "r12", "lr", "cc", "memory"

/* The sums of all segments, of which there is at least one. `filter` moves on to the next block. */
BL_INLINE bl_lanes8 bl_dot8_segments(const bl_segment *segments, const int8_t **filter, const int32_t *parameters)
{
    bl_lanes8 sums;
    int8x16_t inputs, v, w;
    const int8_t *x;
    int32_t n;
    __asm__ volatile(BL_DOT8("ldrd %[x], %[n], [%[segments]], #8",
                             "vldrb.8 %q[inputs], [%[x]], #16\n\t",
                             "subs %[n], %[n], #1\n\t"
                             "bne 1b\n\t"
                             "ldrd %[x], %[n], [%[segments]], #8\n\t"
                             "cmp %[n], #0\n\t"
                             "bne 1b\n\t")
                     : BL_RESULTS8, [segments] "+&r"(segments)
                     : [parameters] "r"(parameters)
                     : BL_CLOBBERED8);
    return sums;
}

/* The sums of `count` inputs, a literal; none behind them is read. `filter` moves on to the next block. */
BL_INLINE bl_lanes8 bl_dot8(const int8_t *from, int32_t count, const int8_t **filter, const int32_t *parameters)
{
    bl_lanes8 sums;
    int8x16_t inputs, v, w;
    const int8_t *x;
    int32_t n;
    if (count % BL_LANES == 0)
        __asm__ volatile(BL_DOT8("mov %[x], %[from]\n\t"
                                 "mov %[n], %[chunks]",
                                 "vldrb.8 %q[inputs], [%[x]], #16\n\t",
                                 "subs %[n], %[n], #1\n\t"
                                 "bne 1b\n\t")
                         : BL_RESULTS8
                         : [parameters] "r"(parameters), [from] "r"(from), [chunks] "rI"(count / BL_LANES)
                         : BL_CLOBBERED8);
    else
        __asm__ volatile(BL_DOT8("mov %[x], %[from]\n\t"
                                 "mov %[n], %[count]",
                                 "vctp.8 %[n]\n\t"
                                 "vpst\n\t"
                                 "vldrbt.u8 %q[inputs], [%[x]], #16\n\t",
                                 "subs %[n], %[n], #16\n\t"
                                 "bgt 1b\n\t")
                         : BL_RESULTS8
                         : [parameters] "r"(parameters), [from] "r"(from), [count] "rI"(count)
                         : BL_CLOBBERED8);
    return sums;
}

#else

/* The same in C: the frame pointer that compilers keep without optimisation leaves the assembly too few registers. */

/* Adds the products of `count` inputs, up to 16. `filter` moves on to the next vectors of weights. */
BL_INLINE void bl_dot8_add(int32_t sums[BL_BLOCK8], const int8_t *x, int32_t count, const int8_t **filter)
{
    for (int32_t channel = 0; channel < BL_BLOCK8; channel++, *filter += BL_LANES) {
        for (int32_t i = 0; i < count; i++)
            sums[channel] += x[i] * (*filter)[i];
    }
}

BL_INLINE void bl_dot8_start(int32_t sums[BL_BLOCK8], const int32_t *parameters)
{
    for (int32_t channel = 0; channel < BL_BLOCK8; channel++)
        sums[channel] = parameters[channel];
}

BL_INLINE bl_lanes8 bl_dot8_lanes(const int32_t sums[BL_BLOCK8])
{
    int32x4x2_t both = vld2q_s32(sums);
    bl_lanes8 lanes = {both.val[0], both.val[1]};
    return lanes;
}

BL_INLINE bl_lanes8 bl_dot8_segments(const bl_segment *segments, const int8_t **filter, const int32_t *parameters)
{
    int32_t sums[BL_BLOCK8];
    bl_dot8_start(sums, parameters);
    for (; segments->chunks > 0; segments++) {
        for (int32_t chunk = 0; chunk < segments->chunks; chunk++)
            bl_dot8_add(sums, segments->x + chunk * BL_LANES, BL_LANES, filter);
    }
    return bl_dot8_lanes(sums);
}

BL_INLINE bl_lanes8 bl_dot8(const int8_t *from, int32_t count, const int8_t **filter, const int32_t *parameters)
{
    int32_t sums[BL_BLOCK8];
    bl_dot8_start(sums, parameters);
    for (int32_t i = 0; i < count; i += BL_LANES)
        bl_dot8_add(sums, from + i, bl_min(BL_LANES, count - i), filter);
    return bl_dot8_lanes(sums);
}

#endif

/* Writes the codes of the first `count` of eight channels. */
BL_INLINE void bl_store8(int8_t *output, bl_lanes8 sums, const int32_t *parameters, int32_t count,
                         const bl_lane_requantizer *r)
{
    int32x4_t even, odd;
    if (r->per_channel) {
        const int32_t *m = parameters + BL_BIASES8;
        const int8_t *e = (const int8_t *)(m + BL_BLOCK8);
        even = bl_mbqm_lanes(sums.even, vldrwq_s32(m), vldrbq_s32(e), r->away);
        odd = bl_mbqm_lanes(sums.odd, vldrwq_s32(m + 4), vldrbq_s32(e + 4), r->away);
    } else {
        even = bl_mbqm_lanes_n(sums.even, r->multiplier, r->shift, r->away);
        odd = bl_mbqm_lanes_n(sums.odd, r->multiplier, r->shift, r->away);
    }
    int16x8_t codes = vqaddq_n_s16(bl_narrow32(even, odd), (int16_t)r->offset);
    if (r->clamped)
        codes = vminq_s16(vmaxq_s16(codes, vdupq_n_s16((int16_t)r->min)), vdupq_n_s16((int16_t)r->max));
    else
        codes = bl_saturate8(codes);
    if (count >= BL_BLOCK8)
        vstrbq_s16(output, codes);
    else
        vstrbq_p_s16(output, codes, vctp16q((uint32_t)count));
}

#endif
