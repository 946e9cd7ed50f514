/*
 * CONV_2D of int8 in one group, with weights of 1, 2 or 4 bits, for Cortex-M with the DSP extension: as conv_2d_simd32.h and
 * conv_2d_point_simd32.h, with block_narrow_simd32.h for the sums.
 *  - scratch: pairs of the block, sums of its inputs, then the bytes of one window or run
 */
#ifndef BL_CONV_2D_LANES_SIMD32_H
#define BL_CONV_2D_LANES_SIMD32_H

#include "block_narrow_simd32.h"
#include "conv_2d_simd32.h"

typedef struct {
    int32_t block_pixels; /* pixels of a block: 3 or 1 */
    int32_t clamps;       /* the activation's bounds are not the ends of int8 */
} bl_conv_2d_point_lanes_shape;

/* Sets what the windows of a block do not fill to 0. */
BL_INLINE void bl_clear_lanes(uint32_t *pairs, int32_t steps, const bl_lanes_layer *layer, int32_t pixels, int32_t bits)
{
    for (int32_t i = 2 * steps * pixels; i < layer->words * BL_LANES_PAIRS(bits) * pixels; i++)
        pairs[i] = 0;
}

/* `pixels` neighbours in the output, whose inputs begin every `step` bytes. */
BL_INLINE void bl_lanes_of_points(int8_t *output, const int8_t *input, int32_t step, int32_t pixels, uint32_t *pairs,
                                  int32_t steps, const bl_lanes_layer *layer, int32_t bits,
                                  const bl_conv_2d_point_lanes_shape *s)
{
    bl_clear_lanes(pairs, steps, layer, s->block_pixels, bits);
    for (; pixels >= s->block_pixels; pixels -= s->block_pixels, output += s->block_pixels * layer->outputs) {
        for (int32_t p = 0; p < s->block_pixels; p++, input += step)
            bl_widen(pairs + p, input, steps, s->block_pixels);
        bl_lanes_of(bits, s->block_pixels, s->clamps)(output, pairs, layer);
    }
    if (s->block_pixels > 1 && pixels > 0)
        bl_clear_lanes(pairs, steps, layer, 1, bits);
    for (; s->block_pixels > 1 && pixels > 0; pixels--, input += step, output += layer->outputs) {
        bl_widen(pairs, input, steps, 1);
        bl_lanes_of(bits, 1, s->clamps)(output, pairs, layer);
    }
}

BL_INLINE void bl_conv_2d_point_lanes(int8_t *output, const int8_t *input, void *scratch, const bl_lanes_layer *layer,
                                      int32_t row_begin, int32_t row_end, int32_t batches, int32_t input_width,
                                      int32_t input_channels, int32_t input_ring_rows, int32_t output_width,
                                      int32_t output_ring_rows, int32_t stride_height, int32_t stride_width,
                                      int32_t bits, const bl_conv_2d_point_lanes_shape *s)
{
    int32_t input_row = input_width * input_channels;
    int32_t output_row = output_width * layer->outputs;
    /* Rows that are neighbours in both images are one. */
    int32_t joined = stride_height == 1 && stride_width == 1 && row_end <= bl_min(input_ring_rows, output_ring_rows);
    int32_t rows = joined ? row_end - row_begin : 1;
    for (int32_t batch = 0; batch < batches; batch++) {
        for (int32_t y = row_begin; y < row_end; y += rows) {
            int32_t from = y * stride_height % input_ring_rows;
            int32_t to = y % output_ring_rows;
            bl_lanes_of_points(output + to * output_row, input + from * input_row, stride_width * input_channels,
                               rows * output_width, (uint32_t *)scratch, input_channels / 4, layer, bits, s);
        }
        input += input_ring_rows * input_row;
        output += output_ring_rows * output_row;
    }
}

BL_INLINE void bl_conv_2d_lanes(int8_t *output, const int8_t *input, void *scratch, const bl_lanes_layer *layer,
                                int32_t row_begin, int32_t row_end, int32_t zero_point, int32_t bits,
                                const bl_conv_2d_s8_simd32_shape *s)
{
    int32_t taps = s->filter_height * s->filter_width * s->input_channels;
    int32_t steps = (taps + 3) / 4;
    int32_t segments = (layer->words + layer->segment - 1) / layer->segment;
    uint32_t *pairs = (uint32_t *)scratch;
    int8_t *bytes = (int8_t *)(pairs + layer->words * BL_LANES_PAIRS(bits) * s->block_pixels +
                               segments * BL_LANES_SEGMENT(s->block_pixels) + s->block_pixels);
    /* Blocks run on from row to row where the output's rows are neighbours. */
    int32_t whole = s->output_ring_rows >= s->output_height;
    for (int32_t i = taps; i < 4 * steps; i++)
        bytes[i] = 0;
    for (int32_t batch = 0; batch < s->batches; batch++) {
        int32_t y = row_begin;
        int32_t x = 0;
        while (y < row_end) {
            int32_t row = batch * s->output_ring_rows + bl_ring_row(y, s->output_ring_rows, s->output_height);
            int32_t left = (whole ? (row_end - y) : 1) * s->output_width - x;
            int32_t full = s->output_width % s->block_pixels == 0 || left >= s->block_pixels;
            int32_t pixels = full ? s->block_pixels : 1;
            int8_t *block = output + (row * s->output_width + x) * s->output_channels;
            bl_clear_lanes(pairs, steps, layer, pixels, bits);
            for (int32_t p = 0; p < pixels; p++) {
                bl_gather_pixel(pairs + p, pixels, bytes, input, y, x, zero_point, s);
                if (++x == s->output_width) {
                    x = 0;
                    y++;
                }
            }
            if (full)
                bl_lanes_of(bits, s->block_pixels, s->clamps)(block, pairs, layer);
            else
                bl_lanes_of(bits, 1, s->clamps)(block, pairs, layer);
        }
        input += s->input_ring_rows * s->input_width * s->input_channels;
    }
}

#define BL_CONV_2D_LANES(bits)                                                                                         \
    typedef bl_conv_2d_point_lanes_shape bl_conv_2d_point_s8_w##bits##_lanes_simd32_shape;                             \
    typedef bl_conv_2d_s8_simd32_shape bl_conv_2d_s8_w##bits##_lanes_simd32_shape;                                     \
                                                                                                                       \
    BL_INLINE void bl_conv_2d_point_s8_w##bits##_lanes_simd32(                                                         \
        int8_t *output, const int8_t *input, void *scratch, const int32_t *filter, const int32_t *biases,              \
        const int32_t *scales, int32_t row_begin, int32_t row_end, int32_t batches, int32_t input_width,               \
        int32_t input_channels, int32_t input_ring_rows, int32_t output_width, int32_t output_channels,                \
        int32_t output_ring_rows, int32_t stride_height, int32_t stride_width, int32_t scale_step, int32_t words,      \
        int32_t segment, int32_t part, int32_t first, int32_t step, int32_t output_offset, int32_t act_min, int32_t act_max,         \
        const bl_conv_2d_point_lanes_shape *s)                                                                         \
    {                                                                                                                  \
        bl_lanes_layer layer = {filter, biases, scales, scale_step,     words,         segment, part,                  \
                                first,  step,   output_channels, output_offset, act_min, act_max};                     \
        bl_conv_2d_point_lanes(output, input, scratch, &layer, row_begin, row_end, batches, input_width,               \
                               input_channels, input_ring_rows, output_width, output_ring_rows, stride_height,         \
                               stride_width, bits, s);                                                                 \
    }                                                                                                                  \
                                                                                                                       \
    BL_INLINE void bl_conv_2d_s8_w##bits##_lanes_simd32(                                                               \
        int8_t *output, const int8_t *input, void *scratch, const int32_t *filter, const int32_t *biases,              \
        const int32_t *scales, int32_t row_begin, int32_t row_end, int32_t zero_point, int32_t scale_step,             \
        int32_t words, int32_t segment, int32_t part, int32_t first, int32_t step, int32_t output_offset, int32_t act_min,           \
        int32_t act_max, const bl_conv_2d_s8_simd32_shape *s)                                                          \
    {                                                                                                                  \
        bl_lanes_layer layer = {filter, biases, scales, scale_step,         words,         segment, part,              \
                                first,  step,   s->output_channels, output_offset, act_min, act_max};                  \
        bl_conv_2d_lanes(output, input, scratch, &layer, row_begin, row_end, zero_point, bits, s);                     \
    }

BL_CONV_2D_LANES(1)
BL_CONV_2D_LANES(2)
BL_CONV_2D_LANES(4)

#endif
