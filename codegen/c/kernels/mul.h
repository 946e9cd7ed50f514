/* MUL: TensorFlow Lite Micro's reference/integer_ops/mul.h. */
#ifndef BL_MUL_H
#define BL_MUL_H

#include "broadcast.h"
#include "requantize.h"

#define BL_MUL(suffix, type)                                                                                           \
    typedef bl_broadcast_shape bl_mul_##suffix##_shape;                                                                \
                                                                                                                       \
    BL_INLINE void bl_mul_##suffix(type *output, const type *a, const type *b, int32_t zero_point_a,                   \
                                   int32_t zero_point_b, int32_t zero_point, int32_t multiplier, int32_t shift,        \
                                   int32_t act_min, int32_t act_max, const bl_broadcast_shape *s)                      \
    {                                                                                                                  \
        BL_FOR_ROWS(s, i, j, k, l) {                                                                                   \
            const type *a_row = a + bl_row_of_a(s, i, j, k, l);                                                        \
            const type *b_row = b + bl_row_of_b(s, i, j, k, l);                                                        \
            for (int32_t n = 0; n < s->size_4; n++) {                                                                  \
                int32_t x = a_row[n * s->a_stride_4] - zero_point_a;                                                   \
                int32_t y = b_row[n * s->b_stride_4] - zero_point_b;                                                   \
                int32_t scaled = bl_mbqm(x * y, multiplier, shift) + zero_point;                                       \
                *output++ = (type)bl_clamp(scaled, act_min, act_max);                                                  \
            }                                                                                                          \
        }                                                                                                              \
    }

BL_MUL(s8, int8_t)
BL_MUL(s16, int16_t)

#endif
