/*
 * As block_simd32.h, for weights of 1, 2 or 4 bits: from the widened inputs of a few pixels to the codes of all their output
 * channels. A weight is first + step * code, with the codes of dot_lanes_simd32.h; `pairs` of inputs that the filter's last
 * words have and the window has not must be 0.
 */
#ifndef BL_BLOCK_LANES_SIMD32_H
#define BL_BLOCK_LANES_SIMD32_H

#include "dot_lanes_simd32.h"
#include "output_simd32.h"

typedef struct {
    const int32_t *filter; /* [channels / 4, rounded up][words], at 4 bits [words][2]: a, b, then c, d */
    const int32_t *biases; /* by channel, filled up to blocks of four; they include input_offset * sum(filter) */
    const int32_t *scales; /* two multipliers (bl_codes_of_channel), and their shifts in the low bytes of one word */
    int32_t scale_step;    /* words from the scales of two channels to those of the next: 0 where all have the same, else 3 */
    int32_t words;         /* of a block */
    int32_t segment;       /* words after which sums of 1 and 2 bits are parted */
    int32_t part;          /* segments after which they start anew */
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
BL_INLINE void bl_sum_inputs(int32_t *sums, const uint32_t *pairs, const bl_lanes_layer *layer, int32_t pixels,
                             int32_t bits)
{
    int32_t total[3] = {0, 0, 0};
    for (int32_t left = layer->words; left > 0; left -= layer->segment) {
        uint32_t sum[3] = {0, 0, 0};
        int32_t words = bl_min(left, layer->segment);
        bl_end_lanes(sums, pairs, words, pixels, bits);
        for (int32_t i = words * BL_LANES_PAIRS(bits); i > 0; i--) {
            BL_UNROLL(3)
            for (int32_t p = 0; p < pixels; p++)
                sum[p] = bl_smlad(*pairs++, 0x00010001u, sum[p]);
        }
        BL_UNROLL(3)
        for (int32_t p = 0; p < pixels; p++) {
            sums[2 + p] = -(int32_t)(sum[p] << (bits - 1));
            total[p] += (int32_t)sum[p];
        }
        sums += BL_LANES_SEGMENT(pixels);
    }
    BL_UNROLL(3)
    for (int32_t p = 0; p < pixels; p++)
        *sums++ = total[p] * layer->first;
}

/* Sums of a block's codes with the inputs: of two channels [pixel][2], then of the other two. */
BL_INLINE void bl_sum_lanes(int32_t sums[12], const int32_t *filter, const uint32_t *pairs, const int32_t *segments,
                            const bl_lanes_layer *layer, int32_t pixels, int32_t bits)
{
    uint32_t acc[6];
    if (bits == 4) {
        for (int32_t half = 0; half < (pixels == 1 ? 1 : 2); half++, sums += 6) {
            bl_dot_nibbles(acc, filter + half, pairs, segments, pixels);
            BL_UNROLL(3)
            for (int32_t i = 0; i < 3; i++) {
                uint32_t low = acc[pixels == 1 ? 2 * i % 4 : i];
                uint32_t both = acc[pixels == 1 ? 2 * i % 4 + 1 : 3 + i];
                sums[2 * i] = (int32_t)low;
                sums[2 * i + 1] = (int32_t)(both - low) >> 4;
            }
        }
        return;
    }
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

/* Codes of `count` channels, 2 or 1, from their sums [pixel][2]. */
BL_INLINE void bl_codes_of_lanes(int8_t *output, const int32_t *sums, const int32_t *bias, const int32_t *scale,
                                 const int32_t *missing, const bl_lanes_layer *layer, int32_t count, int32_t pixels,
                                 const bl_output_simd32 *o)
{
    uint32_t acc[6];
    uint32_t shifts = (uint32_t)scale[2];
    BL_UNROLL(2)
    for (int32_t c = 0; c < 2; c++) {
        BL_UNROLL(3)
        for (int32_t p = 0; p < pixels; p++)
            acc[c * pixels + p] = (uint32_t)bias[c] + (uint32_t)missing[p] +
                                  (uint32_t)layer->step * (uint32_t)sums[2 * p + c];
        bl_codes_of_channel(acc + c * pixels, pixels, scale[c], (int32_t)(c == 0 ? shifts & 0xffu : shifts >> 8), o);
    }
    bl_store_block(output, layer->outputs, acc, pixels, 2, count);
}

/* `pixels`, 3 or 1, `bits` and `clamps` are literals. `pairs` has room behind it for sums. */
BL_INLINE void bl_block_of_lanes(int8_t *output, uint32_t *pairs, const bl_lanes_layer *layer, int32_t pixels,
                                 int32_t bits, int32_t clamps)
{
    bl_output_simd32 o = {layer->offset, layer->min, layer->max, clamps, 1};
    int32_t *segments = (int32_t *)pairs + layer->words * BL_LANES_PAIRS(bits) * pixels;
    bl_sum_inputs(segments, pairs, layer, pixels, bits);
    const int32_t *missing =
        segments + (layer->words + layer->segment - 1) / layer->segment * BL_LANES_SEGMENT(pixels);
    const int32_t *filter = layer->filter;
    const int32_t *bias = layer->biases;
    const int32_t *scale = layer->scales;
    for (int32_t left = layer->outputs; left > 0;) {
        int32_t sums[12];
        bl_sum_lanes(sums, filter, pairs, segments, layer, pixels, bits);
        for (int32_t half = 0; half < 2 && left > 0; half++, left -= 2) {
            bl_codes_of_lanes(output, sums + 2 * half * pixels, bias, scale, missing, layer, left, pixels, &o);
            output += 2;
            bias += 2;
            scale += layer->scale_step;
        }
        filter += layer->words * (bits == 4 ? 2 : 1);
    }
}

/* Shared by layers; by the form of the requantization. */
#define BL_LANES_FUNCTIONS(bits, pixels)                                                                               \
    BL_OUTLINE void bl_lanes_##bits##_##pixels(int8_t *output, uint32_t *pairs, const bl_lanes_layer *layer)           \
    {                                                                                                                  \
        bl_block_of_lanes(output, pairs, layer, pixels, bits, 0);                                                      \
    }                                                                                                                  \
    BL_OUTLINE void bl_lanes_##bits##_##pixels##_clamped(int8_t *output, uint32_t *pairs, const bl_lanes_layer *layer) \
    {                                                                                                                  \
        bl_block_of_lanes(output, pairs, layer, pixels, bits, 1);                                                      \
    }

BL_LANES_FUNCTIONS(1, 3)
BL_LANES_FUNCTIONS(1, 1)
BL_LANES_FUNCTIONS(2, 3)
BL_LANES_FUNCTIONS(2, 1)
BL_LANES_FUNCTIONS(4, 3)
BL_LANES_FUNCTIONS(4, 1)

typedef void (*bl_lanes_function)(int8_t *output, uint32_t *pairs, const bl_lanes_layer *layer);

/* The function for literals. */
BL_INLINE bl_lanes_function bl_lanes_of(int32_t bits, int32_t pixels, int32_t clamps)
{
#define BL_LANES_OF(pixels, form)                                                                                      \
    (bits == 1 ? bl_lanes_1_##pixels##form : bits == 2 ? bl_lanes_2_##pixels##form : bl_lanes_4_##pixels##form)
    if (clamps)
        return pixels == 3 ? BL_LANES_OF(3, _clamped) : BL_LANES_OF(1, _clamped);
    return pixels == 3 ? BL_LANES_OF(3, ) : BL_LANES_OF(1, );
#undef BL_LANES_OF
}

#endif
