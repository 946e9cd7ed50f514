/*
 * FULLY_CONNECTED over all of an image by rows (see fully_connected_rows.h) on Helium. Sums and biases are filled up to whole blocks of
 * eight; the weights of each row: dot_mve.h.
 */
#ifndef BL_FULLY_CONNECTED_ROWS_MVE_H
#define BL_FULLY_CONNECTED_ROWS_MVE_H

#include "fully_connected_mve.h"
#include "fully_connected_rows.h"

typedef bl_symmetric_rows_shape bl_fully_connected_rows_s8_mve_shape;

BL_INLINE void bl_fully_connected_rows_s8_mve(int8_t *output, const int8_t *input, void *scratch, const int8_t *filter,
                                              const int32_t *bias, int32_t row_begin, int32_t row_end,
                                              int32_t multiplier, int32_t shift, int32_t output_offset,
                                              int32_t act_min, int32_t act_max,
                                              const bl_fully_connected_rows_s8_mve_shape *s)
{
    int32_t *sums = scratch;
    int32_t outputs = (s->outputs + BL_BLOCK8 - 1) / BL_BLOCK8 * BL_BLOCK8;
    bl_fully_connected_s8_s32_mve_shape row = {1, s->inputs, outputs};
    int32_t row_weights = outputs * ((s->inputs + BL_LANES - 1) / BL_LANES * BL_LANES);
    for (int32_t y = row_begin; y < row_end; y++) {
        const int8_t *own = input + bl_ring_row(y, s->input_ring_rows, s->input_height) * s->inputs;
        bl_fully_connected_s8_s32_mve(sums, own, filter + y * row_weights, y == 0 ? bias : sums, &row);
    }
    if (row_end == s->input_height)
        bl_end_products(output, sums, s->outputs, multiplier, shift, output_offset, act_min, act_max, s->right_shift);
}

#endif
