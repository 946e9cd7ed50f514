/*
 * CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED of activations and weights of any width, element by element: small, not fast.
 *  - filter: rows of output channels, taps in the order height, width, input channels of a group. Below 8 bits a row begins at a
 *    whole word, and a code stands for first + step * code
 *  - a pixel is written while it is read: `output` overlaps `input` by that rule
 */
#ifndef BL_CONV_2D_UNPACKED_H
#define BL_CONV_2D_UNPACKED_H

#include "ending.h"
#include "span.h"

typedef struct {
    BL_CONV_2D_MEMBERS;
    int32_t groups;
    int32_t padded;      /* some window leaves the image */
    int32_t input_bits;  /* 16, 8, 4, 2 or 1 */
    int32_t zero_point;  /* of the input */
    int32_t filter_bits; /* 16, 8, 4, 2 or 1 */
    int32_t offset_first;
    int32_t offset_step;
    BL_ENDING_MEMBERS;
} bl_conv_2d_unpacked_shape;

/* The sum of output channel `c` over a window of `image`. */
BL_INLINE int32_t bl_unpacked_sum(const uint8_t *image, const uint8_t *filter, int32_t c, bl_span rows, bl_span columns,
                                  const bl_conv_2d_unpacked_shape *s)
{
    int32_t depth = s->input_channels / s->groups;
    int32_t first = c / (s->output_channels / s->groups) * depth;
    const uint8_t *weights = filter + c * bl_row_bytes(s->filter_height * s->filter_width * depth, s->filter_bits);
    int32_t pixel_bytes = bl_row_bytes(s->input_channels, s->input_bits);
    uint32_t sum = 0;
    int32_t y = rows.element;
    for (int32_t ky = rows.tap; ky < rows.tap_end; ky++, y += rows.step) {
        int32_t row = bl_ring_row(y, s->input_ring_rows, s->input_height) * s->input_width;
        int32_t x = columns.element;
        for (int32_t kx = columns.tap; kx < columns.tap_end; kx++, x += columns.step) {
            const uint8_t *pixel = image + (row + x) * pixel_bytes;
            int32_t tap = (ky * s->filter_width + kx) * depth;
            BL_UNROLL(1)
            for (int32_t i = 0; i < depth; i++) {
                int32_t value = bl_code_of(bl_load_code(pixel, first + i, s->input_bits), s->input_bits) - s->zero_point;
                int32_t weight = s->offset_first + s->offset_step * bl_load_code(weights, tap + i, s->filter_bits);
                sum += (uint32_t)(value * weight);
            }
        }
    }
    return (int32_t)sum;
}

BL_INLINE void bl_conv_2d_unpacked(void *output, const void *input, const void *filter, const int32_t *ending,
                                   int32_t row_begin, int32_t row_end, const bl_conv_2d_unpacked_shape *s)
{
    bl_ending e = BL_ENDING_OF(ending, s);
    int32_t pixel_bytes = bl_row_bytes(s->output_channels, s->output_bits);
    int32_t row_bytes = s->input_width * bl_row_bytes(s->input_channels, s->input_bits);
    for (int32_t batch = 0; batch < s->batches; batch++) {
        const uint8_t *image = (const uint8_t *)input + batch * s->input_ring_rows * row_bytes;
        for (int32_t y = row_begin; y < row_end; y++) {
            int32_t row = batch * s->output_ring_rows + bl_ring_row(y, s->output_ring_rows, s->output_height);
            uint8_t *pixel = (uint8_t *)output + row * s->output_width * pixel_bytes;
            bl_span rows = bl_conv_span(y, s->filter_height, s->stride_height, s->dilation_height, s->pad_top,
                                        s->input_height, s->padded);
            for (int32_t x = 0; x < s->output_width; x++, pixel += pixel_bytes) {
                bl_span columns = bl_conv_span(x, s->filter_width, s->stride_width, s->dilation_width, s->pad_left,
                                               s->input_width, s->padded);
                for (int32_t c = 0; c < s->output_channels; c++) {
                    int32_t sum = bl_unpacked_sum(image, filter, c, rows, columns, s);
                    bl_end_sums(pixel, c, &sum, 1, &e);
                }
            }
        }
    }
}

#endif
