/*
 * int8 DEPTHWISE_CONV_2D on ARMv6-M: one output channel to an input channel, no dilation, no zero point of the filter.
 *  - filter [height][width][channels]
 *  - `scratch` holds the sums of a pixel, which is written after the last read of its window
 */
#ifndef BL_DEPTHWISE_CONV_2D_ARMV6M_H
#define BL_DEPTHWISE_CONV_2D_ARMV6M_H

#include "depthwise_row.h"
#include "requantize_digits.h"
#include "span.h"

typedef struct {
    int32_t batches;
    int32_t input_height;
    int32_t input_width;
    int32_t input_channels;
    int32_t input_ring_rows;
    int32_t output_height;
    int32_t output_width;
    int32_t output_ring_rows;
    int32_t filter_height;
    int32_t filter_width;
    int32_t stride_height;
    int32_t stride_width;
    int32_t pad_top;
    int32_t pad_left;
    int32_t padded; /* some window leaves the image */
    int32_t narrow; /* all sums are below 2^20 and all shifts negative */
    int32_t input_offset;
    int32_t output_offset;
    int32_t act_min;
    int32_t act_max;
} bl_depthwise_conv_2d_armv6m_s8_shape;

/* The sums of a pixel, whose window meets the image in `rows` and `columns`. Three taps of a row at a time. */
BL_INLINE void bl_depthwise_sums(uint32_t *sums, const int8_t *image, const int8_t *filter, const int32_t *bias,
                                 bl_span rows, bl_span columns, const bl_depthwise_conv_2d_armv6m_s8_shape *s)
{
    const uint32_t *from = (const uint32_t *)bias;
    int32_t y = rows.element;
    for (int32_t ky = rows.tap; ky < rows.tap_end; ky++, y++) {
        int32_t row = bl_ring_row(y, s->input_ring_rows, s->input_height) * s->input_width + columns.element;
        const int8_t *input = image + row * s->input_channels;
        const int8_t *taps = filter + (ky * s->filter_width + columns.tap) * s->input_channels;
        for (int32_t left = columns.tap_end - columns.tap; left > 0; left -= 3) {
            bl_depthwise_row(sums, from, input, taps, s->input_offset, s->input_channels, bl_min(left, 3));
            from = sums;
            input += 3 * s->input_channels;
            taps += 3 * s->input_channels;
        }
    }
}

BL_INLINE void bl_depthwise_conv_2d_armv6m_s8(int8_t *output, const int8_t *input, void *scratch,
                                              const int8_t *filter, const int32_t *bias, const int16_t *scale,
                                              int32_t row_begin, int32_t row_end,
                                              const bl_depthwise_conv_2d_armv6m_s8_shape *s)
{
    uint32_t *sums = (uint32_t *)scratch;
    for (int32_t batch = 0; batch < s->batches; batch++) {
        const int8_t *image = input + batch * s->input_ring_rows * s->input_width * s->input_channels;
        for (int32_t y = row_begin; y < row_end; y++) {
            int32_t row = batch * s->output_ring_rows + bl_ring_row(y, s->output_ring_rows, s->output_height);
            int8_t *pixel = output + row * s->output_width * s->input_channels;
            bl_span rows = bl_conv_span(y, s->filter_height, s->stride_height, 1, s->pad_top, s->input_height,
                                        s->padded);
            for (int32_t x = 0; x < s->output_width; x++, pixel += s->input_channels) {
                bl_span columns = bl_conv_span(x, s->filter_width, s->stride_width, 1, s->pad_left, s->input_width,
                                               s->padded);
                bl_depthwise_sums(sums, image, filter, bias, rows, columns, s);
                bl_requantize_channels(pixel, sums, scale, 4, s->input_channels, s->narrow, s->output_offset, s->act_min,
                                       s->act_max);
            }
        }
    }
}

#endif
