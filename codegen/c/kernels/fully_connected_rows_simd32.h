/*
 * FULLY_CONNECTED over all of an image by rows (see fully_connected_rows.h), for Cortex-M with the DSP extension. The weights of each row:
 * dot_simd32.h.
 */
#ifndef BL_FULLY_CONNECTED_ROWS_SIMD32_H
#define BL_FULLY_CONNECTED_ROWS_SIMD32_H

#include "fully_connected_rows.h"
#include "fully_connected_simd32.h"

typedef bl_symmetric_rows_shape bl_fully_connected_rows_s8_simd32_shape;

BL_INLINE void bl_fully_connected_rows_s8_simd32(int8_t *output, const int8_t *input, void *scratch,
                                                 const int8_t *filter, const int32_t *bias, int32_t row_begin,
                                                 int32_t row_end, int32_t multiplier, int32_t shift,
                                                 int32_t output_offset, int32_t act_min, int32_t act_max,
                                                 const bl_fully_connected_rows_s8_simd32_shape *s)
{
    int32_t *sums = scratch;
    bl_fully_connected_s8_s32_simd32_shape blocks = {0};
    int32_t row_weights = (s->outputs + 3) / 4 * 4 * ((s->inputs + 3) / 4 * 4);
    for (int32_t y = row_begin; y < row_end; y++) {
        const int8_t *own = input + bl_ring_row(y, s->input_ring_rows, s->input_height) * s->inputs;
        bl_fully_connected_s8_s32_simd32(sums, own, filter + y * row_weights, y == 0 ? bias : sums, 1, s->inputs,
                                         s->outputs, &blocks);
    }
    if (row_end == s->input_height)
        bl_end_products(output, sums, s->outputs, multiplier, shift, output_offset, act_min, act_max, s->right_shift);
}

#endif
