/*
 * Requantization on ARMv6-M, which has no long multiplication. `scale` holds by channel
 *  - where all sums are below 2^20 and all shifts negative (`narrow`): bits 0..10, 11..20 and 21..30 of the multiplier, and
 *    -shift
 *  - elsewhere: bits 0..15 and 16..30 of the multiplier, the shift, and 0
 */
#ifndef BL_REQUANTIZE_DIGITS_H
#define BL_REQUANTIZE_DIGITS_H

#include "requantize.h"

/* x * 2^-e, 1 <= e <= 31, rounded half up, plus y: the bit to round by is what the shift leaves in the carry. */
BL_INLINE int32_t bl_shift_and_add(int32_t x, int32_t e, int32_t y)
{
#if defined(__GNUC__) && defined(__ARM_ARCH_ISA_THUMB) && __ARM_ARCH_ISA_THUMB == 1
    __asm__(".syntax unified\n\t"
            "asrs %0, %0, %1\n\t"
            "adcs %0, %0, %2"
            : "+l"(x)
            : "lN"(e), "l"(y)
            : "cc");
    return x;
#else
    return (x >> e) + ((x >> (e - 1)) & 1) + y;
#endif
}

/*
 * `sum` scaled, |sum| < 2^20, by a negative shift, plus `offset`: the products with single digits fit in 32 bits, and
 * make up floor(sum * multiplier / 2^21), carried from digit to digit. The double rounding of bl_mbqm_right.
 */
BL_INLINE int32_t bl_scale20(int32_t sum, const int16_t *scale, int32_t offset)
{
    const uint16_t *digits = (const uint16_t *)scale;
    int32_t scaled = (sum * digits[0]) >> 11;
    scaled = (sum * digits[1] + scaled) >> 10;
    /* The sign makes ties round away from zero. */
    scaled = bl_shift_and_add(sum * digits[2] + scaled, 10, sum >> 31);
    return bl_shift_and_add(scaled, digits[3], offset);
}

BL_INLINE int8_t bl_saturate_byte(int32_t x)
{
    int32_t code = (int8_t)x;
    return (int8_t)(code == x ? code : (x >> 31) ^ INT8_MAX);
}

/* Codes of four neighbouring channels, of the whole range of int8: once in a model, for all layers. */
BL_OUTLINE void bl_requantize20_x4(int8_t *codes, const uint32_t *sums, const int16_t *scale, int32_t offset)
{
    BL_UNROLL(4)
    for (int32_t i = 0; i < 4; i++)
        codes[i] = bl_saturate_byte(bl_scale20((int32_t)sums[i], scale + 4 * i, offset));
}

/* The code of a sum. */
BL_INLINE int32_t bl_requantize_channel(int32_t sum, const int16_t *scale, int32_t narrow, int32_t offset, int32_t min,
                                        int32_t max)
{
    if (narrow)
        return bl_clamp(bl_scale20(sum, scale, offset), min, max);
    int32_t multiplier = (int32_t)((uint16_t)scale[0] | (uint32_t)scale[1] << 16);
    return bl_clamp(bl_mbqm(sum, multiplier, scale[2]) + offset, min, max);
}

/*
 * Codes of `count` channels. `scale` is one scale a channel, stride 4, or four equal ones for all channels, stride 0.
 * All but the pointers are literals, which choose the shared function where they can.
 */
BL_INLINE void bl_requantize_channels(int8_t *codes, const uint32_t *sums, const int16_t *scale, int32_t stride,
                                      int32_t count, int32_t narrow, int32_t offset, int32_t min, int32_t max)
{
    if (narrow && count % 4 == 0 && min == INT8_MIN && max == INT8_MAX) {
        BL_UNROLL(1)
        for (int32_t i = 0; i < count; i += 4)
            bl_requantize20_x4(codes + i, sums + i, scale + stride * i, offset);
        return;
    }
    BL_UNROLL(1)
    for (int32_t i = 0; i < count; i++)
        codes[i] = (int8_t)bl_requantize_channel((int32_t)sums[i], scale + stride * i, narrow, offset, min, max);
}

#endif
