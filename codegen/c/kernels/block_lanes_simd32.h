/*
 * As block_simd32.h, for weights of 1, 2 or 4 bits: from the widened inputs of a few pixels to the codes of all their output
 * channels. A weight is first + step * code, with the codes of dot_lanes_simd32.h and dot_nibbles_simd32.h; `pairs` of inputs that
 * the filter's last words have and the window has not must be 0.
 */
#ifndef BL_BLOCK_LANES_SIMD32_H
#define BL_BLOCK_LANES_SIMD32_H

#include "dot_lanes_simd32.h"
#include "output_simd32.h"

typedef struct {
    const int32_t *filter; /* [channels / 4, rounded up][words], at 4 bits [words][2] */
    const int32_t *biases; /* by channel, filled up to blocks of four; they include input_offset * sum(filter) */
    const int32_t *scales; /* two multipliers (bl_codes_of_channel), and their shifts in the low bytes of one word */
    int32_t scale_step;    /* words from the scales of two channels to those of the next: 0 where all have the same, else 3 */
    int32_t words;         /* of a block */
    int32_t segment;       /* words after which sums are parted */
    int32_t part;          /* segments after which those of 1 and 2 bits start anew */
    int32_t first;         /* of 1 and 2 bits what a code of 0 stands for in the sums of both channels */
    int32_t step;
    int32_t outputs;
    int32_t offset;
    int32_t min;
    int32_t max;
} bl_lanes_layer;

/*
 * What is behind a block's pairs: by segment where it ends, and by pixel what its sums start with (BL_LANES_SEGMENT); then
 * by pixel what all sums lack, the sums of inputs times `first`.
 */
BL_INLINE void bl_sum_inputs(int32_t *sums, const uint32_t *pairs, const bl_lanes_layer *layer, int32_t segment,
                             int32_t pixels, int32_t shift, int32_t bits)
{
    int32_t total[3] = {0, 0, 0};
    for (int32_t left = layer->words; left > 0; left -= segment) {
        uint32_t sum[3] = {0, 0, 0};
        int32_t words = bl_min(left, segment);
        bl_end_lanes(sums, pairs, words, pixels, bits);
        for (int32_t i = words * BL_LANES_PAIRS(bits); i > 0; i--) {
            BL_UNROLL(3)
            for (int32_t p = 0; p < pixels; p++)
                sum[p] = bl_smlad(*pairs++, 0x00010001u, sum[p]);
        }
        BL_UNROLL(3)
        for (int32_t p = 0; p < pixels; p++) {
            sums[2 + p] = (int32_t)((bits == 4 ? sum[p] : -sum[p]) << shift);
            total[p] += (int32_t)sum[p];
        }
        sums += BL_LANES_SEGMENT(pixels);
    }
    BL_UNROLL(3)
    for (int32_t p = 0; p < pixels; p++)
        *sums++ = total[p] * layer->first;
}

/* Sums of a block's codes with the inputs: of two channels [pixel][2], then of the other two. */
BL_INLINE void bl_sum_lanes(int32_t *sums, const int32_t *filter, const uint32_t *pairs, const int32_t *segments,
                            const bl_lanes_layer *layer, int32_t pixels, int32_t bits)
{
    uint32_t acc[6];
    for (int32_t left = layer->words, all = layer->part * layer->segment; left > 0; left -= all) {
        int32_t words = bl_min(left, all);
        const uint32_t *last = pairs + words * BL_LANES_PAIRS(bits) * pixels;
        int32_t lows[6] = {0, 0, 0, 0, 0, 0};
        BL_UNROLL(6)
        for (int32_t i = 0; i < 6; i++)
            acc[i] = 0;
        bl_dot_lanes(acc, lows, filter, pairs, last, segments, pixels, bits);
        int32_t again = left < layer->words;
        BL_UNROLL(6)
        for (int32_t i = 0; i < 2 * pixels; i++) {
            int32_t high = (int32_t)(acc[i] - (uint32_t)lows[i]) >> BL_LANES_SHIFT(bits);
            sums[2 * i] = again ? sums[2 * i] + lows[i] : lows[i];
            sums[2 * i + 1] = again ? sums[2 * i + 1] + high : high;
        }
        filter += words;
        pairs = last;
        segments += layer->part * BL_LANES_SEGMENT(pixels);
    }
}

/* What becomes of sums, a literal: codes of int8, clamped or not, or accumulators without biases. */
typedef enum { BL_LANES_CODES, BL_LANES_CLAMPED, BL_LANES_SUMS } bl_lanes_form;

/*
 * Ends the sums acc[channel][pixel] of a block of `channels`, 2 or 4, of which there are `left`, as [pixel][outputs] codes or
 * accumulators. Returns where the scales of the next channels are.
 */
BL_INLINE const int32_t *bl_end_block_of_lanes(int8_t *output, uint32_t *acc, int32_t channels, int32_t left,
                                               const int32_t *scale, const bl_lanes_layer *layer, int32_t pixels,
                                               int32_t form, const bl_output_simd32 *o)
{
    if (form == BL_LANES_SUMS) {
        int32_t *sums = (int32_t *)(void *)output;
        for (int32_t p = 0; p < pixels; p++, sums += layer->outputs)
            for (int32_t c = 0; c < bl_min(channels, left); c++)
                sums[c] = (int32_t)acc[c * pixels + p];
        return scale;
    }
    BL_UNROLL(2)
    for (int32_t c = 0; c < channels; c += 2, scale += layer->scale_step) {
        uint32_t shifts = (uint32_t)scale[2];
        bl_codes_of_channel(acc + c * pixels, pixels, scale[0], (int32_t)(shifts & 0xffu), o);
        bl_codes_of_channel(acc + (c + 1) * pixels, pixels, scale[1], (int32_t)(shifts >> 8), o);
    }
    bl_store_block(output, layer->outputs, acc, pixels, channels, left);
    return scale;
}

/* Bytes of a code or an accumulator. */
#define BL_LANES_BYTES(form) ((form) == BL_LANES_SUMS ? 4 : 1)

/* What joins the sum of channel `c`, of its block or its first channel's. */
BL_INLINE uint32_t bl_bias_of_lanes(const int32_t *bias, int32_t c, int32_t form)
{
    return form == BL_LANES_SUMS ? 0 : (uint32_t)bias[c];
}

/* Of 1 or 2 bits. `pixels`, 3 or 1, `bits` and `form` are literals. `pairs` has room behind it for sums. */
BL_INLINE void bl_block_of_lanes(int8_t *output, uint32_t *pairs, const bl_lanes_layer *layer, int32_t pixels,
                                 int32_t bits, int32_t form)
{
    bl_output_simd32 o = {layer->offset, layer->min, layer->max, form == BL_LANES_CLAMPED, 1};
    int32_t *segments = (int32_t *)pairs + layer->words * BL_LANES_PAIRS(bits) * pixels;
    bl_sum_inputs(segments, pairs, layer, layer->segment, pixels, bits - 1, bits);
    const uint32_t *missing = (const uint32_t *)segments + (layer->words + layer->segment - 1) / layer->segment *
                                                               BL_LANES_SEGMENT(pixels);
    const int32_t *filter = layer->filter;
    const int32_t *bias = layer->biases;
    const int32_t *scale = layer->scales;
    for (int32_t left = layer->outputs; left > 0;) {
        int32_t sums[12];
        bl_sum_lanes(sums, filter, pairs, segments, layer, pixels, bits);
        const int32_t *sum = sums;
        for (int32_t half = 0; half < 2 && left > 0; half++, left -= 2, sum += 2 * pixels) {
            uint32_t acc[6];
            BL_UNROLL(2)
            for (int32_t c = 0; c < 2; c++) {
                BL_UNROLL(3)
                for (int32_t p = 0; p < pixels; p++)
                    acc[c * pixels + p] = bl_bias_of_lanes(bias, c, form) + missing[p] +
                                          (uint32_t)layer->step * (uint32_t)sum[2 * p + c];
            }
            scale = bl_end_block_of_lanes(output, acc, 2, left, scale, layer, pixels, form, &o);
            output += 2 * BL_LANES_BYTES(form);
            bias += form == BL_LANES_SUMS ? 0 : 2;
        }
        filter += layer->words;
    }
}

#endif
