/*
 * AVERAGE_POOL_2D and MAX_POOL_2D: TensorFlow Lite Micro's reference/integer_ops/pooling.h. Rows [row_begin, row_end)
 * of the output, from rings of rows; taps outside of the image do not count.
 */
#ifndef BL_POOL_H
#define BL_POOL_H

#include "kernel.h"

typedef struct {
    int32_t batches, channels;
    int32_t input_height, input_width, input_ring_rows;
    int32_t output_height, output_width, output_ring_rows;
    int32_t filter_height, filter_width;
    int32_t stride_height, stride_width;
    int32_t pad_top, pad_left;
    int32_t act_min, act_max;
} bl_pool_shape;

/* The taps of a window that lie inside of the image: from <= tap < to. */
typedef struct {
    int32_t origin, from, to;
} bl_taps;

/* Those of output `out` along one dimension. Where no window is clipped, their number is a literal. */
BL_INLINE bl_taps bl_taps_inside(int32_t out, int32_t outputs, int32_t stride, int32_t pad, int32_t filter,
                                 int32_t size)
{
    bl_taps taps = {out * stride - pad, 0, filter};
    if (pad > 0 || (outputs - 1) * stride + filter > size) {
        taps.from = bl_max(0, -taps.origin);
        taps.to = bl_min(filter, size - taps.origin);
    }
    return taps;
}

/* sum / n, nearest, ties away from zero. */
BL_INLINE int32_t bl_average(int32_t sum, int32_t n)
{
    return (sum > 0 ? sum + n / 2 : sum - n / 2) / n;
}

/* `start` and `take` begin and extend the accumulator, `finish` makes it the result of n taps. */
#define BL_POOL(name, type, start, take, finish)                                                                       \
    typedef bl_pool_shape bl_##name##_shape;                                                                           \
                                                                                                                       \
    BL_INLINE void bl_##name(type *output, const type *input, int32_t row_begin, int32_t row_end,                      \
                             const bl_pool_shape *s)                                                                   \
    {                                                                                                                  \
        int32_t row_size = s->input_width * s->channels;                                                               \
        for (int32_t batch = 0; batch < s->batches; batch++) {                                                         \
            const type *image = input + batch * s->input_ring_rows * row_size;                                         \
            for (int32_t y = row_begin; y < row_end; y++) {                                                            \
                bl_taps rows = bl_taps_inside(y, s->output_height, s->stride_height, s->pad_top, s->filter_height,     \
                                              s->input_height);                                                        \
                int32_t out_row = batch * s->output_ring_rows + bl_ring_row(y, s->output_ring_rows, s->output_height); \
                type *out = output + out_row * s->output_width * s->channels;                                          \
                for (int32_t x = 0; x < s->output_width; x++) {                                                        \
                    bl_taps columns = bl_taps_inside(x, s->output_width, s->stride_width, s->pad_left, s->filter_width,\
                                                     s->input_width);                                                  \
                    for (int32_t channel = 0; channel < s->channels; channel++) {                                      \
                        int32_t acc = start;                                                                           \
                        for (int32_t ky = rows.from; ky < rows.to; ky++) {                                             \
                            int32_t in_row = bl_ring_row(rows.origin + ky, s->input_ring_rows, s->input_height);       \
                            const type *tap =                                                                          \
                                image + in_row * row_size + (columns.origin + columns.from) * s->channels + channel;   \
                            for (int32_t kx = columns.from; kx < columns.to; kx++, tap += s->channels)                 \
                                acc = take(acc, *tap);                                                                 \
                        }                                                                                              \
                        acc = finish(acc, (rows.to - rows.from) * (columns.to - columns.from));                        \
                        *out++ = (type)bl_clamp(acc, s->act_min, s->act_max);                                          \
                    }                                                                                                  \
                }                                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
    }

#define BL_SUM_OF(acc, tap) ((acc) + (tap))
#define BL_ONLY(acc, n) (acc)

BL_POOL(average_pool_s8, int8_t, 0, BL_SUM_OF, bl_average)
BL_POOL(average_pool_s16, int16_t, 0, BL_SUM_OF, bl_average)
BL_POOL(max_pool_s8, int8_t, INT8_MIN, bl_max, BL_ONLY)
BL_POOL(max_pool_s16, int16_t, INT16_MIN, bl_max, BL_ONLY)

#endif
