/* As block_lanes_simd32.h, for weights of 4 bits (dot_nibbles_simd32.h). */
#ifndef BL_BLOCK_NIBBLES_SIMD32_H
#define BL_BLOCK_NIBBLES_SIMD32_H

#include "block_lanes_simd32.h"
#include "dot_nibbles_simd32.h"

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

/* Of 4 bits. `pixels`, 3 or 1, and `form` are literals. `pairs` has room behind it for sums. */
BL_INLINE void bl_block_of_nibbles(int8_t *output, uint32_t *pairs, const bl_lanes_layer *layer, int32_t pixels,
                                   int32_t form)
{
    bl_output_simd32 o = {layer->offset, layer->min, layer->max, form == BL_LANES_CLAMPED, 1};
    int32_t *segments = (int32_t *)pairs + 2 * layer->words * pixels;
    int32_t segment = pixels == 1 ? layer->segment : layer->words;
    bl_sum_inputs(segments, pairs, layer, segment, pixels, pixels == 1 ? 15 : 7, 4);
    const uint32_t *missing = (const uint32_t *)segments + (layer->words + segment - 1) / segment * BL_LANES_SEGMENT(pixels);
    const int32_t *filter = layer->filter;
    const int32_t *bias = layer->biases;
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
                acc[c] = bl_bias_of_lanes(bias, c, form) + missing[0] + step * acc[c];
        } else {
            BL_UNROLL(3)
            for (int32_t p = 0; p < 3; p++)
                acc[3 + p] = second ? (uint32_t)segments[2 + p] : 0;
            bl_dot_nibbles_of_three(acc, filter, pairs, ends, second);
            BL_UNROLL(3)
            for (int32_t p = 0; p < 3; p++) {
                uint32_t low = acc[p];
                uint32_t high = (uint32_t)((int32_t)(acc[3 + p] - low) >> 4);
                acc[p] = bl_bias_of_lanes(bias, 0, form) + missing[p] + step * low;
                acc[3 + p] = bl_bias_of_lanes(bias, 1, form) + missing[p] + step * high;
            }
            filter += second ? 2 * layer->words : 0;
            second = !second;
        }
        scale = bl_end_block_of_lanes(output, acc, block, left, scale, layer, pixels, form, &o);
        output += block * BL_LANES_BYTES(form);
        bias += form == BL_LANES_SUMS ? 0 : block;
    }
}

#endif
