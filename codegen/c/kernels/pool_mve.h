/*
 * AVERAGE_POOL_2D (see pool.h) on Helium: sums of eight channels at once in 16 bits, which windows of at most 255 taps
 * cannot overflow.
 */
#ifndef BL_POOL_MVE_H
#define BL_POOL_MVE_H

#include <arm_mve.h>

#include "pool.h"

#define BL_POOL_LANES 8

typedef bl_pool_shape bl_average_pool_s8_mve_shape;

/* The sums of up to eight channels over the taps of a window from `first` on; `lanes` says which channels exist. */
BL_INLINE int16x8_t bl_pool_sums(const int8_t *image, const int8_t *first, bl_taps rows, bl_taps columns,
                                 mve_pred16_t lanes, const bl_pool_shape *s)
{
    int16x8_t sums = vdupq_n_s16(0);
    int32_t row_size = s->input_width * s->channels;
    for (int32_t ky = rows.from; ky < rows.to; ky++) {
        int32_t row = bl_ring_row(rows.origin + ky, s->input_ring_rows, s->input_height);
        const int8_t *tap = image + row * row_size + (first - image);
        for (int32_t kx = columns.from; kx < columns.to; kx++, tap += s->channels)
            sums = vaddq_s16(sums, s->channels % BL_POOL_LANES == 0 ? vldrbq_s16(tap) : vldrbq_z_s16(tap, lanes));
    }
    return sums;
}

BL_INLINE void bl_average_pool_s8_mve(int8_t *output, const int8_t *input, int32_t row_begin, int32_t row_end,
                                      const bl_pool_shape *s)
{
    for (int32_t batch = 0; batch < s->batches; batch++) {
        const int8_t *image = input + batch * s->input_ring_rows * s->input_width * s->channels;
        for (int32_t y = row_begin; y < row_end; y++) {
            bl_taps rows = bl_taps_inside(y, s->output_height, s->stride_height, s->pad_top, s->filter_height,
                                          s->input_height);
            int32_t out_row = batch * s->output_ring_rows + bl_ring_row(y, s->output_ring_rows, s->output_height);
            int8_t *out = output + out_row * s->output_width * s->channels;
            for (int32_t x = 0; x < s->output_width; x++) {
                bl_taps columns = bl_taps_inside(x, s->output_width, s->stride_width, s->pad_left, s->filter_width,
                                                 s->input_width);
                const int8_t *first = image + (columns.origin + columns.from) * s->channels;
                int32_t taps = (rows.to - rows.from) * (columns.to - columns.from);
                for (int32_t c = 0; c < s->channels; c += BL_POOL_LANES) {
                    int32_t count = bl_min(s->channels - c, BL_POOL_LANES);
                    int16_t sums[BL_POOL_LANES];
                    vstrhq_s16(sums, bl_pool_sums(image, first + c, rows, columns, vctp16q((uint32_t)count), s));
                    for (int32_t i = 0; i < count; i++)
                        *out++ = (int8_t)bl_clamp(bl_average(sums[i], taps), s->act_min, s->act_max);
                }
            }
        }
    }
}

#endif
