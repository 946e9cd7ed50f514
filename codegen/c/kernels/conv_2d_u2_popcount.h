/*
 * CONV_2D and FULLY_CONNECTED of codes of 2 bits with weights of two values, first and first + step: counts of bits (bit_planes.h).
 * Constraints:
 *  - filter [output channels][words]: a bit for each element of a window, where bl_split_planes leaves it; set bits are the second value
 *  - scratch: the planes of a window
 *  - a pixel is written after its last read: the plan lets `output` overlap `input` by that rule
 */
#ifndef BL_CONV_2D_U2_POPCOUNT_H
#define BL_CONV_2D_U2_POPCOUNT_H

#include "bit_planes.h"
#include "ending.h"
#include "gather_window.h"
#include "span.h"

typedef struct {
    BL_CONV_2D_MEMBERS;
    int32_t gathers; /* windows are not single pixels inside of the image */
    int32_t zero_point;
    int32_t offset_first;
    int32_t offset_step;
    BL_ENDING_MEMBERS;
} bl_conv_2d_u2_popcount_shape;

BL_INLINE void bl_conv_2d_u2_popcount(void *output, const void *input, void *scratch, const int32_t *filter,
                                      const int32_t *ending, int32_t row_begin, int32_t row_end,
                                      const bl_conv_2d_u2_popcount_shape *s)
{
    bl_ending e = BL_ENDING_OF(ending, s);
    int32_t pixel_bytes = bl_row_bytes(s->input_channels, 2);
    int32_t output_bytes = bl_row_bytes(s->output_channels, s->output_bits);
    int32_t window_words = s->filter_height * s->filter_width * pixel_bytes / 4;
    int32_t words = (window_words + 1) / 2;
    bl_window_source source = {s->input_height,  s->input_width,  pixel_bytes,        s->input_ring_rows,
                               s->filter_height, s->filter_width, s->dilation_height, s->dilation_width,
                               s->zero_point * 0x55};
    uint32_t *planes = (uint32_t *)scratch;
    bl_count_masks m = bl_masks_of_counts();
    for (int32_t batch = 0; batch < s->batches; batch++) {
        const int8_t *image = (const int8_t *)input + batch * s->input_ring_rows * s->input_width * pixel_bytes;
        for (int32_t y = row_begin; y < row_end; y++) {
            int32_t row = batch * s->output_ring_rows + bl_ring_row(y, s->output_ring_rows, s->output_height);
            uint8_t *pixel = (uint8_t *)output + row * s->output_width * output_bytes;
            int32_t top = y * s->stride_height - s->pad_top;
            for (int32_t x = 0; x < s->output_width; x++, pixel += output_bytes) {
                int32_t left = x * s->stride_width - s->pad_left;
                const void *codes = scratch;
                if (s->gathers)
                    bl_gather_source((int8_t *)scratch, image, top, left, &source);
                else
                    codes = image + (bl_ring_row(top, s->input_ring_rows, s->input_height) * s->input_width + left) * pixel_bytes;
                uint32_t least = (uint32_t)s->offset_first * bl_split_planes(planes, (const uint32_t *)codes, window_words, &m);
                const uint32_t *weights = (const uint32_t *)filter;
                bl_row_writer writer = {pixel, 0};
                BL_UNROLL(1)
                for (int32_t c = 0; c < s->output_channels; c++, weights += words) {
                    uint32_t selected = bl_sum_selected(planes, weights, words, &m);
                    int32_t sum = (int32_t)(least + (uint32_t)s->offset_step * selected);
                    bl_write_code(&writer, c, bl_end_sum(sum, c, &e), s->output_bits);
                }
                bl_finish_row(&writer, s->output_channels, s->output_bits);
            }
        }
    }
}

#endif
