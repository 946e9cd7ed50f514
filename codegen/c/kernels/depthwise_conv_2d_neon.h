/*
 * DEPTHWISE_CONV_2D with one output channel for each input channel on NEON, 16 channels at a time, or 8 where there are no 16. Products
 * of bytes are summed in 16 bits over `group` taps, for which the plan has proved that no sum overflows, then in 32 bits.
 *  - the last block begins so many channels before the end that it is whole: it computes some channels again
 *  - filter [blocks][taps][16 or 8]
 *  - parameters [blocks][1 or 2][8 biases, which include input_offset * sum(filter), 8 multipliers, 8 shifts]
 *  - padding: zero points for all channels, read where a window leaves the image
 */
#ifndef BL_DEPTHWISE_CONV_2D_NEON_H
#define BL_DEPTHWISE_CONV_2D_NEON_H

#include "depthwise_taps.h"
#include "neon.h"

typedef bl_depthwise_taps_shape bl_depthwise_conv_2d_s8_neon_shape;

#define BL_DEPTHWISE_LANES_NEON 16

/* Sums of eight channels. */
typedef struct {
    int32x4_t low;
    int32x4_t high;
} bl_sums8_neon;

BL_INLINE void bl_add8_neon(bl_sums8_neon *sums, int16x8_t products)
{
    sums->low = vaddw_s16(sums->low, vget_low_s16(products));
    sums->high = vaddw_s16(sums->high, vget_high_s16(products));
}

BL_INLINE bl_sums8_neon bl_biases8_neon(const int32_t *parameters)
{
    const bl_sums8_neon sums = {vld1q_s32(parameters), vld1q_s32(parameters + 4)};
    return sums;
}

BL_INLINE int8x8_t bl_ending8_neon(bl_sums8_neon sums, const int32_t *parameters, const bl_neon_ending *e)
{
    const bl_scales_neon scales = bl_load_scales_neon(parameters);
    return bl_codes8_neon(bl_scaled8_neon(sums.low, sums.high, &scales, e->away), e);
}

BL_INLINE void bl_depthwise16_neon(int8_t *output, const int8_t *const *taps, int32_t channel, const int8_t *filter,
                                   const int32_t *parameters, const bl_neon_ending *e,
                                   const bl_depthwise_conv_2d_s8_neon_shape *s)
{
    const int32_t *others = parameters + BL_PARAMETERS_NEON;
    int32_t count = s->filter_height * s->filter_width;
    bl_sums8_neon a = bl_biases8_neon(parameters), b = bl_biases8_neon(others);
    BL_UNROLL_ALL
    for (int32_t first = 0; first < count; first += s->group) {
        int16x8_t low = vdupq_n_s16(0), high = vdupq_n_s16(0);
        BL_UNROLL_ALL
        for (int32_t t = first; t < bl_min(first + s->group, count); t++) {
            int8x16_t x = vld1q_s8(taps[t] + channel);
            int8x16_t w = vld1q_s8(filter + t * BL_DEPTHWISE_LANES_NEON);
            low = t == first ? vmull_s8(vget_low_s8(x), vget_low_s8(w)) : vmlal_s8(low, vget_low_s8(x), vget_low_s8(w));
            high = t == first ? vmull_s8(vget_high_s8(x), vget_high_s8(w))
                              : vmlal_s8(high, vget_high_s8(x), vget_high_s8(w));
        }
        bl_add8_neon(&a, low);
        bl_add8_neon(&b, high);
    }
    vst1q_s8(output + channel, vcombine_s8(bl_ending8_neon(a, parameters, e), bl_ending8_neon(b, others, e)));
}

BL_INLINE void bl_depthwise8_neon(int8_t *output, const int8_t *const *taps, int32_t channel, const int8_t *filter,
                                  const int32_t *parameters, const bl_neon_ending *e,
                                  const bl_depthwise_conv_2d_s8_neon_shape *s)
{
    int32_t count = s->filter_height * s->filter_width;
    bl_sums8_neon sums = bl_biases8_neon(parameters);
    BL_UNROLL_ALL
    for (int32_t first = 0; first < count; first += s->group) {
        int16x8_t products = vdupq_n_s16(0);
        BL_UNROLL_ALL
        for (int32_t t = first; t < bl_min(first + s->group, count); t++) {
            int8x8_t x = vld1_s8(taps[t] + channel);
            int8x8_t w = vld1_s8(filter + t * BL_BLOCK_NEON);
            products = t == first ? vmull_s8(x, w) : vmlal_s8(products, x, w);
        }
        bl_add8_neon(&sums, products);
    }
    vst1_s8(output + channel, bl_ending8_neon(sums, parameters, e));
}

BL_INLINE void bl_depthwise_conv_2d_s8_neon(int8_t *output, const int8_t *input, const int8_t *filter,
                                            const int32_t *parameters, const int8_t *padding, int32_t row_begin,
                                            int32_t row_end, int32_t output_offset, int32_t act_min, int32_t act_max,
                                            const bl_depthwise_conv_2d_s8_neon_shape *s)
{
    const bl_neon_ending ending = {output_offset, act_min, act_max, s->away, s->clamped};
    int32_t lanes = s->channels < BL_DEPTHWISE_LANES_NEON ? BL_BLOCK_NEON : BL_DEPTHWISE_LANES_NEON;
    const int8_t *taps[BL_LISTED_TAPS];
    for (int32_t batch = 0; batch < s->batches; batch++) {
        const int8_t *image = input + batch * s->input_ring_rows * s->input_width * s->channels;
        for (int32_t y = row_begin; y < row_end; y++) {
            int32_t row = batch * s->output_ring_rows + bl_ring_row(y, s->output_ring_rows, s->output_height);
            int8_t *out = output + row * s->output_width * s->channels;
            for (int32_t x = 0; x < s->output_width; x++, out += s->channels) {
                const int8_t *weights = filter;
                const int32_t *block = parameters;
                bl_depthwise_taps(taps, image, padding, y, x, s);
                for (int32_t c = 0; c < s->channels; c += lanes) {
                    int32_t channel = bl_min(c, s->channels - lanes);
                    if (lanes == BL_BLOCK_NEON)
                        bl_depthwise8_neon(out, taps, channel, weights, block, &ending, s);
                    else
                        bl_depthwise16_neon(out, taps, channel, weights, block, &ending, s);
                    weights += s->filter_height * s->filter_width * lanes;
                    block += lanes / BL_BLOCK_NEON * BL_PARAMETERS_NEON;
                }
            }
        }
    }
}

#endif
