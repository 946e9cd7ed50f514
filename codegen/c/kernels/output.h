/* The end of every sum of products: requantization, zero point, clamp. */
#ifndef BL_OUTPUT_H
#define BL_OUTPUT_H

#include "requantize.h"

/* Activations, accumulators: int8, int32; int16, int32 (TensorFlow Lite: with an int32 bias); int16, int64. */
typedef enum { BL_S8, BL_S16_ACC32, BL_S16 } bl_type;

/*
 * How sums become codes. Literals: `per_channel`, whether each channel has a multiplier and a shift of its own;
 * `right_shift`, whether all shifts are in -31..-1. 64-bit sums take multipliers that are reduced to 16 bits.
 */
typedef struct {
    const int32_t *multiplier;
    const int8_t *shift;
    int32_t offset;
    int32_t min;
    int32_t max;
    int32_t per_channel;
    int32_t right_shift;
} bl_requantizer;

/* The code of a complete sum of channel `c`. */
BL_INLINE int32_t bl_requantize32(int32_t sum, int32_t c, const bl_requantizer *r)
{
    int32_t i = r->per_channel ? c : 0;
    int32_t scaled = r->right_shift ? bl_mbqm_right(sum, r->multiplier[i], r->shift[i])
                                    : bl_mbqm(sum, r->multiplier[i], r->shift[i]);
    return bl_clamp(scaled + r->offset, r->min, r->max);
}

BL_INLINE int32_t bl_requantize64(int64_t sum, int32_t c, const bl_requantizer *r)
{
    int32_t i = r->per_channel ? c : 0;
    return bl_clamp(bl_mbqm64(sum, r->multiplier[i], r->shift[i]) + r->offset, r->min, r->max);
}

BL_INLINE int32_t bl_read(const void *input, int32_t index, bl_type type)
{
    return type == BL_S8 ? ((const int8_t *)input)[index] : ((const int16_t *)input)[index];
}

BL_INLINE void bl_write(void *output, int32_t index, int32_t code, bl_type type)
{
    if (type == BL_S8)
        ((int8_t *)output)[index] = (int8_t)code;
    else
        ((int16_t *)output)[index] = (int16_t)code;
}

#endif
