/*
 * AVERAGE_POOL_2D (see pool.h) by the DSP extension: sums of four channels at once, two in a word, which windows of at most
 * 255 taps cannot overflow. Channels come in fours.
 */
#ifndef BL_POOL_SIMD32_H
#define BL_POOL_SIMD32_H

#include "pool.h"
#include "simd32_pairs.h"

typedef bl_pool_shape bl_average_pool_s8_simd32_shape;

/* Sums of channels 0 and 2, and of 1 and 3. */
typedef struct {
    uint32_t even, odd;
} bl_pool_sums_simd32;

/* Adds `taps` pixels in a row. */
BL_INLINE bl_pool_sums_simd32 bl_pool_add(bl_pool_sums_simd32 sums, const int8_t *tap, int32_t taps, int32_t channels)
{
    BL_UNROLL(4)
    for (int32_t i = 0; i < taps; i++, tap += channels) {
        uint32_t x = bl_load_word(tap);
        sums.even = bl_sxtab16(sums.even, x);
        sums.odd = bl_sxtab16_odd(sums.odd, x);
    }
    return sums;
}

/* The same over all taps of a window, from the first one's channel on. */
BL_INLINE bl_pool_sums_simd32 bl_pool_window(const int8_t *image, const int8_t *first, bl_taps rows, bl_taps columns,
                                             const bl_pool_shape *s)
{
    bl_pool_sums_simd32 sums = {0, 0};
    int32_t row_size = s->input_width * s->channels;
    int32_t count = columns.to - columns.from;
    /* Rows as wide as the image are neighbours. */
    if (count == s->input_width && s->input_ring_rows >= s->input_height)
        return bl_pool_add(sums, first + (rows.origin + rows.from) * row_size, (rows.to - rows.from) * count, s->channels);
    for (int32_t ky = rows.from; ky < rows.to; ky++) {
        int32_t row = bl_ring_row(rows.origin + ky, s->input_ring_rows, s->input_height);
        sums = bl_pool_add(sums, image + row * row_size + (first - image), count, s->channels);
    }
    return sums;
}

BL_INLINE void bl_average_pool_s8_simd32(int8_t *output, const int8_t *input, int32_t row_begin, int32_t row_end,
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
                for (int32_t c = 0; c < s->channels; c += 4) {
                    bl_pool_sums_simd32 sums = bl_pool_window(image, first + c, rows, columns, s);
                    for (int32_t i = 0; i < 4; i++) {
                        uint32_t pair = i % 2 == 0 ? sums.even : sums.odd;
                        int32_t sum = (int16_t)(uint16_t)(i < 2 ? pair : pair >> 16);
                        *out++ = (int8_t)bl_clamp(bl_average(sum, taps), s->act_min, s->act_max);
                    }
                }
            }
        }
    }
}

#endif
