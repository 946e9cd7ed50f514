/*
 * CONV_2D of one group on Helium, a pixel and eight output channels at a time (layouts: dot_mve.h). Three ways to the
 * inputs of a window, all of which read zero points where it leaves the image, so that biases always include
 * input_offset * sum(filter):
 *  - pixels: 1x1 windows, which are read in place;
 *  - windows: taps of whole vectors (channels % 16 = 0), read in place as a list of segments. `padding` holds one tap of
 *    zero points;
 *  - gathered: all others are first copied to `scratch`, one vector of 16 after the other.
 * Pixels are written in order, each block of channels after the last read for it.
 */
#ifndef BL_CONV_2D_MVE_H
#define BL_CONV_2D_MVE_H

#include "dot_mve.h"
#include "span.h"

typedef struct {
    BL_CONV_2D_MEMBERS;
    int32_t padded;  /* some window leaves the image */
    int32_t away;    /* some code is below the output's zero point */
    int32_t clamped; /* the clamp is narrower than int8 */
} bl_conv_2d_mve_shape;

typedef bl_conv_2d_mve_shape bl_conv_2d_s8_mve_pixels_shape;
typedef bl_conv_2d_mve_shape bl_conv_2d_s8_mve_windows_shape;
typedef bl_conv_2d_mve_shape bl_conv_2d_s8_mve_gathered_shape;

/* Segments of a window at most: one a tap, and the end of the list. */
#define BL_SEGMENTS 17

typedef struct {
    const int8_t *filter;
    const int32_t *parameters;
    bl_lane_requantizer r;
} bl_conv_2d_mve_layer;

BL_INLINE bl_conv_2d_mve_layer bl_layer_of(const int8_t *filter, const int32_t *parameters, int32_t output_offset,
                                           int32_t act_min, int32_t act_max, const bl_conv_2d_mve_shape *s)
{
    const bl_conv_2d_mve_layer layer = {
        filter, parameters, {0, 0, output_offset, act_min, act_max, 1, s->away, s->clamped}};
    return layer;
}

/* All output channels of a pixel: from a list of segments, or if there is none, from `count` inputs from `x` on. */
BL_INLINE void bl_conv_pixel(int8_t *output, const bl_segment *segments, const int8_t *x, int32_t count,
                             const bl_conv_2d_mve_layer *layer, const bl_conv_2d_mve_shape *s)
{
    const int8_t *filter = layer->filter;
    const int32_t *parameters = layer->parameters;
    for (int32_t n = s->output_channels; n > 0; n -= BL_BLOCK8) {
        int32_t channels = s->output_channels % BL_BLOCK8 == 0 ? BL_BLOCK8 : bl_min(n, BL_BLOCK8);
        bl_lanes8 sums = segments ? bl_dot8_segments(segments, &filter, parameters)
                                  : bl_dot8(x, count, &filter, parameters);
        bl_store8(output, sums, parameters, channels, &layer->r);
        parameters += BL_PARAMETERS8;
        output += channels;
    }
}

/* The output pixel (y, x) of an image of the batch. */
BL_INLINE int8_t *bl_output_pixel(int8_t *output, int32_t batch, int32_t y, int32_t x, const bl_conv_2d_mve_shape *s)
{
    int32_t row = batch * s->output_ring_rows + bl_ring_row(y, s->output_ring_rows, s->output_height);
    return output + (row * s->output_width + x) * s->output_channels;
}

/* The input pixel (y, x), which must lie in the image. */
BL_INLINE const int8_t *bl_input_pixel(const int8_t *input, int32_t batch, int32_t y, int32_t x,
                                       const bl_conv_2d_mve_shape *s)
{
    int32_t row = batch * s->input_ring_rows + bl_ring_row(y, s->input_ring_rows, s->input_height);
    return input + (row * s->input_width + x) * s->input_channels;
}

BL_INLINE void bl_conv_2d_s8_mve_pixels(int8_t *output, const int8_t *input, const int8_t *filter,
                                        const int32_t *parameters, int32_t row_begin, int32_t row_end,
                                        int32_t output_offset, int32_t act_min, int32_t act_max,
                                        const bl_conv_2d_s8_mve_pixels_shape *s)
{
    const bl_conv_2d_mve_layer layer = bl_layer_of(filter, parameters, output_offset, act_min, act_max, s);
    for (int32_t batch = 0; batch < s->batches; batch++) {
        for (int32_t y = row_begin; y < row_end; y++) {
            int8_t *out = bl_output_pixel(output, batch, y, 0, s);
            const int8_t *in = bl_input_pixel(input, batch, y * s->stride_height, 0, s);
            for (int32_t x = 0; x < s->output_width; x++) {
                bl_conv_pixel(out, 0, in, s->input_channels, &layer, s);
                out += s->output_channels;
                in += s->stride_width * s->input_channels;
            }
        }
    }
}

/* Lists the segments of the window of output (y, x): rows where they lie in the image, single taps elsewhere. */
BL_INLINE void bl_list_segments(bl_segment *segments, const int8_t *input, const int8_t *padding, int32_t batch,
                                int32_t y, int32_t x, const bl_conv_2d_mve_shape *s)
{
    int32_t row = y * s->stride_height - s->pad_top;
    int32_t column = x * s->stride_width - s->pad_left;
    int32_t whole = !s->padded || (column >= 0 && column + s->filter_width <= s->input_width);
    BL_UNROLL(3)
    for (int32_t ky = 0; ky < s->filter_height; ky++, row += s->dilation_height) {
        int32_t inside = !s->padded || (uint32_t)row < (uint32_t)s->input_height;
        if (s->dilation_width == 1 && whole && inside) {
            segments->x = bl_input_pixel(input, batch, row, column, s);
            segments->chunks = s->filter_width * s->input_channels / BL_LANES;
            segments++;
            continue;
        }
        int32_t tap = column;
        for (int32_t kx = 0; kx < s->filter_width; kx++, tap += s->dilation_width) {
            int32_t meets = !s->padded || (inside && (uint32_t)tap < (uint32_t)s->input_width);
            segments->x = meets ? bl_input_pixel(input, batch, row, tap, s) : padding;
            segments->chunks = s->input_channels / BL_LANES;
            segments++;
        }
    }
    segments->x = padding;
    segments->chunks = 0;
}

BL_INLINE void bl_conv_2d_s8_mve_windows(int8_t *output, const int8_t *input, const int8_t *filter,
                                         const int32_t *parameters, const int8_t *padding, int32_t row_begin, int32_t row_end,
                                         int32_t output_offset, int32_t act_min, int32_t act_max,
                                         const bl_conv_2d_s8_mve_windows_shape *s)
{
    const bl_conv_2d_mve_layer layer = bl_layer_of(filter, parameters, output_offset, act_min, act_max, s);
    bl_segment segments[BL_SEGMENTS];
    for (int32_t batch = 0; batch < s->batches; batch++) {
        for (int32_t y = row_begin; y < row_end; y++) {
            int8_t *out = bl_output_pixel(output, batch, y, 0, s);
            for (int32_t x = 0; x < s->output_width; x++, out += s->output_channels) {
                bl_list_segments(segments, input, padding, batch, y, x, s);
                bl_conv_pixel(out, segments, 0, 0, &layer, s);
            }
        }
    }
}

/* Copies `count` bytes, none beyond. */
BL_INLINE void bl_copy_lanes(int8_t *to, const int8_t *from, int32_t count)
{
    for (; count > 0; count -= BL_LANES, to += BL_LANES, from += BL_LANES) {
        mve_pred16_t lanes = vctp8q((uint32_t)count);
        vstrbq_p_s8(to, vldrbq_z_s8(from, lanes), lanes);
    }
}

/* Copies the window of output (y, x); `inputs` is its size in whole vectors. */
BL_INLINE void bl_gather_vectors(int8_t *scratch, const int8_t *input, int32_t zero, int32_t inputs, int32_t batch, int32_t y,
                         int32_t x, const bl_conv_2d_mve_shape *s)
{
    bl_span rows = bl_conv_span(y, s->filter_height, s->stride_height, s->dilation_height, s->pad_top, s->input_height,
                                s->padded);
    bl_span columns = bl_conv_span(x, s->filter_width, s->stride_width, s->dilation_width, s->pad_left,
                                   s->input_width, s->padded);
    if (s->padded && (rows.tap > 0 || rows.tap_end < s->filter_height || columns.tap > 0 ||
                      columns.tap_end < s->filter_width)) {
        for (int32_t i = 0; i < inputs; i += BL_LANES)
            vstrbq_s8(scratch + i, vdupq_n_s8((int8_t)zero));
    }
    int32_t taps = s->dilation_width == 1 ? columns.tap_end - columns.tap : 1;
    int32_t row = rows.element;
    for (int32_t ky = rows.tap; ky < rows.tap_end; ky++, row += s->dilation_height) {
        int32_t column = columns.element;
        for (int32_t kx = columns.tap; kx < columns.tap_end; kx += taps, column += s->dilation_width)
            bl_copy_lanes(scratch + (ky * s->filter_width + kx) * s->input_channels,
                          bl_input_pixel(input, batch, row, column, s), taps * s->input_channels);
    }
}

BL_INLINE void bl_conv_2d_s8_mve_gathered(int8_t *output, const int8_t *input, int8_t *scratch, const int8_t *filter,
                                          const int32_t *parameters, int32_t row_begin, int32_t row_end,
                                          int32_t input_zero, int32_t output_offset, int32_t act_min, int32_t act_max,
                                          const bl_conv_2d_s8_mve_gathered_shape *s)
{
    const bl_conv_2d_mve_layer layer = bl_layer_of(filter, parameters, output_offset, act_min, act_max, s);
    int32_t taps = s->filter_height * s->filter_width * s->input_channels;
    int32_t inputs = (taps + BL_LANES - 1) / BL_LANES * BL_LANES;
    for (int32_t batch = 0; batch < s->batches; batch++) {
        for (int32_t y = row_begin; y < row_end; y++) {
            int8_t *out = bl_output_pixel(output, batch, y, 0, s);
            for (int32_t x = 0; x < s->output_width; x++, out += s->output_channels) {
                bl_gather_vectors(scratch, input, input_zero, inputs, batch, y, x, s);
                bl_conv_pixel(out, 0, scratch, inputs, &layer, s);
            }
        }
    }
}

#endif
