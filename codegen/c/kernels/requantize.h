/*
 * Requantization: TensorFlow Lite Micro's MultiplyByQuantizedMultiplier with double rounding, to the bit.
 * A multiplier stands for multiplier * 2^(shift - 31), 0 <= multiplier < 2^31; a positive shift is a left shift.
 */
#ifndef BL_REQUANTIZE_H
#define BL_REQUANTIZE_H

#include "kernel.h"

/* SaturatingRoundingDoublingHighMul for m >= 0, where saturation cannot happen: (x * m + 2^30) >> 31. */
BL_INLINE int32_t bl_srdhm(int32_t x, int32_t m)
{
#if defined(__ARM_ARCH_ISA_THUMB) && __ARM_ARCH_ISA_THUMB == 1
    /* ARMv6-M has no long multiplication; four products of halves are shorter than the library's call. */
    int32_t x_low = (int32_t)((uint32_t)x & 0xffffu);
    int32_t x_high = x >> 16;
    int32_t m_low = (int32_t)((uint32_t)m & 0xffffu);
    int32_t m_high = m >> 16;
    uint32_t low = (uint32_t)x_low * (uint32_t)m_low;
    int32_t a = x_high * m_low + (int32_t)(low >> 16) + (1 << 14);
    int32_t b = x_low * m_high;
    return x_high * m_high * 2 + (a >> 15) + (b >> 15) + (((a & 0x7fff) + (b & 0x7fff)) >> 15);
#else
    return (int32_t)(((int64_t)x * m + (1 << 30)) >> 31);
#endif
}

/* RoundingDivideByPOT for 1 <= e <= 31 and INT32_MIN < x < INT32_MAX: what bl_srdhm returns always qualifies. */
BL_INLINE int32_t bl_rdbp_positive(int32_t x, int32_t e)
{
    return (((x + (x >> 31)) >> (e - 1)) + 1) >> 1;
}

/* RoundingDivideByPOT for 0 <= e <= 31 and INT32_MIN < x < INT32_MAX. */
BL_INLINE int32_t bl_rdbp(int32_t x, int32_t e)
{
    return e == 0 ? x : bl_rdbp_positive(x, e);
}

/* MBQM for any shift in [-31, 30]; x * 2^shift must fit in 32 bits where shift > 0. */
BL_INLINE int32_t bl_mbqm(int32_t x, int32_t multiplier, int32_t shift)
{
    if (shift > 0)
        return bl_srdhm((int32_t)((uint32_t)x << shift), multiplier);
    return bl_rdbp(bl_srdhm(x, multiplier), -shift);
}

/* MBQM for -31 <= shift <= -1: the common case, without branches. */
BL_INLINE int32_t bl_mbqm_right(int32_t x, int32_t multiplier, int32_t shift)
{
    return bl_rdbp_positive(bl_srdhm(x, multiplier), -shift);
}

/*
 * MBQM of a 64-bit accumulator, |x| < 2^47, shift in [-31, 7]. `multiplier` is the reduced 16-bit one:
 * m < 0x7fff0000 ? (m + 2^15) >> 16 : 0x7fff.
 */
BL_INLINE int32_t bl_mbqm64(int64_t x, int32_t multiplier, int32_t shift)
{
    return (int32_t)((x * multiplier + ((int64_t)1 << (14 - shift))) >> (15 - shift));
}

#endif
