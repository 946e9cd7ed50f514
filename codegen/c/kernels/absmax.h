/*
 * Rows by their greatest distance from the zero point: ABSMAX finds it, ABSMAX_NORMALIZATION divides by it
 * (docs/formats.md).
 */
#ifndef BL_ABSMAX_H
#define BL_ABSMAX_H

#include "bits.h"
#include "output.h"

typedef struct {
    int32_t rows;
    int32_t depth;
} bl_absmax_shape;

BL_INLINE int32_t bl_absmax_of(const void *input, int32_t first, int32_t depth, int32_t zero_point, bl_type type)
{
    int32_t low = zero_point;
    int32_t high = zero_point;
    for (int32_t i = first; i < first + depth; i++) {
        int32_t x = bl_read(input, i, type);
        low = bl_min(low, x);
        high = bl_max(high, x);
    }
    return bl_min(bl_max(high - zero_point, zero_point - low), INT16_MAX);
}

/* What divides by 2 * most, 1 <= most <= 32767. */
typedef struct {
    uint32_t most;
    uint32_t reciprocal;
    int32_t skipped; /* low bits of a dividend that the estimate does without */
} bl_row_divisor;

BL_INLINE bl_row_divisor bl_divide_by(int32_t most)
{
    bl_row_divisor by = {(uint32_t)most, 0, bl_max(0, 24 - bl_clz((uint32_t)most))};
    by.reciprocal = (1u << (23 + by.skipped)) / (2 * by.most);
    return by;
}

/*
 * steps * d / most, half away from zero, 127 at most; steps are 127 or 128. The dividend is at most 257 * most, what is left of it below
 * 2^17: the estimate lacks less than 2^-8 by the bits skipped and 2^-6 by the reciprocal's, so that it is the quotient or one less.
 */
BL_INLINE int32_t bl_share(int32_t d, int32_t steps, const bl_row_divisor *by)
{
    uint32_t dividend = 2 * (uint32_t)steps * (uint32_t)(d < 0 ? -d : d) + by->most;
    uint32_t share = ((dividend >> by->skipped) * by->reciprocal) >> 23;
    share += dividend - share * 2 * by->most >= 2 * by->most;
    return d < 0 ? -(int32_t)share : bl_min((int32_t)share, INT8_MAX);
}

BL_INLINE void bl_absmax(int16_t *output, const void *input, int32_t zero_point, const bl_absmax_shape *s, bl_type type)
{
    for (int32_t row = 0; row < s->rows; row++)
        output[row] = (int16_t)bl_absmax_of(input, row * s->depth, s->depth, zero_point, type);
}

BL_INLINE void bl_absmax_normalization(int8_t *output, const void *input, int32_t zero_point, int32_t steps,
                                       const bl_absmax_shape *s, bl_type type)
{
    for (int32_t row = 0; row < s->rows; row++) {
        int32_t first = row * s->depth;
        /* A row of zeros is as good as divided by any number. */
        bl_row_divisor by = bl_divide_by(bl_max(bl_absmax_of(input, first, s->depth, zero_point, type), 1));
        BL_UNROLL(1)
        for (int32_t i = first; i < first + s->depth; i++)
            output[i] = (int8_t)bl_share(bl_read(input, i, type) - zero_point, steps, &by);
    }
}

#define BL_ABSMAX(suffix, element, type)                                                                               \
    typedef bl_absmax_shape bl_absmax_##suffix##_shape;                                                                \
    typedef bl_absmax_shape bl_absmax_normalization_##suffix##_shape;                                                  \
                                                                                                                       \
    BL_INLINE void bl_absmax_##suffix(int16_t *output, const element *input, int32_t zero_point,                       \
                                      const bl_absmax_##suffix##_shape *s)                                             \
    {                                                                                                                  \
        bl_absmax(output, input, zero_point, s, type);                                                                 \
    }                                                                                                                  \
                                                                                                                       \
    BL_INLINE void bl_absmax_normalization_##suffix(int8_t *output, const element *input, int32_t zero_point,          \
                                                    int32_t steps, const bl_absmax_normalization_##suffix##_shape *s)  \
    {                                                                                                                  \
        bl_absmax_normalization(output, input, zero_point, steps, s, type);                                            \
    }

BL_ABSMAX(s8, int8_t, BL_S8)
BL_ABSMAX(s16, int16_t, BL_S16)

#endif
