#ifndef BL_BITS_H
#define BL_BITS_H

#include "kernel.h"

/* Leading zeros of x, which is not 0. */
BL_INLINE int32_t bl_clz(uint32_t x)
{
#if defined(__GNUC__)
    return __builtin_clz(x);
#else
    int32_t zeros = 0;
    for (; !(x & 0x80000000u); x <<= 1)
        zeros++;
    return zeros;
#endif
}

/* x * 2^e on 32 bits, saturating; gemmlowp's SaturatingRoundingMultiplyByPOT. */
BL_INLINE int32_t bl_saturating_shift_left(int32_t x, int32_t e)
{
    int32_t threshold = (int32_t)((1u << (31 - e)) - 1u);
    if (x > threshold)
        return INT32_MAX;
    if (x < -threshold)
        return INT32_MIN;
    return x * (1 << e);
}

#endif
