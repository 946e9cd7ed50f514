/*
 * From the widened inputs of a few pixels to the codes of all their output channels. These functions are no part of the
 * specialised kernels, which call them: what a copy in each layer would save in instructions is not worth its flash.
 */
#ifndef BL_BLOCK_SIMD32_H
#define BL_BLOCK_SIMD32_H

#include "dot_simd32.h"
#include "output_simd32.h"

/* A layer with multipliers by channel. */
typedef struct {
    const int8_t *filter; /* dot_simd32.h */
    const int32_t *channels; /* BL_TWO_CHANNELS words for every two, filled up to blocks of four */
    int32_t steps; /* of four inputs */
    int32_t outputs;
    int32_t offset;
    int32_t min;
    int32_t max;
} bl_layer_simd32;

/* Two biases, two multipliers (bl_codes_of_channel), and shifts in the low bytes of one word. */
#define BL_TWO_CHANNELS 5

/* `pixels`, 4, 2 or 1, and what bl_output_simd32 takes as literals are literals. */
BL_INLINE void bl_block(int8_t *output, const uint32_t *pairs, const bl_layer_simd32 *layer, int32_t pixels,
                        int32_t clamps, int32_t negative)
{
    bl_output_simd32 o = {layer->offset, layer->min, layer->max, clamps, negative};
    bl_ends ends = bl_ends_of_pairs(pairs, layer->steps, pixels);
    const int8_t *filter = layer->filter;
    const int32_t *channel = layer->channels;
    int32_t block = pixels == 4 ? 2 : 4;
    /* The second of two blocks of two channels begins in the first one's words. */
    int32_t next = pixels == 4 ? 8 : 16 * layer->steps;
    for (int32_t left = layer->outputs; left > 0; left -= block) {
        uint32_t acc[8];
        BL_UNROLL(8)
        for (int32_t i = 0; i < block * pixels; i++) {
            int32_t c = i / pixels;
            acc[i] = (uint32_t)channel[c / 2 * BL_TWO_CHANNELS + c % 2];
        }
        if (pixels == 1)
            bl_dot_pixel(acc, filter, pairs, &ends);
        else
            bl_dot_pixels(acc, filter, pairs, &ends, pixels);
        BL_UNROLL(4)
        for (int32_t c = 0; c < block; c += 2, channel += BL_TWO_CHANNELS) {
            uint32_t shifts = (uint32_t)channel[4];
            bl_codes_of_channel(acc + c * pixels, pixels, channel[2], (int32_t)(shifts & 0xffu), &o);
            bl_codes_of_channel(acc + (c + 1) * pixels, pixels, channel[3], (int32_t)(shifts >> 8), &o);
        }
        bl_store_block(output, layer->outputs, acc, pixels, block, left);
        output += block;
        filter += next;
        if (pixels == 4)
            next = 16 * layer->steps - next;
    }
}

/* By form of the requantization. */
#define BL_BLOCK_FUNCTION(pixels, form, clamps, negative)                                                              \
    BL_OUTLINE void bl_block_##pixels##_##form(int8_t *output, const uint32_t *pairs, const bl_layer_simd32 *layer)    \
    {                                                                                                                  \
        bl_block(output, pairs, layer, pixels, clamps, negative);                                                      \
    }
#define BL_BLOCK_FUNCTIONS(pixels)                                                                                     \
    BL_BLOCK_FUNCTION(pixels, rectified, 0, 0)                                                                         \
    BL_BLOCK_FUNCTION(pixels, negative, 0, 1)                                                                          \
    BL_BLOCK_FUNCTION(pixels, clamped, 1, 0)                                                                           \
    BL_BLOCK_FUNCTION(pixels, any, 1, 1)

BL_BLOCK_FUNCTIONS(4)
BL_BLOCK_FUNCTIONS(2)
BL_BLOCK_FUNCTIONS(1)

typedef void (*bl_block_function)(int8_t *output, const uint32_t *pairs, const bl_layer_simd32 *layer);

/* The function for literals. */
BL_INLINE bl_block_function bl_block_of(int32_t pixels, int32_t clamps, int32_t negative)
{
#define BL_BLOCK_OF(form) (pixels == 4 ? bl_block_4_##form : pixels == 2 ? bl_block_2_##form : bl_block_1_##form)
    if (clamps)
        return negative ? BL_BLOCK_OF(any) : BL_BLOCK_OF(clamped);
    return negative ? BL_BLOCK_OF(negative) : BL_BLOCK_OF(rectified);
#undef BL_BLOCK_OF
}

#endif
