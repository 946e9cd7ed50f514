/*
 * DEPTHWISE_CONV_2D of int8 or packed activations, with weights of a byte and any ending (ending.h): a window is unpacked to a panel of
 * bytes, of which each channel takes its taps.
 *  - filter: [height][width][channels]
 *  - scratch: the panel, [height][width][input channels]; out-of-image taps hold the zero point, whose products the ending takes off
 *  - a pixel is written after its window is read: `output` overlaps `input` by that rule
 */
#ifndef BL_DEPTHWISE_CONV_2D_PANEL_H
#define BL_DEPTHWISE_CONV_2D_PANEL_H

#include "ending.h"
#include "gather_codes.h"
#include "span.h"

typedef struct {
    BL_CONV_2D_MEMBERS;
    int32_t depth_multiplier;
    int32_t input_bits; /* 8, 4, 2 or 1 */
    BL_ENDING_MEMBERS;
} bl_depthwise_conv_2d_panel_shape;

BL_INLINE void bl_depthwise_conv_2d_panel(void *output, const void *input, int8_t *scratch, const int8_t *filter,
                                          const int32_t *ending, int32_t row_begin, int32_t row_end, int32_t zero_point,
                                          const bl_depthwise_conv_2d_panel_shape *s)
{
    bl_ending e = BL_ENDING_OF(ending, s);
    bl_window_source source = {s->input_height,  s->input_width,  s->input_channels,  s->input_ring_rows,
                               s->filter_height, s->filter_width, s->dilation_height, s->dilation_width,
                               zero_point};
    int32_t taps = s->filter_height * s->filter_width;
    int32_t input_bytes = s->input_ring_rows * s->input_width * bl_row_bytes(s->input_channels, s->input_bits);
    int32_t output_bytes = bl_row_bytes(s->output_channels, s->output_bits);
    for (int32_t batch = 0; batch < s->batches; batch++) {
        const uint8_t *image = (const uint8_t *)input + batch * input_bytes;
        for (int32_t y = row_begin; y < row_end; y++) {
            int32_t row = batch * s->output_ring_rows + bl_ring_row(y, s->output_ring_rows, s->output_height);
            uint8_t *pixel = (uint8_t *)output + row * s->output_width * output_bytes;
            for (int32_t x = 0; x < s->output_width; x++, pixel += output_bytes) {
                bl_gather_codes(scratch, image, y * s->stride_height - s->pad_top, x * s->stride_width - s->pad_left,
                                s->input_bits, &source);
                BL_UNROLL(1)
                for (int32_t c = 0; c < s->output_channels; c++) {
                    const int8_t *codes = scratch + c / s->depth_multiplier;
                    int32_t sum = 0;
                    BL_UNROLL(9)
                    for (int32_t tap = 0; tap < taps; tap++)
                        sum += codes[tap * s->input_channels] * filter[tap * s->output_channels + c];
                    bl_end_sums(pixel, c, &sum, 1, &e);
                }
            }
        }
    }
}

#endif
