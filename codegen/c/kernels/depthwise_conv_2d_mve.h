/*
 * DEPTHWISE_CONV_2D with one output channel for each input channel on Helium, 16 channels at a time. Products of bytes
 * are summed in 16 bits over `group` taps, for which the plan has proved that no sum overflows, then in 32 bits.
 *  - filter [channels / 16, rounded up][taps][16], with zeros at the end
 *  - parameters [channels / 16, rounded up]: 16 biases, which include input_offset * sum(filter), 16 multipliers, and 16
 *    shifts of a byte, in the order in which vectors widen: channels 0, 4, 8, 12; 2, 6, 10, 14; 1, 5, 9, 13; 3, 7, 11, 15
 *  - padding: zero points for all channels, read where a window leaves the image
 *  - blocks of channels are written in order, each after its last read
 */
#ifndef BL_DEPTHWISE_CONV_2D_MVE_H
#define BL_DEPTHWISE_CONV_2D_MVE_H

#include "depthwise_taps.h"
#include "mve.h"

#define BL_LANES16 16
/* Words of parameters of 16 channels. */
#define BL_PARAMETERS16 36
typedef bl_depthwise_taps_shape bl_depthwise_conv_2d_s8_mve_shape;

/* Sums of 16 channels: 16 bits wide, those of even and odd channels; 32 bits wide, in the order of `bias`. */
typedef struct {
    int16x8_t even;
    int16x8_t odd;
} bl_lanes16;

typedef struct {
    int32x4_t lanes[4];
} bl_wide_lanes16;

/*
 * The products of one tap with 16 channels, added to `sums` unless they are the `first`. `tap` and `filter` move on.
 * In assembly, because GCC would load all taps before the first product and has only eight vectors to hold them.
 */
BL_INLINE void bl_depthwise_tap(bl_lanes16 *sums, const int8_t *const **tap, int32_t channel, const int8_t **filter,
                                int32_t first, int32_t whole, mve_pred16_t lanes)
{
    const int8_t *x;
    int8x16_t inputs, weights;
    int16x8_t products;
    __asm__ volatile("ldr %[x], [%[tap]], #4\n\t"
                     "add %[x], %[x], %[channel]"
                     : [x] "=&r"(x), [tap] "+r"(*tap)
                     : [channel] "r"(channel)
                     : "memory");
    if (whole)
        __asm__ volatile("vldrb.8 %q[inputs], [%[x]]" : [inputs] "=w"(inputs) : [x] "r"(x) : "memory");
    else
        inputs = vldrbq_z_s8(x, lanes);
    if (first)
        __asm__ volatile("vldrb.8 %q[weights], [%[filter]], #16\n\t"
                         "vmullb.s8 %q[even], %q[inputs], %q[weights]\n\t"
                         "vmullt.s8 %q[odd], %q[inputs], %q[weights]"
                         : [even] "=&w"(sums->even), [odd] "=&w"(sums->odd), [weights] "=&w"(weights),
                           [filter] "+r"(*filter)
                         : [inputs] "w"(inputs)
                         : "memory");
    else
        __asm__ volatile("vldrb.8 %q[weights], [%[filter]], #16\n\t"
                         "vmullb.s8 %q[products], %q[inputs], %q[weights]\n\t"
                         "vmullt.s8 %q[inputs], %q[inputs], %q[weights]\n\t"
                         "vadd.i16 %q[even], %q[even], %q[products]\n\t"
                         "vadd.i16 %q[odd], %q[odd], %q[inputs]"
                         : [even] "+&w"(sums->even), [odd] "+&w"(sums->odd), [weights] "=&w"(weights),
                           [products] "=&w"(products), [inputs] "+&w"(inputs), [filter] "+r"(*filter)
                         :
                         : "memory");
}

/* Adds one vector of 16-bit sums to two of 32-bit ones, of its even and odd lanes; the `first` one becomes them. */
BL_INLINE void bl_widen_channels(int32x4_t *even, int32x4_t *odd, int16x8_t sums, int32_t first)
{
    int32x4_t wide;
    if (first)
        __asm__ volatile("vmovlb.s16 %q[even], %q[sums]\n\t"
                         "vmovlt.s16 %q[odd], %q[sums]"
                         : [even] "=&w"(*even), [odd] "=w"(*odd)
                         : [sums] "w"(sums)
                         : "memory");
    else
        __asm__ volatile("vmovlb.s16 %q[wide], %q[sums]\n\t"
                         "vmovlt.s16 %q[sums], %q[sums]\n\t"
                         "vadd.i32 %q[even], %q[even], %q[wide]\n\t"
                         "vadd.i32 %q[odd], %q[odd], %q[sums]"
                         : [even] "+&w"(*even), [odd] "+&w"(*odd), [wide] "=&w"(wide), [sums] "+&w"(sums)
                         :
                         : "memory");
}

/* The sums of 16 channels without their biases; `lanes` says which exist, where they do not come in whole vectors. */
BL_INLINE bl_wide_lanes16 bl_depthwise_vector_sums(const int8_t *const *taps, int32_t channel, mve_pred16_t lanes,
                                            const int8_t **filter, const bl_depthwise_conv_2d_s8_mve_shape *s)
{
    int32_t count = s->filter_height * s->filter_width;
    int32_t whole = s->channels % BL_LANES16 == 0;
    bl_wide_lanes16 wide = {{vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)}};
    BL_UNROLL(9)
    for (int32_t first = 0; first < count; first += s->group) {
        bl_lanes16 sums = {vdupq_n_s16(0), vdupq_n_s16(0)};
        BL_UNROLL(9)
        for (int32_t t = first; t < bl_min(first + s->group, count); t++)
            bl_depthwise_tap(&sums, &taps, channel, filter, t == first, whole, lanes);
        bl_widen_channels(&wide.lanes[0], &wide.lanes[1], sums.even, first == 0);
        bl_widen_channels(&wide.lanes[2], &wide.lanes[3], sums.odd, first == 0);
    }
    return wide;
}

/* Writes the codes of 16 channels, or of those in `lanes`. */
BL_INLINE void bl_depthwise_store(int8_t *output, bl_wide_lanes16 sums, const int32_t *parameters, mve_pred16_t lanes,
                                  const bl_lane_requantizer *r, const bl_depthwise_conv_2d_s8_mve_shape *s)
{
    const int32_t *m = parameters + BL_LANES16;
    const int8_t *e = (const int8_t *)(m + BL_LANES16);
    BL_UNROLL(4)
    for (int32_t i = 0; i < 4; i++) {
        int32x4_t biased = vaddq_s32(sums.lanes[i], vldrwq_s32(parameters + 4 * i));
        sums.lanes[i] = bl_mbqm_lanes(biased, vldrwq_s32(m + 4 * i), vldrbq_s32(e + 4 * i), r->away);
        /* GCC would load the vectors of all four first, and spill. */
        __asm__ volatile("" : "+w"(sums.lanes[i]) : : "memory");
    }
    int16x8_t even = vqaddq_n_s16(bl_narrow32(sums.lanes[0], sums.lanes[1]), (int16_t)r->offset);
    int16x8_t odd = vqaddq_n_s16(bl_narrow32(sums.lanes[2], sums.lanes[3]), (int16_t)r->offset);
    int8x16_t codes = bl_narrow16(even, odd);
    if (r->clamped)
        codes = vminq_s8(vmaxq_s8(codes, vdupq_n_s8((int8_t)r->min)), vdupq_n_s8((int8_t)r->max));
    if (s->channels % BL_LANES16 == 0)
        vstrbq_s8(output, codes);
    else
        vstrbq_p_s8(output, codes, lanes);
}

BL_INLINE void bl_depthwise_conv_2d_s8_mve(int8_t *output, const int8_t *input, const int8_t *filter,
                                           const int32_t *parameters, const int8_t *padding, int32_t row_begin,
                                           int32_t row_end, int32_t output_offset, int32_t act_min, int32_t act_max,
                                           const bl_depthwise_conv_2d_s8_mve_shape *s)
{
    const bl_lane_requantizer r = {0, 0, output_offset, act_min, act_max, 1, s->away, s->clamped};
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
                for (int32_t c = 0; c < s->channels; c += BL_LANES16, block += BL_PARAMETERS16) {
                    mve_pred16_t lanes = vctp8q((uint32_t)(s->channels - c));
                    bl_wide_lanes16 sums = bl_depthwise_vector_sums(taps, c, lanes, &weights, s);
                    bl_depthwise_store(out + c, sums, block, lanes, &r, s);
                }
            }
        }
    }
}

#endif
