/*
 * AVERAGE_POOL_2D, MEAN and SUM over as many rows as an image has, of an image that never ends (see row_sums.h): each row
 * of the input, out of a ring, joins sums that outlive the call, and the row that was there as many rows before leaves
 * them. The output is that of the last rows, once there are as many. Behind the sums of all rows, an int32_t of each pixel and
 * channel of the output, lie those of each row in a ring.
 */
#ifndef BL_WINDOW_SUMS_H
#define BL_WINDOW_SUMS_H

#include "row_sums.h"

#define BL_ENDLESS_ROW(y, ring_rows) bl_ring_row(y, ring_rows, INT32_MAX)

/* `row_type` holds the sum of a row's columns. */
#define BL_WINDOW_SUMS(suffix, type, row_type)                                                                         \
    typedef bl_row_sums_shape bl_average_pool_window_##suffix##_shape;                                                 \
    typedef bl_row_sums_shape bl_reduce_window_##suffix##_shape;                                                       \
                                                                                                                       \
    BL_INLINE void bl_slide_rows_##suffix(int32_t *sums, const type *input, int32_t row_begin, int32_t row_end,        \
                                          const bl_row_sums_shape *s)                                                  \
    {                                                                                                                  \
        int32_t count = s->output_width * s->channels;                                                                 \
        row_type *rows = (row_type *)(sums + count);                                                                   \
        for (int32_t i = 0; row_begin == 0 && i < count; i++)                                                          \
            sums[i] = 0;                                                                                               \
        for (int32_t i = 0; row_begin == 0 && i < s->input_height * count; i++)                                        \
            rows[i] = 0;                                                                                               \
        for (int32_t y = row_begin; y < row_end; y++) {                                                                \
            const type *row = input + BL_ENDLESS_ROW(y, s->input_ring_rows) * s->input_width * s->channels;            \
            row_type *own = rows + BL_ENDLESS_ROW(y, s->input_height) * count;                                         \
            int32_t *all = sums;                                                                                       \
            for (int32_t x = 0; x < s->output_width; x++) {                                                            \
                bl_taps columns = bl_columns_of(x, s);                                                                 \
                const type *first = row + (columns.origin + columns.from) * s->channels;                               \
                for (int32_t channel = 0; channel < s->channels; channel++, all++, own++) {                            \
                    const type *tap = first + channel;                                                                 \
                    int32_t sum = 0;                                                                                   \
                    for (int32_t kx = columns.from; kx < columns.to; kx++, tap += s->channels)                         \
                        sum += *tap;                                                                                   \
                    *all += sum - *own;                                                                                \
                    *own = (row_type)sum;                                                                              \
                }                                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
    }                                                                                                                  \
                                                                                                                       \
    BL_INLINE void bl_average_pool_window_##suffix(type *output, const type *input, void *scratch, int32_t row_begin,  \
                                                   int32_t row_end, const bl_row_sums_shape *s)                        \
    {                                                                                                                  \
        bl_slide_rows_##suffix(scratch, input, row_begin, row_end, s);                                                 \
        if (row_end >= s->input_height)                                                                                \
            bl_end_averages_##suffix(output, scratch, s);                                                              \
    }                                                                                                                  \
                                                                                                                       \
    BL_INLINE void bl_reduce_window_##suffix(type *output, const type *input, void *scratch, int32_t row_begin,        \
                                             int32_t row_end, int32_t offset, int32_t zero_point, int32_t multiplier,  \
                                             int32_t shift, const bl_row_sums_shape *s)                                \
    {                                                                                                                  \
        bl_slide_rows_##suffix(scratch, input, row_begin, row_end, s);                                                 \
        if (row_end >= s->input_height)                                                                                \
            bl_end_sums_##suffix(output, scratch, offset, zero_point, multiplier, shift, s);                           \
    }

BL_WINDOW_SUMS(s8, int8_t, int16_t)
BL_WINDOW_SUMS(s16, int16_t, int32_t)

#endif
