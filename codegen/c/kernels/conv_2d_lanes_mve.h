/*
 * CONV_2D of one group on Helium with weights of 2 or 4 bits (dot_lanes_mve.h): as conv_2d_mve.h, by windows of one pixel, read
 * in place, and others, which are gathered. Parameters [channels / 8, rounded up]: eight biases, and if multipliers are per
 * channel, eight multipliers and eight shifts of a byte, all in the order of bl_lanes8.
 */
#ifndef BL_CONV_2D_LANES_MVE_H
#define BL_CONV_2D_LANES_MVE_H

#include "conv_2d_mve.h"
#include "dot_lanes_mve.h"
#include "span.h"

typedef struct {
    BL_CONV_2D_MEMBERS;
    int32_t padded;      /* some window leaves the image */
    int32_t away;        /* some code is below the output's zero point */
    int32_t clamped;     /* the clamp is narrower than int8 */
    int32_t per_channel; /* each channel has a multiplier of its own */
} bl_conv_2d_lanes_mve_shape;

/* All output channels of a pixel from `count` inputs, a literal. */
BL_INLINE void bl_lanes_pixel_mve(int8_t *output, const int8_t *x, int32_t count, const int8_t *filter,
                                  const int32_t *parameters, const bl_weight_grid *g, const bl_lane_requantizer *r,
                                  int32_t channels, int32_t bits)
{
    int32_t sum = bl_sum_bytes_mve(x, count);
    for (int32_t n = channels; n > 0; n -= BL_BLOCK8) {
        int32_t block = channels % BL_BLOCK8 == 0 ? BL_BLOCK8 : bl_min(n, BL_BLOCK8);
        bl_lanes8 sums = bl_weigh_lanes8(bl_dot_lanes8(x, count, &filter, bits), parameters, sum, g, bits);
        bl_store8(output, sums, parameters, block, r);
        parameters += r->per_channel ? BL_PARAMETERS8 : BL_BIASES8;
        output += block;
    }
}

BL_INLINE void bl_conv_2d_lanes_mve(int8_t *output, const int8_t *input, int8_t *scratch, const int8_t *filter,
                                    const int32_t *parameters, int32_t row_begin, int32_t row_end, int32_t input_zero,
                                    const bl_weight_grid *g, const bl_lane_requantizer *r,
                                    const bl_conv_2d_lanes_mve_shape *s, int32_t bits)
{
    const bl_conv_2d_mve_shape w = {
        s->batches,         s->input_height,     s->input_width,     s->input_channels,  s->input_ring_rows,
        s->output_height,   s->output_width,     s->output_channels, s->output_ring_rows, s->filter_height,
        s->filter_width,    s->stride_height,    s->stride_width,    s->dilation_height, s->dilation_width,
        s->pad_top,         s->pad_left,         s->padded,          s->away,            s->clamped};
    int32_t taps = s->filter_height * s->filter_width * s->input_channels;
    int32_t inputs = (taps + BL_LANES - 1) / BL_LANES * BL_LANES;
    for (int32_t batch = 0; batch < s->batches; batch++) {
        for (int32_t y = row_begin; y < row_end; y++) {
            int8_t *out = bl_output_pixel(output, batch, y, 0, &w);
            const int8_t *in = scratch ? scratch : bl_input_pixel(input, batch, y * s->stride_height, 0, &w);
            for (int32_t x = 0; x < s->output_width; x++, out += s->output_channels) {
                if (scratch)
                    bl_gather_vectors(scratch, input, input_zero, inputs, batch, y, x, &w);
                bl_lanes_pixel_mve(out, in, taps, filter, parameters, g, r, s->output_channels, bits);
                if (!scratch)
                    in += s->stride_width * s->input_channels;
            }
        }
    }
}

#define BL_CONV_2D_LANES_MVE(bits)                                                                                     \
    typedef bl_conv_2d_lanes_mve_shape bl_conv_2d_s8_w##bits##_lanes_mve_pixels_shape;                                 \
    typedef bl_conv_2d_lanes_mve_shape bl_conv_2d_s8_w##bits##_lanes_mve_gathered_shape;                               \
                                                                                                                       \
    BL_INLINE void bl_conv_2d_s8_w##bits##_lanes_mve_pixels(                                                           \
        int8_t *output, const int8_t *input, const int8_t *filter, const int32_t *parameters, int32_t row_begin,       \
        int32_t row_end, int32_t first, int32_t step, int32_t multiplier, int32_t shift, int32_t output_offset,        \
        int32_t act_min, int32_t act_max, const bl_conv_2d_lanes_mve_shape *s)                                         \
    {                                                                                                                  \
        const bl_weight_grid g = {first, step};                                                                        \
        const bl_lane_requantizer r = {multiplier, shift,          output_offset, act_min,                             \
                                       act_max,    s->per_channel, s->away,       s->clamped};                         \
        bl_conv_2d_lanes_mve(output, input, 0, filter, parameters, row_begin, row_end, 0, &g, &r, s, bits);            \
    }                                                                                                                  \
                                                                                                                       \
    BL_INLINE void bl_conv_2d_s8_w##bits##_lanes_mve_gathered(                                                         \
        int8_t *output, const int8_t *input, void *scratch, const int8_t *filter, const int32_t *parameters,           \
        int32_t row_begin, int32_t row_end, int32_t input_zero, int32_t first, int32_t step, int32_t multiplier,       \
        int32_t shift, int32_t output_offset, int32_t act_min, int32_t act_max, const bl_conv_2d_lanes_mve_shape *s)   \
    {                                                                                                                  \
        const bl_weight_grid g = {first, step};                                                                        \
        const bl_lane_requantizer r = {multiplier, shift,          output_offset, act_min,                             \
                                       act_max,    s->per_channel, s->away,       s->clamped};                         \
        bl_conv_2d_lanes_mve(output, input, (int8_t *)scratch, filter, parameters, row_begin, row_end, input_zero, &g, \
                             &r, s, bits);                                                                             \
    }

BL_CONV_2D_LANES_MVE(2)
BL_CONV_2D_LANES_MVE(4)

#endif
