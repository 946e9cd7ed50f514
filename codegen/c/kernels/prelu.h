/* PRELU and LEAKY_RELU: TensorFlow Lite Micro's reference/prelu.h and leaky_relu.h. */
#ifndef BL_PRELU_H
#define BL_PRELU_H

#include "broadcast.h"
#include "requantize.h"

/* Operand a is the activation, b the slope of its negative half, one for each channel or any other broadcast shape. */
#define BL_PRELU(suffix, type)                                                                                         \
    typedef struct {                                                                                                   \
        BL_BROADCAST_MEMBERS                                                                                           \
        int32_t shift, shift_alpha;                                                                                    \
    } bl_prelu_##suffix##_shape;                                                                                       \
                                                                                                                       \
    BL_INLINE void bl_prelu_##suffix(type *output, const type *input, const int8_t *alpha, int32_t zero_point_in,      \
                                     int32_t zero_point_alpha, int32_t zero_point, int32_t multiplier,                 \
                                     int32_t multiplier_alpha, const bl_prelu_##suffix##_shape *s)                     \
    {                                                                                                                  \
        BL_FOR_ROWS(s, i, j, k, l) {                                                                                   \
            const type *a_row = input + BL_ROW(s, a, i, j, k, l);                                                      \
            const int8_t *b_row = alpha + BL_ROW(s, b, i, j, k, l);                                                    \
            for (int32_t n = 0; n < s->size_4; n++) {                                                                  \
                int32_t x = a_row[n * s->a_stride_4] - zero_point_in;                                                  \
                int32_t slope = b_row[n * s->b_stride_4] - zero_point_alpha;                                           \
                int32_t y = x >= 0 ? bl_mbqm(x, multiplier, s->shift)                                                  \
                                   : bl_mbqm(x * slope, multiplier_alpha, s->shift_alpha);                             \
                *output++ = (type)bl_clamp(y + zero_point, -(1 << (8 * (int)sizeof(type) - 1)),                        \
                                           (1 << (8 * (int)sizeof(type) - 1)) - 1);                                    \
            }                                                                                                          \
        }                                                                                                              \
    }

BL_PRELU(s8, int8_t)
BL_PRELU(s16, int16_t)

typedef struct {
    int32_t size;
    int32_t shift, shift_alpha, sign;
} bl_leaky_relu_s16_shape;

/* sign is -1 where alpha is negative: the multiplier is that of its magnitude. */
BL_INLINE void bl_leaky_relu_s16(int16_t *output, const int16_t *input, int32_t zero_point_in, int32_t zero_point,
                                 int32_t multiplier, int32_t multiplier_alpha, const bl_leaky_relu_s16_shape *s)
{
    for (int32_t i = 0; i < s->size; i++) {
        int32_t x = input[i] - zero_point_in;
        int32_t y = x >= 0 ? bl_mbqm(x, multiplier, s->shift) : s->sign * bl_mbqm(x, multiplier_alpha, s->shift_alpha);
        output[i] = (int16_t)bl_clamp(y + zero_point, INT16_MIN, INT16_MAX);
    }
}

#endif
