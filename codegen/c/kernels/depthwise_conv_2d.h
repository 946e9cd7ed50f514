/*
 * DEPTHWISE_CONV_2D, channel by channel: all taps of a window in a row, without loops where the whole window lies in
 * the image. Constraints:
 *  - filter [height][width][channels]
 *  - where no window leaves the image (padded = 0), bias includes input_offset * sum(filter + filter_offset)
 *  - channels are written in order, each after its last read: the plan lets `output` overlap `input` by that rule
 */
#ifndef BL_DEPTHWISE_CONV_2D_H
#define BL_DEPTHWISE_CONV_2D_H

#include "output.h"
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
    int32_t depth_multiplier;
    int32_t filter_height;
    int32_t filter_width;
    int32_t stride_height;
    int32_t stride_width;
    int32_t dilation_height;
    int32_t dilation_width;
    int32_t pad_top;
    int32_t pad_left;
    int32_t padded;         /* some window leaves the image */
    int32_t filter_offsets; /* the filter's zero point is not 0 */
    int32_t right_shift;    /* every shift is in -31..-1 */
} bl_depthwise_conv_2d_shape;

typedef bl_depthwise_conv_2d_shape bl_depthwise_conv_2d_s8_shape;
typedef bl_depthwise_conv_2d_shape bl_depthwise_conv_2d_s16_acc32_shape;
typedef bl_depthwise_conv_2d_shape bl_depthwise_conv_2d_s16_shape;

/* The part of a window that lies in the image. */
typedef struct {
    const void *input;
    int32_t base; /* index of the image in `input` */
    int32_t first; /* row of the ring that `rows` begins with */
    bl_span rows;
    bl_span columns;
} bl_depthwise_window;

/* The product of output channel `c` at tap (rows.tap + ky, columns.tap + kx). int16 has no zero points. */
BL_INLINE int32_t bl_depthwise_product(const bl_depthwise_window *w, const int8_t *filter, int32_t ky, int32_t kx,
                                       int32_t c, int32_t input_offset, int32_t filter_offset,
                                       const bl_depthwise_conv_2d_shape *s, bl_type type)
{
    int32_t y = bl_ring_wrapped(w->first + ky * s->dilation_height, s->input_ring_rows, s->input_height);
    int32_t x = w->columns.element + kx * s->dilation_width;
    int32_t tap = (w->rows.tap + ky) * s->filter_width + w->columns.tap + kx;
    int32_t index = w->base + (y * s->input_width + x) * s->input_channels + c / s->depth_multiplier;
    int32_t value = bl_read(w->input, index, type) + (s->padded && type == BL_S8 ? input_offset : 0);
    int32_t weight = filter[tap * s->input_channels * s->depth_multiplier + c];
    return value * (weight + (s->filter_offsets ? filter_offset : 0));
}

/* Writes output channel `c`. 32-bit sums are kept modulo 2^32: the plan has proved that complete ones fit. */
BL_INLINE void bl_depthwise_channel(void *output, int32_t index, const bl_depthwise_window *w, const int8_t *filter,
                                    const void *bias, int32_t c, int32_t input_offset, int32_t filter_offset,
                                    const bl_requantizer *r, const bl_depthwise_conv_2d_shape *s, bl_type type)
{
    uint32_t acc = type == BL_S16 ? 0u : (uint32_t)((const int32_t *)bias)[c];
    int64_t acc64 = type == BL_S16 ? ((const int64_t *)bias)[c] : 0;
    int32_t height = w->rows.tap_end - w->rows.tap;
    int32_t width = w->columns.tap_end - w->columns.tap;
    if (height == s->filter_height && width == s->filter_width) {
        BL_UNROLL(5)
        for (int32_t ky = 0; ky < s->filter_height; ky++) {
            BL_UNROLL(5)
            for (int32_t kx = 0; kx < s->filter_width; kx++) {
                int32_t product = bl_depthwise_product(w, filter, ky, kx, c, input_offset, filter_offset, s, type);
                acc += (uint32_t)product;
                acc64 += product;
            }
        }
    } else {
        for (int32_t ky = 0; ky < height; ky++) {
            BL_UNROLL(1)
            for (int32_t kx = 0; kx < width; kx++) {
                int32_t product = bl_depthwise_product(w, filter, ky, kx, c, input_offset, filter_offset, s, type);
                acc += (uint32_t)product;
                acc64 += product;
            }
        }
    }
    bl_write(output, index, type == BL_S16 ? bl_requantize64(acc64, c, r) : bl_requantize32((int32_t)acc, c, r), type);
}

BL_INLINE void bl_depthwise_conv_2d(void *output, const void *input, const int8_t *filter, const void *bias,
                                    const bl_requantizer *r, int32_t row_begin, int32_t row_end, int32_t input_offset,
                                    int32_t filter_offset, const bl_depthwise_conv_2d_shape *s, bl_type type)
{
    int32_t channels = s->input_channels * s->depth_multiplier;
    for (int32_t batch = 0; batch < s->batches; batch++) {
        bl_depthwise_window w;
        w.input = input;
        w.base = batch * s->input_ring_rows * s->input_width * s->input_channels;
        for (int32_t y = row_begin; y < row_end; y++) {
            int32_t row = batch * s->output_ring_rows + bl_ring_row(y, s->output_ring_rows, s->output_height);
            w.rows = bl_conv_span(y, s->filter_height, s->stride_height, s->dilation_height, s->pad_top,
                                  s->input_height, s->padded);
            w.first = bl_ring_row(w.rows.element, s->input_ring_rows, s->input_height);
            for (int32_t x = 0; x < s->output_width; x++) {
                w.columns = bl_conv_span(x, s->filter_width, s->stride_width, s->dilation_width, s->pad_left,
                                         s->input_width, s->padded);
                for (int32_t c = 0; c < channels; c++)
                    bl_depthwise_channel(output, (row * s->output_width + x) * channels + c, &w, filter, bias, c,
                                         input_offset, filter_offset, r, s, type);
            }
        }
    }
}

BL_INLINE void bl_depthwise_conv_2d_s8(int8_t *output, const int8_t *input, const int8_t *filter, const int32_t *bias,
                                       const int32_t *multiplier, const int8_t *shift, int32_t row_begin,
                                       int32_t row_end, int32_t input_offset, int32_t filter_offset,
                                       int32_t output_offset, int32_t act_min, int32_t act_max,
                                       const bl_depthwise_conv_2d_s8_shape *s)
{
    bl_requantizer r = {multiplier, shift, output_offset, act_min, act_max, 1, s->right_shift};
    bl_depthwise_conv_2d(output, input, filter, bias, &r, row_begin, row_end, input_offset, filter_offset, s, BL_S8);
}

BL_INLINE void bl_depthwise_conv_2d_s16_acc32(int16_t *output, const int16_t *input, const int8_t *filter,
                                              const int32_t *bias, const int32_t *multiplier, const int8_t *shift,
                                              int32_t row_begin, int32_t row_end, int32_t act_min, int32_t act_max,
                                              const bl_depthwise_conv_2d_s16_acc32_shape *s)
{
    bl_requantizer r = {multiplier, shift, 0, act_min, act_max, 1, s->right_shift};
    bl_depthwise_conv_2d(output, input, filter, bias, &r, row_begin, row_end, 0, 0, s, BL_S16_ACC32);
}

BL_INLINE void bl_depthwise_conv_2d_s16(int16_t *output, const int16_t *input, const int8_t *filter,
                                        const int64_t *bias, const int32_t *multiplier, const int8_t *shift,
                                        int32_t row_begin, int32_t row_end, int32_t act_min, int32_t act_max,
                                        const bl_depthwise_conv_2d_s16_shape *s)
{
    bl_requantizer r = {multiplier, shift, 0, act_min, act_max, 1, s->right_shift};
    bl_depthwise_conv_2d(output, input, filter, bias, &r, row_begin, row_end, 0, 0, s, BL_S16);
}

#endif
