/*
 * AVERAGE_POOL_2D, MEAN and SUM over the whole height of an image (see pool.h and reduce.h), whose rows come a few at a time:
 * rows [row_begin, row_end) of the input, out of a ring, are added to sums that outlive the call, and the last of them ends
 * in the output. The sums are an int32_t of each pixel and channel of the output.
 */
#ifndef BL_ROW_SUMS_H
#define BL_ROW_SUMS_H

#include "pool.h"
#include "requantize.h"

typedef struct {
    int32_t channels;
    int32_t input_height, input_width, input_ring_rows;
    int32_t output_width, filter_width, stride_width, pad_left;
    int32_t act_min, act_max;
} bl_row_sums_shape;

/* The columns that pixel x of the output is made of. */
BL_INLINE bl_taps bl_columns_of(int32_t x, const bl_row_sums_shape *s)
{
    return bl_taps_inside(x, s->output_width, s->stride_width, s->pad_left, s->filter_width, s->input_width);
}

/* sum / n of pixel x, rounded and clamped. */
BL_INLINE int32_t bl_row_average(int32_t sum, int32_t x, const bl_row_sums_shape *s)
{
    bl_taps columns = bl_columns_of(x, s);
    return bl_clamp(bl_average(sum, s->input_height * (columns.to - columns.from)), s->act_min, s->act_max);
}

#define BL_ROW_SUMS(suffix, type)                                                                                      \
    typedef bl_row_sums_shape bl_average_pool_rows_##suffix##_shape;                                                   \
    typedef bl_row_sums_shape bl_reduce_rows_##suffix##_shape;                                                         \
                                                                                                                       \
    BL_INLINE void bl_add_rows_##suffix(int32_t *sums, const type *input, int32_t row_begin, int32_t row_end,          \
                                        const bl_row_sums_shape *s)                                                    \
    {                                                                                                                  \
        int32_t count = s->output_width * s->channels;                                                                 \
        for (int32_t i = 0; row_begin == 0 && i < count; i++)                                                          \
            sums[i] = 0;                                                                                               \
        for (int32_t y = row_begin; y < row_end; y++) {                                                                \
            int32_t in_row = bl_ring_row(y, s->input_ring_rows, s->input_height);                                      \
            const type *row = input + in_row * s->input_width * s->channels;                                           \
            for (int32_t x = 0; x < s->output_width; x++) {                                                            \
                bl_taps columns = bl_columns_of(x, s);                                                                 \
                const type *first = row + (columns.origin + columns.from) * s->channels;                               \
                for (int32_t channel = 0; channel < s->channels; channel++) {                                          \
                    int32_t sum = sums[x * s->channels + channel];                                                     \
                    const type *tap = first + channel;                                                                 \
                    for (int32_t kx = columns.from; kx < columns.to; kx++, tap += s->channels)                         \
                        sum += *tap;                                                                                   \
                    sums[x * s->channels + channel] = sum;                                                             \
                }                                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
    }                                                                                                                  \
                                                                                                                       \
    BL_INLINE void bl_end_averages_##suffix(type *output, const int32_t *sums, const bl_row_sums_shape *s)             \
    {                                                                                                                  \
        for (int32_t x = 0; x < s->output_width; x++)                                                                  \
            for (int32_t channel = 0; channel < s->channels; channel++)                                                \
                *output++ = (type)bl_row_average(*sums++, x, s);                                                       \
    }                                                                                                                  \
                                                                                                                       \
    BL_INLINE void bl_end_sums_##suffix(type *output, const int32_t *sums, int32_t offset, int32_t zero_point,         \
                                        int32_t multiplier, int32_t shift, const bl_row_sums_shape *s)                 \
    {                                                                                                                  \
        for (int32_t i = 0; i < s->output_width * s->channels; i++) {                                                  \
            int32_t scaled = bl_mbqm(sums[i] - offset, multiplier, shift) + zero_point;                                \
            output[i] = (type)bl_clamp(scaled, s->act_min, s->act_max);                                                \
        }                                                                                                              \
    }                                                                                                                  \
                                                                                                                       \
    BL_INLINE void bl_average_pool_rows_##suffix(type *output, const type *input, void *scratch, int32_t row_begin,    \
                                                 int32_t row_end, const bl_row_sums_shape *s)                          \
    {                                                                                                                  \
        bl_add_rows_##suffix(scratch, input, row_begin, row_end, s);                                                   \
        if (row_end == s->input_height)                                                                                \
            bl_end_averages_##suffix(output, scratch, s);                                                              \
    }                                                                                                                  \
                                                                                                                       \
    BL_INLINE void bl_reduce_rows_##suffix(type *output, const type *input, void *scratch, int32_t row_begin,          \
                                           int32_t row_end, int32_t offset, int32_t zero_point, int32_t multiplier,    \
                                           int32_t shift, const bl_row_sums_shape *s)                                  \
    {                                                                                                                  \
        bl_add_rows_##suffix(scratch, input, row_begin, row_end, s);                                                   \
        if (row_end == s->input_height)                                                                                \
            bl_end_sums_##suffix(output, scratch, offset, zero_point, multiplier, shift, s);                           \
    }

BL_ROW_SUMS(s8, int8_t)
BL_ROW_SUMS(s16, int16_t)

#endif
