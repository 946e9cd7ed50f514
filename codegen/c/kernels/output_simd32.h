/* Requantization (requantize.h) by SMMLAR, for layers whose multipliers all shift right. */
#ifndef BL_OUTPUT_SIMD32_H
#define BL_OUTPUT_SIMD32_H

#include "simd32.h"

/*
 * `multiplier` is twice the multiplier of bl_mbqm modulo 2^32, for multipliers from 2^30 on, `shift` its right shift.
 * Literals: `per_channel` as in bl_requantizer; `clamps`, whether min and max are other than the ends of int8;
 * `negative`, whether codes below the output's zero point survive the clamp; `long_shifts`, whether shifts exceed 23.
 */
typedef struct {
    const int32_t *multiplier;
    const int8_t *shift;
    int32_t offset;
    int32_t min;
    int32_t max;
    int32_t per_channel;
    int32_t clamps;
    int32_t negative;
    int32_t long_shifts;
} bl_requantizer_simd32;

/*
 * Codes of the complete sums of `count` pixels and channel `c`, to every `stride`-th output. With M = multiplier - 2^32,
 * the doubled multiplier as a signed word, sum + high word(sum * M) rounded is SRDHM. RDBP divides by
 * 2^shift with ties away from 0, which below 0 is what `>> 31` is for: where such results are clamped to the zero point,
 * ties towards 0 do as well. The zero point joins the sum before a shift
 * that is short enough: (2 * offset + 1) * 2^(shift - 1).
 */
BL_INLINE void bl_store_channel(int8_t *output, int32_t stride, const uint32_t *acc, int32_t count, int32_t c,
                                const bl_requantizer_simd32 *r)
{
    int32_t multiplier = r->multiplier[r->per_channel ? c : 0];
    int32_t shift = r->shift[r->per_channel ? c : 0];
    int32_t before = r->long_shifts ? 0 : r->offset;
    int32_t after = r->offset - before;
    int32_t round = r->long_shifts ? (int32_t)(1u << (shift - 1)) : (int32_t)((uint32_t)(2 * before + 1) << shift) >> 1;
    BL_UNROLL(4)
    for (int32_t p = 0; p < count; p++) {
        int32_t high = bl_smmlar((int32_t)acc[p], multiplier, (int32_t)acc[p]);
        int32_t code = ((high + (r->negative ? high >> 31 : 0) + round) >> shift) + after;
        output[p * stride] =
            (int8_t)(r->clamps ? bl_clamp(code, r->min, r->max) : bl_clamp(code, INT8_MIN, INT8_MAX));
    }
}

#endif
