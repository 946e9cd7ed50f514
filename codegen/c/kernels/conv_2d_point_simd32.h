/*
 * CONV_2D of int8 with a filter of one tap, for Cortex-M with the DSP extension: as conv_2d_simd32.h, with pixels of whole
 * words and no padding. Sizes are no literals: layers of all sizes share the function, whose work is in block_simd32.h.
 */
#ifndef BL_CONV_2D_POINT_SIMD32_H
#define BL_CONV_2D_POINT_SIMD32_H

#include "block_simd32.h"

typedef struct {
    int32_t block_pixels; /* pixels of a block: 4 or 2 */
    int32_t clamps;       /* the activation's bounds are not the ends of int8 */
    int32_t negative;     /* codes below the output's zero point survive them */
} bl_conv_2d_point_s8_simd32_shape;

/* `pixels` neighbours in the output, whose inputs begin every `step` bytes. */
BL_INLINE void bl_convolve_points(int8_t *output, const int8_t *input, int32_t step, int32_t pixels, uint32_t *pairs,
                                  const bl_layer_simd32 *layer, const bl_conv_2d_point_s8_simd32_shape *s)
{
    for (; pixels >= s->block_pixels; pixels -= s->block_pixels, output += s->block_pixels * layer->outputs) {
        for (int32_t p = 0; p < s->block_pixels; p++, input += step)
            bl_widen(pairs + p, input, layer->steps, s->block_pixels);
        bl_block_of(s->block_pixels, s->clamps, s->negative)(output, pairs, layer);
    }
    for (; pixels > 0; pixels--, input += step, output += layer->outputs) {
        bl_widen(pairs, input, layer->steps, 1);
        bl_block_of(1, s->clamps, s->negative)(output, pairs, layer);
    }
}

BL_INLINE void bl_conv_2d_point_s8_simd32(int8_t *output, const int8_t *input, void *scratch, const int8_t *filter,
                                          const int32_t *channels, int32_t row_begin, int32_t row_end, int32_t batches,
                                          int32_t input_width,
                                          int32_t input_channels, int32_t input_ring_rows, int32_t output_width,
                                          int32_t output_channels, int32_t output_ring_rows, int32_t stride_height,
                                          int32_t stride_width, int32_t output_offset, int32_t act_min, int32_t act_max,
                                          const bl_conv_2d_point_s8_simd32_shape *s)
{
    bl_layer_simd32 layer = {filter, channels, input_channels / 4, output_channels, output_offset,
                             act_min, act_max};
    int32_t input_row = input_width * input_channels;
    int32_t output_row = output_width * output_channels;
    int32_t joins = stride_height == 1 && stride_width == 1;
    for (int32_t batch = 0; batch < batches; batch++) {
        for (int32_t y = row_begin, rows; y < row_end; y += rows) {
            int32_t from = y * stride_height % input_ring_rows;
            int32_t to = y % output_ring_rows;
            /* Rows that are neighbours in both images are one. */
            rows = joins ? bl_min(row_end - y, bl_min(input_ring_rows - from, output_ring_rows - to)) : 1;
            bl_convolve_points(output + to * output_row, input + from * input_row, stride_width * input_channels,
                               rows * output_width, (uint32_t *)scratch, &layer, s);
        }
        input += input_ring_rows * input_row;
        output += output_ring_rows * output_row;
    }
}

#endif
