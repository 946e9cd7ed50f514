/*
 * Requantization on ARMv6-M, which has no long multiplication, by digits of the multiplier. `scale` holds bits 0..10,
 * 11..20 and 21..30 of the multiplier, and -shift - 1.
 */
#ifndef BL_REQUANTIZE_DIGITS_H
#define BL_REQUANTIZE_DIGITS_H

#include "requantize.h"

/*
 * The code of `sum`, |sum| < 2^20, by a negative shift: the products with single digits fit in 32 bits, and make up
 * floor(sum * multiplier / 2^21), carried from digit to digit. The same double rounding as bl_mbqm_right.
 */
BL_INLINE int32_t bl_requantize20(int32_t sum, const int16_t *scale, int32_t offset, int32_t min, int32_t max)
{
    const uint16_t *digits = (const uint16_t *)scale;
    int32_t scaled = (sum * digits[0]) >> 11;
    scaled = (sum * digits[1] + scaled) >> 10;
    scaled = (sum * digits[2] + scaled + (1 << 9)) >> 10;
    /* The sign makes ties round away from zero; the offset goes in with the last rounding. */
    scaled = (((scaled + (sum >> 31)) >> digits[3]) + (2 * offset + 1)) >> 1;
    if (min == INT8_MIN && max == INT8_MAX) {
        int32_t code = (int8_t)scaled;
        return code == scaled ? code : (scaled >> 31) ^ INT8_MAX;
    }
    return bl_clamp(scaled, min, max);
}

/* The code of a sum, with literal `narrow`: whether it suits bl_requantize20. */
BL_INLINE int32_t bl_requantize_channel(int32_t sum, const int16_t *scale, int32_t narrow, int32_t offset, int32_t min,
                                        int32_t max)
{
    if (narrow)
        return bl_requantize20(sum, scale, offset, min, max);
    int32_t multiplier = scale[0] + (scale[1] << 11) + (scale[2] << 21);
    return bl_clamp(bl_mbqm(sum, multiplier, -1 - scale[3]) + offset, min, max);
}

#endif
