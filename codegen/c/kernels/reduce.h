/*
 * MEAN and SUM: TensorFlow Lite Micro's QuantizedMeanOrSum of reference/reduce.h. The input is seen as six dimensions,
 * of which every second is summed.
 */
#ifndef BL_REDUCE_H
#define BL_REDUCE_H

#include "requantize.h"

typedef struct {
    int32_t kept_0, summed_0, kept_1, summed_1, kept_2, summed_2;
} bl_reduce_shape;

/* `offset` is the zero point times the number of summed elements. */
#define BL_REDUCE_SUM(suffix, type)                                                                                    \
    typedef bl_reduce_shape bl_reduce_sum_##suffix##_shape;                                                            \
                                                                                                                       \
    BL_INLINE void bl_reduce_sum_##suffix(type *output, const type *input, int32_t offset, int32_t zero_point,         \
                                          int32_t multiplier, int32_t shift, const bl_reduce_shape *s)                 \
    {                                                                                                                  \
        int32_t stride_2 = s->kept_2 * s->summed_2;                                                                    \
        int32_t stride_1 = s->kept_1 * s->summed_1 * stride_2;                                                         \
        for (int32_t k0 = 0; k0 < s->kept_0; k0++) {                                                                   \
            for (int32_t k1 = 0; k1 < s->kept_1; k1++) {                                                               \
                for (int32_t k2 = 0; k2 < s->kept_2; k2++) {                                                           \
                    const type *first = input + k0 * s->summed_0 * stride_1 + k1 * s->summed_1 * stride_2 +            \
                                        k2 * s->summed_2;                                                              \
                    int32_t sum = -offset;                                                                             \
                    for (int32_t r0 = 0; r0 < s->summed_0; r0++)                                                       \
                        for (int32_t r1 = 0; r1 < s->summed_1; r1++)                                                   \
                            for (int32_t r2 = 0; r2 < s->summed_2; r2++)                                               \
                                sum += first[r0 * stride_1 + r1 * stride_2 + r2];                                      \
                    int32_t scaled = bl_mbqm(sum, multiplier, shift) + zero_point;                                     \
                    *output++ = (type)bl_clamp(scaled, -(1 << (8 * (int)sizeof(type) - 1)),                            \
                                               (1 << (8 * (int)sizeof(type) - 1)) - 1);                                \
                }                                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
    }

BL_REDUCE_SUM(s8, int8_t)
BL_REDUCE_SUM(s16, int16_t)

#endif
