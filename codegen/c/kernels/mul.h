/* MUL: TensorFlow Lite Micro's reference/integer_ops/mul.h. */
#ifndef BL_MUL_H
#define BL_MUL_H

#include "broadcast.h"
#include "requantize.h"

#define BL_MUL(suffix, type)                                                                                           \
    typedef struct {                                                                                                   \
        BL_BROADCAST_MEMBERS                                                                                           \
        int32_t shift, act_min, act_max;                                                                               \
    } bl_mul_##suffix##_shape;                                                                                         \
                                                                                                                       \
    BL_INLINE void bl_mul_##suffix(type *output, const type *a, const type *b, int32_t zero_point_a,                   \
                                   int32_t zero_point_b, int32_t zero_point, int32_t multiplier,                       \
                                   const bl_mul_##suffix##_shape *s)                                                   \
    {                                                                                                                  \
        BL_FOR_ROWS(s, i, j, k, l) {                                                                                   \
            const type *a_row = a + BL_ROW(s, a, i, j, k, l);                                                          \
            const type *b_row = b + BL_ROW(s, b, i, j, k, l);                                                          \
            for (int32_t n = 0; n < s->size_4; n++) {                                                                  \
                int32_t x = a_row[n * s->a_stride_4] - zero_point_a;                                                   \
                int32_t y = b_row[n * s->b_stride_4] - zero_point_b;                                                   \
                int32_t scaled = bl_mbqm(x * y, multiplier, s->shift) + zero_point;                                    \
                *output++ = (type)bl_clamp(scaled, s->act_min, s->act_max);                                            \
            }                                                                                                          \
        }                                                                                                              \
    }

BL_MUL(s8, int8_t)
BL_MUL(s16, int16_t)

#endif
