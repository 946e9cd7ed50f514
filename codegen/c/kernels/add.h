/* ADD and SUB. */
#ifndef BL_ADD_H
#define BL_ADD_H

#include "broadcast.h"
#include "requantize.h"

typedef struct {
    BL_BROADCAST_MEMBERS
    int32_t shift, act_min, act_max;
} bl_add_s8_shape;

/*
 * output = clamp((slope_a * a + slope_b * b + offset) >> shift), with a sum modulo 2^32. The generator has compared it
 * with TensorFlow Lite Micro's three rounded multiplications for all 65536 pairs of codes.
 */
BL_INLINE void bl_add_s8(int8_t *output, const int8_t *a, const int8_t *b, int32_t slope_a, int32_t slope_b,
                         int32_t offset, const bl_add_s8_shape *s)
{
    BL_FOR_ROWS(s, i, j, k, l) {
        const int8_t *a_row = a + BL_ROW(s, a, i, j, k, l);
        const int8_t *b_row = b + BL_ROW(s, b, i, j, k, l);
        for (int32_t n = 0; n < s->size_4; n++) {
            uint32_t a_part = (uint32_t)(slope_a * a_row[n * s->a_stride_4]) + (uint32_t)offset;
            int32_t sum = (int32_t)(a_part + (uint32_t)(slope_b * b_row[n * s->b_stride_4]));
            *output++ = (int8_t)bl_clamp(sum >> s->shift, s->act_min, s->act_max);
        }
    }
}

/*
 * TensorFlow Lite Micro's reference/add.h and sub.h for any scales; sign is 1 or -1. Each code less its zero point is
 * scaled up by 2^left_shift, so that its multiplier, at most 1, keeps precision. Shifts are not positive.
 */
#define BL_ADD_SCALED(suffix, type, left_shift)                                                                        \
    typedef struct {                                                                                                   \
        BL_BROADCAST_MEMBERS                                                                                           \
        int32_t shift_a, shift_b, sign, shift, act_min, act_max;                                                       \
    } bl_add_scaled_##suffix##_shape;                                                                                  \
                                                                                                                       \
    BL_INLINE void bl_add_scaled_##suffix(type *output, const type *a, const type *b, int32_t zero_point_a,            \
                                          int32_t multiplier_a, int32_t zero_point_b, int32_t multiplier_b,            \
                                          int32_t zero_point, int32_t multiplier,                                      \
                                          const bl_add_scaled_##suffix##_shape *s)                                     \
    {                                                                                                                  \
        BL_FOR_ROWS(s, i, j, k, l) {                                                                                   \
            const type *a_row = a + BL_ROW(s, a, i, j, k, l);                                                          \
            const type *b_row = b + BL_ROW(s, b, i, j, k, l);                                                          \
            for (int32_t n = 0; n < s->size_4; n++) {                                                                  \
                int32_t x = (a_row[n * s->a_stride_4] - zero_point_a) * (1 << (left_shift));                           \
                int32_t y = (b_row[n * s->b_stride_4] - zero_point_b) * (1 << (left_shift));                           \
                int32_t sum = bl_mbqm(x, multiplier_a, s->shift_a) + s->sign * bl_mbqm(y, multiplier_b, s->shift_b);   \
                int32_t scaled = bl_mbqm(sum, multiplier, s->shift) + zero_point;                                      \
                *output++ = (type)bl_clamp(scaled, s->act_min, s->act_max);                                            \
            }                                                                                                          \
        }                                                                                                              \
    }

BL_ADD_SCALED(s8, int8_t, 20)
BL_ADD_SCALED(s16, int16_t, 15)

#endif
