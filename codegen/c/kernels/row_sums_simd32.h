/*
 * Sums of rows (see row_sums.h) by the DSP extension: of four channels at once, two in a word, which at most 255 taps cannot
 * overflow. Channels come in fours; of each four the sums are those of channels 0 and 2, then of 1 and 3.
 */
#ifndef BL_ROW_SUMS_SIMD32_H
#define BL_ROW_SUMS_SIMD32_H

#include "pool_simd32.h"
#include "row_sums.h"

typedef bl_row_sums_shape bl_average_pool_rows_s8_simd32_shape;
typedef bl_row_sums_shape bl_reduce_rows_s8_simd32_shape;

BL_INLINE void bl_add_rows_simd32(bl_pool_sums_simd32 *sums, const int8_t *input, int32_t row_begin, int32_t row_end,
                                  const bl_row_sums_shape *s)
{
    int32_t blocks = s->channels / 4;
    for (int32_t i = 0; row_begin == 0 && i < s->output_width * blocks; i++)
        sums[i] = (bl_pool_sums_simd32){0, 0};
    for (int32_t y = row_begin; y < row_end; y++) {
        int32_t in_row = bl_ring_row(y, s->input_ring_rows, s->input_height);
        const int8_t *row = input + in_row * s->input_width * s->channels;
        for (int32_t x = 0; x < s->output_width; x++) {
            bl_taps columns = bl_columns_of(x, s);
            const int8_t *first = row + (columns.origin + columns.from) * s->channels;
            for (int32_t block = 0; block < blocks; block++) {
                bl_pool_sums_simd32 *sum = sums + x * blocks + block;
                *sum = bl_pool_add(*sum, first + 4 * block, columns.to - columns.from, s->channels);
            }
        }
    }
}

/* The sum of channel `channel` of its four. */
BL_INLINE int32_t bl_row_sum(const bl_pool_sums_simd32 *sums, int32_t channel)
{
    uint32_t pair = channel % 2 == 0 ? sums->even : sums->odd;
    return (int16_t)(uint16_t)(channel < 2 ? pair : pair >> 16);
}

BL_INLINE void bl_average_pool_rows_s8_simd32(int8_t *output, const int8_t *input, void *scratch, int32_t row_begin,
                                              int32_t row_end, const bl_row_sums_shape *s)
{
    bl_pool_sums_simd32 *sums = scratch;
    bl_add_rows_simd32(sums, input, row_begin, row_end, s);
    for (int32_t x = 0; row_end == s->input_height && x < s->output_width; x++)
        for (int32_t c = 0; c < s->channels; c += 4, sums++)
            for (int32_t i = 0; i < 4; i++)
                *output++ = (int8_t)bl_row_average(bl_row_sum(sums, i), x, s);
}

BL_INLINE void bl_reduce_rows_s8_simd32(int8_t *output, const int8_t *input, void *scratch, int32_t row_begin,
                                        int32_t row_end, int32_t offset, int32_t zero_point, int32_t multiplier,
                                        int32_t shift, const bl_row_sums_shape *s)
{
    bl_pool_sums_simd32 *sums = scratch;
    bl_add_rows_simd32(sums, input, row_begin, row_end, s);
    int32_t count = row_end == s->input_height ? s->output_width * s->channels : 0;
    for (int32_t c = 0; c < count; c += 4, sums++)
        for (int32_t i = 0; i < 4; i++) {
            int32_t scaled = bl_mbqm(bl_row_sum(sums, i) - offset, multiplier, shift) + zero_point;
            *output++ = (int8_t)bl_clamp(scaled, s->act_min, s->act_max);
        }
}

#endif
