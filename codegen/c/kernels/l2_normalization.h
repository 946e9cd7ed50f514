/* L2_NORMALIZATION over rows: TensorFlow Lite Micro's reference/integer_ops/l2normalization.h. */
#ifndef BL_L2_NORMALIZATION_H
#define BL_L2_NORMALIZATION_H

#include "bits.h"
#include "requantize.h"

typedef struct {
    int32_t multiplier, shift;
} bl_multiplier;

/* 1 / sqrt(x) for x >= 0; 0 counts as 1. Five Newton-Raphson steps in Q3.28: GetInvSqrtQuantizedMultiplierExp. */
BL_INLINE bl_multiplier bl_inverse_sqrt(int32_t x)
{
    bl_multiplier result = {INT32_MAX, 0};
    if (x <= 1)
        return result;
    int32_t right_shift = 11;
    for (; x >= 1 << 29; x >>= 2)
        right_shift++;
    int32_t pairs = (bl_clz((uint32_t)x) - 1) / 2 - 1;
    right_shift -= pairs;
    x = (int32_t)((uint32_t)x << (2 * pairs));

    int32_t half = bl_rdbp_positive(x >> 1, 1);
    int32_t estimate = 1 << 28;
    for (int32_t i = 0; i < 5; i++) {
        int32_t cube = bl_srdhm(bl_srdhm(estimate, estimate), estimate);
        cube = bl_saturating_shift_left(cube, 6);
        int32_t next = bl_srdhm(3 << 27, estimate) - bl_srdhm(cube, half);
        estimate = bl_saturating_shift_left(next, 3);
    }
    result.multiplier = bl_srdhm(estimate, 1518500250);
    result.shift = -right_shift;
    if (right_shift < 0) {
        result.multiplier = (int32_t)((uint32_t)result.multiplier << -right_shift);
        result.shift = 0;
    }
    return result;
}

typedef struct {
    int32_t rows, depth;
} bl_l2_normalization_s8_shape;

/* The output's scale is 2^-7, its zero point 0. */
BL_INLINE void bl_l2_normalization_s8(int8_t *output, const int8_t *input, int32_t zero_point,
                                      const bl_l2_normalization_s8_shape *s)
{
    for (int32_t row = 0; row < s->rows; row++) {
        const int8_t *x = input + row * s->depth;
        int32_t sum = 0;
        for (int32_t i = 0; i < s->depth; i++)
            sum += (x[i] - zero_point) * (x[i] - zero_point);
        bl_multiplier inverse = bl_inverse_sqrt(sum);
        for (int32_t i = 0; i < s->depth; i++) {
            int32_t y = bl_mbqm(x[i] - zero_point, inverse.multiplier, inverse.shift + 7);
            output[row * s->depth + i] = (int8_t)bl_clamp(y, INT8_MIN, INT8_MAX);
        }
    }
}

#endif
