/*
 * The traversal of CONV_2D and TRANSPOSE_CONV. No scratch: each output pixel reads its window of the input in place,
 * once for every block of four channels.
 *  - filter [groups][channels of a group / 4, rounded up][height][width][input channels of a group][4]
 *  - where no window leaves the image (padded = 0), bias includes input_offset * sum(filter)
 *  - pixels are written in order, each after its last read: the plan lets `output` overlap `input` by that rule
 */
#ifndef BL_CONVOLVE_H
#define BL_CONVOLVE_H

#include "dot.h"
#include "span.h"

typedef struct {
    BL_CONV_2D_MEMBERS;
    int32_t groups;
    int32_t padded;         /* some window leaves the image */
    int32_t filter_offsets; /* the filter's zero point is not 0 */
    int32_t right_shift;    /* every shift is in -31..-1 */
} bl_convolve_shape;

/* One output pixel at `output_base`, of the image at `input_base`. */
BL_INLINE void bl_convolve_pixel(void *output, int32_t output_base, const void *input, int32_t input_base,
                                 const int8_t *filter, const void *bias, bl_span rows, bl_span columns,
                                 int32_t input_offset, int32_t filter_offset, const bl_requantizer *r,
                                 const bl_convolve_shape *s, bl_type type)
{
    int32_t group_inputs = s->input_channels / s->groups;
    int32_t group_outputs = s->output_channels / s->groups;
    /* Taps to take at once: where pixels are too narrow for a loop of their own, all neighbours. */
    int32_t narrow = group_inputs % BL_BLOCK != 0 && columns.step == 1 && s->groups == 1;
    int32_t run = narrow ? columns.tap_end - columns.tap : 1;
    for (int32_t group = 0; group < s->groups; group++) {
        for (int32_t n = 0; n < group_outputs; n += BL_BLOCK) {
            int32_t channel = group * group_outputs + n;
            int32_t count = bl_min(group_outputs - n, BL_BLOCK);
            int32_t y = rows.element;
            bl_sums sums;
            bl_start(&sums, bias, channel, count, type);
            for (int32_t ky = rows.tap; ky < rows.tap_end; ky += rows.tap_step, y += rows.step) {
                int32_t row = bl_ring_row(y, s->input_ring_rows, s->input_height) * s->input_width;
                int32_t x = columns.element;
                for (int32_t kx = columns.tap; kx < columns.tap_end; kx += run * columns.tap_step, x += columns.step)
                    bl_dot(&sums, input, input_base + (row + x) * s->input_channels + group * group_inputs,
                           filter + (ky * s->filter_width + kx) * group_inputs * BL_BLOCK, run * group_inputs,
                           s->padded ? input_offset : 0, type);
            }
            bl_store(output, output_base + channel, &sums, channel, count, s->filter_offsets ? filter_offset : 0, r,
                     type);
            filter += s->filter_height * s->filter_width * group_inputs * BL_BLOCK;
        }
    }
}

/* Output rows `row_begin` to `row_end`, excluded. */
BL_INLINE void bl_convolve(void *output, const void *input, const int8_t *filter, const void *bias,
                           const bl_requantizer *r, int32_t row_begin, int32_t row_end, int32_t input_offset,
                           int32_t filter_offset, const bl_convolve_shape *s, bl_type type, int32_t transposed)
{
    for (int32_t batch = 0; batch < s->batches; batch++) {
        int32_t input_base = batch * s->input_ring_rows * s->input_width * s->input_channels;
        for (int32_t y = row_begin; y < row_end; y++) {
            int32_t row = batch * s->output_ring_rows + bl_ring_row(y, s->output_ring_rows, s->output_height);
            bl_span rows = transposed ? bl_transpose_conv_span(y, s->filter_height, s->stride_height, s->pad_top,
                                                               s->input_height)
                                      : bl_conv_span(y, s->filter_height, s->stride_height, s->dilation_height,
                                                     s->pad_top, s->input_height, s->padded);
            for (int32_t x = 0; x < s->output_width; x++) {
                bl_span columns = transposed ? bl_transpose_conv_span(x, s->filter_width, s->stride_width, s->pad_left,
                                                                      s->input_width)
                                             : bl_conv_span(x, s->filter_width, s->stride_width, s->dilation_width,
                                                            s->pad_left, s->input_width, s->padded);
                bl_convolve_pixel(output, (row * s->output_width + x) * s->output_channels, input, input_base, filter,
                                  bias, rows, columns, input_offset, filter_offset, r, s, type);
            }
        }
    }
}

#endif
