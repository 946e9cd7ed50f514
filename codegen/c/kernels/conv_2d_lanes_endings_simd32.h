/*
 * As conv_2d_lanes_simd32.h, for int8 or packed activations and any ending (ending.h): the blocks leave accumulators.
 *  - scratch: pairs of the block, sums of its inputs, accumulators [pixel][channel], then the bytes of one window
 */
#ifndef BL_CONV_2D_LANES_ENDINGS_SIMD32_H
#define BL_CONV_2D_LANES_ENDINGS_SIMD32_H

#include "conv_2d_lanes_simd32.h"
#include "ending.h"
#include "gather_codes.h"

typedef struct {
    BL_CONV_2D_MEMBERS;
    int32_t block_pixels; /* pixels of a block: 3 or 1 */
    int32_t input_bits;   /* 8, 4, 2 or 1 */
    BL_ENDING_MEMBERS;
} bl_conv_2d_lanes_endings_shape;

BL_INLINE void bl_conv_2d_lanes_endings(void *output, const void *input, void *scratch, const bl_lanes_layer *layer,
                                        const int32_t *ending, int32_t row_begin, int32_t row_end, int32_t zero_point,
                                        int32_t bits, const bl_conv_2d_lanes_endings_shape *s)
{
    bl_ending e = BL_ENDING_OF(ending, s);
    bl_window_source source = {s->input_height,  s->input_width,  s->input_channels,  s->input_ring_rows,
                               s->filter_height, s->filter_width, s->dilation_height, s->dilation_width,
                               zero_point};
    int32_t taps = s->filter_height * s->filter_width * s->input_channels;
    int32_t steps = (taps + 3) / 4;
    int32_t segments = (layer->words + layer->segment - 1) / layer->segment;
    uint32_t *pairs = (uint32_t *)scratch;
    int32_t *sums = (int32_t *)pairs + layer->words * BL_LANES_PAIRS(bits) * s->block_pixels +
                    segments * BL_LANES_SEGMENT(s->block_pixels) + s->block_pixels;
    int8_t *bytes = (int8_t *)(sums + s->block_pixels * s->output_channels);
    int32_t input_bytes = s->input_ring_rows * s->input_width * bl_row_bytes(s->input_channels, s->input_bits);
    int32_t output_bytes = bl_row_bytes(s->output_channels, s->output_bits);
    /* Blocks run on from row to row where the output's rows are neighbours. */
    int32_t whole = s->output_ring_rows >= s->output_height;
    for (int32_t i = taps; i < 4 * steps; i++)
        bytes[i] = 0;
    for (int32_t batch = 0; batch < s->batches; batch++) {
        const uint8_t *image = (const uint8_t *)input + batch * input_bytes;
        int32_t y = row_begin;
        int32_t x = 0;
        while (y < row_end) {
            int32_t row = batch * s->output_ring_rows + bl_ring_row(y, s->output_ring_rows, s->output_height);
            int32_t left = (whole ? (row_end - y) : 1) * s->output_width - x;
            int32_t full = s->output_width % s->block_pixels == 0 || left >= s->block_pixels;
            int32_t pixels = full ? s->block_pixels : 1;
            uint8_t *pixel = (uint8_t *)output + (row * s->output_width + x) * output_bytes;
            bl_clear_lanes(pairs, steps, layer, pixels, bits);
            for (int32_t p = 0; p < pixels; p++) {
                bl_gather_codes(bytes, image, y * s->stride_height - s->pad_top, x * s->stride_width - s->pad_left,
                                s->input_bits, &source);
                bl_widen(pairs + p, bytes, steps, pixels);
                if (++x == s->output_width) {
                    x = 0;
                    y++;
                }
            }
            if (full)
                bl_lanes_of(bits, s->block_pixels, BL_LANES_SUMS)((int8_t *)sums, pairs, layer);
            else
                bl_lanes_of(bits, 1, BL_LANES_SUMS)((int8_t *)sums, pairs, layer);
            for (int32_t p = 0; p < pixels; p++, pixel += output_bytes)
                bl_end_sums(pixel, 0, sums + p * s->output_channels, s->output_channels, &e);
        }
    }
}

#define BL_CONV_2D_LANES_ENDINGS(bits)                                                                                 \
    typedef bl_conv_2d_lanes_endings_shape bl_conv_2d_w##bits##_lanes_simd32_shape;                                    \
    BL_INLINE void bl_conv_2d_w##bits##_lanes_simd32(                                                                  \
        void *output, const void *input, void *scratch, const int32_t *filter, const int32_t *ending,                  \
        int32_t row_begin, int32_t row_end, int32_t zero_point, int32_t words, int32_t segment, int32_t part,          \
        int32_t first, int32_t step, const bl_conv_2d_lanes_endings_shape *s)                                          \
    {                                                                                                                  \
        bl_lanes_layer layer = {filter, 0, 0, 0, words, segment, part, first, step, s->output_channels, 0, 0, 0};      \
        bl_conv_2d_lanes_endings(output, input, scratch, &layer, ending, row_begin, row_end, zero_point, bits, s);     \
    }

BL_CONV_2D_LANES_ENDINGS(1)
BL_CONV_2D_LANES_ENDINGS(2)
BL_CONV_2D_LANES_ENDINGS(4)

#endif
