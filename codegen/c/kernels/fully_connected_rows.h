/*
 * FULLY_CONNECTED over all of an image (see fully_connected.h), whose rows come a few at a time: rows [row_begin, row_end) of the
 * input, out of a ring, meet their part of the weights, and the products join sums that outlive the call; the last row ends in the
 * output. The first row's products join the biases, which include input_offset * sum(filter). Sums and biases are filled up to whole
 * blocks of four; filter [input_height][outputs / 4, rounded up][inputs][4].
 */
#ifndef BL_FULLY_CONNECTED_ROWS_H
#define BL_FULLY_CONNECTED_ROWS_H

#include "fully_connected.h"

typedef struct {
    int32_t inputs; /* of a row */
    int32_t outputs;
    int32_t input_height;
    int32_t input_ring_rows;
    int32_t filter_offsets; /* the filter's zero point is not 0 */
    int32_t right_shift;    /* the shift is in -31..-1 */
} bl_fully_connected_rows_s8_shape;

/* Of the forms that take filters whose zero point is 0. */
typedef struct {
    int32_t inputs; /* of a row */
    int32_t outputs;
    int32_t input_height;
    int32_t input_ring_rows;
    int32_t right_shift; /* the shift is in -31..-1 */
} bl_symmetric_rows_shape;

/* The codes of complete sums. */
BL_INLINE void bl_end_products(int8_t *output, const int32_t *sums, int32_t outputs, int32_t multiplier, int32_t shift,
                               int32_t output_offset, int32_t act_min, int32_t act_max, int32_t right_shift)
{
    int8_t shift8 = (int8_t)shift;
    bl_requantizer r = {&multiplier, &shift8, output_offset, act_min, act_max, 0, right_shift};
    for (int32_t i = 0; i < outputs; i++)
        output[i] = (int8_t)bl_requantize32(sums[i], i, &r);
}

BL_INLINE void bl_fully_connected_rows_s8(int8_t *output, const int8_t *input, void *scratch, const int8_t *filter,
                                          const int32_t *bias, int32_t row_begin, int32_t row_end,
                                          int32_t filter_offset, int32_t multiplier, int32_t shift,
                                          int32_t output_offset, int32_t act_min, int32_t act_max,
                                          const bl_fully_connected_rows_s8_shape *s)
{
    int32_t *sums = scratch;
    bl_fully_connected_shape row = {1, s->inputs, s->outputs, s->filter_offsets, 0};
    int32_t row_weights = (s->outputs + BL_BLOCK - 1) / BL_BLOCK * BL_BLOCK * s->inputs;
    for (int32_t y = row_begin; y < row_end; y++) {
        const int8_t *own = input + bl_ring_row(y, s->input_ring_rows, s->input_height) * s->inputs;
        bl_fully_connected(sums, own, filter + y * row_weights, y == 0 ? bias : sums, filter_offset,
                           (const bl_requantizer *)0, &row, BL_S8);
    }
    if (row_end == s->input_height)
        bl_end_products(output, sums, s->outputs, multiplier, shift, output_offset, act_min, act_max, s->right_shift);
}

#endif
