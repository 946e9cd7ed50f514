/*
 * Requantization (requantize.h) by SMMLAR, for layers whose multipliers all shift right, by 23 bits at most, or, where codes below the
 * output's zero point do not survive the clamp, not at all.
 */
#ifndef BL_OUTPUT_SIMD32_H
#define BL_OUTPUT_SIMD32_H

#include "simd32_pairs.h"

/*
 * The last steps of requantization. Literals: `clamps`, whether min and max are other than the ends of int8; `negative`,
 * whether codes below the offset, which is the output's zero point, survive the clamp.
 */
typedef struct {
    int32_t offset;
    int32_t min;
    int32_t max;
    int32_t clamps;
    int32_t negative;
} bl_output_simd32;

/*
 * From complete sums of a channel and `pixels` pixels to codes. `multiplier` is twice the multiplier of bl_mbqm modulo
 * 2^32, for multipliers from 2^30 on, `shift` its right shift. With M = multiplier - 2^32, the doubled multiplier as a
 * signed word, sum + high word(sum * M) rounded is SRDHM. RDBP divides by 2^shift with ties away from 0, which below 0
 * is what `>> 31` is for: where such results are clamped to the zero point, ties towards 0 do as well. The zero point
 * joins the sum before the shift: (2 * offset + 1) * 2^(shift - 1).
 */
BL_INLINE void bl_codes_of_channel(uint32_t *acc, int32_t pixels, int32_t multiplier, int32_t shift,
                                   const bl_output_simd32 *o)
{
    int32_t round = (int32_t)((uint32_t)(2 * o->offset + 1) << shift) >> 1;
    BL_UNROLL(4)
    for (int32_t p = 0; p < pixels; p++) {
        int32_t high = bl_smmlar((int32_t)acc[p], multiplier, (int32_t)acc[p]);
        int32_t code = (high + (o->negative ? high >> 31 : 0) + round) >> shift;
        acc[p] = (uint32_t)(o->clamps ? bl_clamp(code, o->min, o->max) : bl_clamp(code, INT8_MIN, INT8_MAX));
    }
}

/*
 * Writes codes acc[channel][pixel] of a block of `channels` channels, 2 or 4 (a literal), of which there are `left`, to
 * output[pixel * stride + channel].
 */
BL_INLINE void bl_store_block(int8_t *output, int32_t stride, uint32_t *acc, int32_t pixels, int32_t channels,
                              int32_t left)
{
    BL_UNROLL(4)
    for (int32_t p = 0; p < pixels; p++) {
        acc[p] = bl_insert_byte(acc[p], (int32_t)acc[pixels + p], 1);
        if (channels == 4) {
            acc[p] = bl_insert_byte(acc[p], (int32_t)acc[2 * pixels + p], 2);
            acc[p] = bl_insert_byte(acc[p], (int32_t)acc[3 * pixels + p], 3);
        }
    }
    if (left >= channels) {
        BL_UNROLL(4)
        for (int32_t p = 0; p < pixels; p++, output += stride) {
            if (channels == 4)
                bl_store_word(output, acc[p]);
            else
                bl_store_halfword(output, acc[p]);
        }
        return;
    }
    BL_UNROLL(4)
    for (int32_t p = 0; p < pixels; p++, output += stride) {
        output[0] = (int8_t)acc[p];
        if (left > 1)
            output[1] = (int8_t)(acc[p] >> 8);
        if (left > 2)
            output[2] = (int8_t)(acc[p] >> 16);
    }
}

#endif
