/*
 * As block_simd32.h, for weights of 1, 2 or 4 bits: from the widened inputs of a few pixels to the codes of all their output
 * channels. A weight is first + step * code, with the codes of dot_lanes_simd32.h and dot_nibbles_simd32.h; `pairs` of inputs that
 * the filter's last words have and the window has not must be 0.
 */
#ifndef BL_BLOCK_LANES_SIMD32_H
#define BL_BLOCK_LANES_SIMD32_H

#include "dot_nibbles_simd32.h"
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

/* Of 1 or 2 bits. `pixels`, 3 or 1, `bits` and `clamps` are literals. `pairs` has room behind it for sums. */
BL_INLINE void bl_block_of_lanes(int8_t *output, uint32_t *pairs, const bl_lanes_layer *layer, int32_t pixels,
                                 int32_t bits, int32_t clamps)
{
    bl_output_simd32 o = {layer->offset, layer->min, layer->max, clamps, 1};
    int32_t *segments = (int32_t *)pairs + layer->words * BL_LANES_PAIRS(bits) * pixels;
    bl_sum_inputs(segments, pairs, layer, layer->segment, pixels, bits - 1, bits);
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
        filter += layer->words;
    }
}

/* The sums of a block's codes of 4 bits with the inputs of one pixel. */
BL_INLINE void bl_sum_nibbles(uint32_t acc[4], const int32_t *filter, const uint32_t *pairs, const int32_t *segments,
                              const bl_lanes_layer *layer)
{
    /* What has left the accumulators of c and d. */
    int32_t rest[2] = {0, 0};
    for (int32_t left = layer->words;; left -= layer->segment) {
        int32_t ends[2] = {segments[0], segments[1]};
        acc[3] += (uint32_t)segments[2];
        bl_dot_nibbles(acc, filter, pairs, ends);
        if (left <= layer->segment)
            break;
        rest[0] += (int32_t)(acc[2] - acc[1]) >> 8;
        rest[1] += (int32_t)(acc[3] - acc[2]) >> 12;
        acc[2] = acc[3] = acc[1];
        filter += 2 * layer->segment;
        pairs += 2 * layer->segment;
        segments += BL_LANES_SEGMENT(1);
    }
    acc[3] = (uint32_t)(((int32_t)(acc[3] - acc[2]) >> 12) + rest[1]);
    acc[2] = (uint32_t)(((int32_t)(acc[2] - acc[1]) >> 8) + rest[0]);
    acc[1] = (uint32_t)((int32_t)(acc[1] - acc[0]) >> 4);
}

/* Codes of two channels from acc[channel][pixel], and where the scales of the next are. */
BL_INLINE const int32_t *bl_codes_of_pair(uint32_t *acc, int32_t pixels, const int32_t *scale, const bl_lanes_layer *layer,
                                          const bl_output_simd32 *o)
{
    uint32_t shifts = (uint32_t)scale[2];
    bl_codes_of_channel(acc, pixels, scale[0], (int32_t)(shifts & 0xffu), o);
    bl_codes_of_channel(acc + pixels, pixels, scale[1], (int32_t)(shifts >> 8), o);
    return scale + layer->scale_step;
}

/* Of 4 bits. `pixels`, 3 or 1, and `clamps` are literals. `pairs` has room behind it for sums. */
BL_INLINE void bl_block_of_nibbles(int8_t *output, uint32_t *pairs, const bl_lanes_layer *layer, int32_t pixels,
                                   int32_t clamps)
{
    bl_output_simd32 o = {layer->offset, layer->min, layer->max, clamps, 1};
    int32_t *segments = (int32_t *)pairs + 2 * layer->words * pixels;
    int32_t segment = pixels == 1 ? layer->segment : layer->words;
    bl_sum_inputs(segments, pairs, layer, segment, pixels, pixels == 1 ? 15 : 7, 4);
    const uint32_t *missing = (const uint32_t *)segments + (layer->words + segment - 1) / segment * BL_LANES_SEGMENT(pixels);
    const int32_t *filter = layer->filter;
    const uint32_t *bias = (const uint32_t *)layer->biases;
    const int32_t *scale = layer->scales;
    uint32_t step = (uint32_t)layer->step;
    int32_t ends[2] = {segments[0], segments[1]};
    int32_t block = pixels == 1 ? 4 : 2;
    int32_t second = 0;
    for (int32_t left = layer->outputs; left > 0; left -= block) {
        uint32_t acc[6] = {0};
        if (pixels == 1) {
            bl_sum_nibbles(acc, filter, pairs, segments, layer);
            filter += 2 * layer->words;
            BL_UNROLL(4)
            for (int32_t c = 0; c < 4; c++)
                acc[c] = bias[c] + missing[0] + step * acc[c];
        } else {
            BL_UNROLL(3)
            for (int32_t p = 0; p < 3; p++)
                acc[3 + p] = second ? (uint32_t)segments[2 + p] : 0;
            bl_dot_nibbles_of_three(acc, filter, pairs, ends, second);
            BL_UNROLL(3)
            for (int32_t p = 0; p < 3; p++) {
                uint32_t low = acc[p];
                uint32_t high = (uint32_t)((int32_t)(acc[3 + p] - low) >> 4);
                acc[p] = bias[0] + missing[p] + step * low;
                acc[3 + p] = bias[1] + missing[p] + step * high;
            }
            filter += second ? 2 * layer->words : 0;
            second = !second;
        }
        BL_UNROLL(2)
        for (int32_t c = 0; c < block; c += 2)
            scale = bl_codes_of_pair(acc + c * pixels, pixels, scale, layer, &o);
        bl_store_block(output, layer->outputs, acc, pixels, block, left);
        output += block;
        bias += block;
    }
}

BL_INLINE void bl_block_of_codes(int8_t *output, uint32_t *pairs, const bl_lanes_layer *layer, int32_t pixels,
                                 int32_t bits, int32_t clamps)
{
    if (bits == 4)
        bl_block_of_nibbles(output, pairs, layer, pixels, clamps);
    else
        bl_block_of_lanes(output, pairs, layer, pixels, bits, clamps);
}

/* Shared by layers; by the form of the requantization. */
#define BL_LANES_FUNCTIONS(bits, pixels)                                                                               \
    BL_OUTLINE void bl_lanes_##bits##_##pixels(int8_t *output, uint32_t *pairs, const bl_lanes_layer *layer)           \
    {                                                                                                                  \
        bl_block_of_codes(output, pairs, layer, pixels, bits, 0);                                                      \
    }                                                                                                                  \
    BL_OUTLINE void bl_lanes_##bits##_##pixels##_clamped(int8_t *output, uint32_t *pairs, const bl_lanes_layer *layer) \
    {                                                                                                                  \
        bl_block_of_codes(output, pairs, layer, pixels, bits, 1);                                                      \
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
#define BL_LANES_OF(form)                                                                                              \
    (pixels == 1 ? (bits == 1 ? bl_lanes_1_1##form : bits == 2 ? bl_lanes_2_1##form : bl_lanes_4_1##form)              \
                 : (bits == 1 ? bl_lanes_1_3##form : bits == 2 ? bl_lanes_2_3##form : bl_lanes_4_3##form))
    return clamps ? BL_LANES_OF(_clamped) : BL_LANES_OF();
#undef BL_LANES_OF
}

#endif
