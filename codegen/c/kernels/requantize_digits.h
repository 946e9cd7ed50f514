/*
 * Requantization on ARMv6-M, which has no long multiplication, by digits of the multiplier. `scale` holds bits 0..10,
 * 11..20 and 21..30 of the multiplier, and -shift - 1.
 */
#ifndef BL_REQUANTIZE_DIGITS_H
#define BL_REQUANTIZE_DIGITS_H

#include "requantize.h"

/*
 * `sum` scaled, |sum| < 2^20, by a negative shift, plus (rounding - 1) / 2: the products with single digits fit in 32
 * bits, and make up floor(sum * multiplier / 2^30), carried from digit to digit. The double rounding of bl_mbqm_right.
 */
BL_INLINE int32_t bl_scale20(int32_t sum, const int16_t *scale, int32_t rounding)
{
    const uint16_t *digits = (const uint16_t *)scale;
    int32_t scaled = (sum * digits[0]) >> 11;
    scaled = (sum * digits[1] + scaled) >> 10;
    scaled = (((sum * digits[2] + scaled) >> 9) + 1) >> 1;
    /* The sign makes ties round away from zero; the offset goes in with the last rounding. */
    return (((scaled + (sum >> 31)) >> digits[3]) + rounding) >> 1;
}

BL_INLINE int8_t bl_saturate_byte(int32_t x)
{
    int32_t code = (int8_t)x;
    return (int8_t)(code == x ? code : (x >> 31) ^ INT8_MAX);
}

/* Codes of four neighbouring channels, of the whole range of int8: once in a model, for all layers. */
BL_OUTLINE void bl_requantize20_x4(int8_t *codes, const uint32_t *sums, const int16_t *scale, int32_t rounding)
{
    BL_UNROLL(4)
    for (int32_t i = 0; i < 4; i++)
        codes[i] = bl_saturate_byte(bl_scale20((int32_t)sums[i], scale + 4 * i, rounding));
}

/* The code of a sum, with literal `narrow`: whether it suits bl_scale20. */
BL_INLINE int32_t bl_requantize_channel(int32_t sum, const int16_t *scale, int32_t narrow, int32_t offset, int32_t min,
                                        int32_t max)
{
    if (narrow)
        return bl_clamp(bl_scale20(sum, scale, 2 * offset + 1), min, max);
    int32_t multiplier = scale[0] + (scale[1] << 11) + (scale[2] << 21);
    return bl_clamp(bl_mbqm(sum, multiplier, -1 - scale[3]) + offset, min, max);
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
            bl_requantize20_x4(codes + i, sums + i, scale + stride * i, 2 * offset + 1);
        return;
    }
    BL_UNROLL(1)
    for (int32_t i = 0; i < count; i++)
        codes[i] = (int8_t)bl_requantize_channel((int32_t)sums[i], scale + stride * i, narrow, offset, min, max);
}

#endif
