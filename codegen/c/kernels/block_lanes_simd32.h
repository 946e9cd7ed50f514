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
    int32_t first;         /* of 1 and 2 bits what a code of 0 stands for in the sums of both channels */
    int32_t step;
    int32_t outputs;
    int32_t offset;
    int32_t min;
    int32_t max;
} bl_lanes_layer;

/* Words behind a block's pairs for sums of inputs. */
#define BL_LANES_SUMS(segments, pixels) (((segments) + 1) * (pixels))

/*
 * What sums of each segment start with, [segments][pixels], and then what they lack in all, [pixels]: the sums of inputs times
 * `first`.
 */
BL_INLINE void bl_sum_inputs(int32_t *sums, const uint32_t *pairs, const bl_lanes_layer *layer, int32_t pixels,
                             int32_t bits)
{
    int32_t total[3] = {0, 0, 0};
    for (int32_t left = layer->words; left > 0; left -= layer->segment) {
        uint32_t sum[3] = {0, 0, 0};
        for (int32_t i = bl_min(left, layer->segment) * BL_LANES_PAIRS(bits); i > 0; i--) {
            BL_UNROLL(3)
            for (int32_t p = 0; p < pixels; p++)
                sum[p] = bl_smlad(*pairs++, 0x00010001u, sum[p]);
        }
        BL_UNROLL(3)
        for (int32_t p = 0; p < pixels; p++) {
            *sums++ = bits == 4 ? 0 : -(int32_t)(sum[p] << (bits - 1));
            total[p] += (int32_t)sum[p];
        }
    }
    BL_UNROLL(3)
    for (int32_t p = 0; p < pixels; p++)
        *sums++ = total[p] * layer->first;
}

/* Parts the sums of two channels, of which the first are in the low bits, and adds them to the sums so far. */
BL_INLINE void bl_part_lanes(int32_t *first, int32_t *second, uint32_t sum, int32_t bits)
{
    int32_t low = (int32_t)(sum << (32 - BL_LANES_SHIFT(bits))) >> (32 - BL_LANES_SHIFT(bits));
    *first += low;
    *second += (int32_t)(sum - (uint32_t)low) >> BL_LANES_SHIFT(bits);
}

/* Sums [channel][pixel] of a block's codes with the inputs. */
BL_INLINE void bl_sum_lanes(int32_t sums[12], const int32_t *filter, const uint32_t *pairs, const int32_t *starts,
                            const bl_lanes_layer *layer, int32_t pixels, int32_t bits)
{
    if (bits == 4) {
        for (int32_t half = 0; half < (pixels == 1 ? 1 : 2); half++) {
            uint32_t acc[6] = {0, 0, 0, 0, 0, 0};
            int32_t *sum = sums + 2 * half * pixels;
            bl_dot_lanes(acc, filter + half, pairs, layer->words, pixels, bits);
            /* Of one pixel, a, b, c and d; of three, a and b of each. */
            BL_UNROLL(6)
            for (int32_t i = 0; i < 6; i++) {
                int32_t second = i / pixels % 2;
                if (i < (pixels == 1 ? 4 : 6))
                    sum[i] = second ? (int32_t)(acc[i] - acc[i - pixels]) >> 4 : (int32_t)acc[i];
            }
        }
        return;
    }
    for (int32_t i = 0; i < 4 * pixels; i++)
        sums[i] = 0;
    for (int32_t left = layer->words; left > 0; left -= layer->segment) {
        int32_t words = bl_min(left, layer->segment);
        uint32_t acc[6];
        BL_UNROLL(6)
        for (int32_t i = 0; i < 2 * pixels; i++)
            acc[i] = (uint32_t)starts[i % pixels];
        bl_dot_lanes(acc, filter, pairs, words, pixels, bits);
        BL_UNROLL(6)
        for (int32_t i = 0; i < 2 * pixels; i++) {
            int32_t a = i / pixels * 2 * pixels + i % pixels;
            bl_part_lanes(&sums[a], &sums[a + pixels], acc[i], bits);
        }
        filter += words;
        pairs += words * BL_LANES_PAIRS(bits) * pixels;
        starts += pixels;
    }
}

/* `pixels`, 3 or 1, `bits` and `clamps` are literals. `pairs` has room behind it for sums. */
BL_INLINE void bl_block_of_lanes(int8_t *output, uint32_t *pairs, const bl_lanes_layer *layer, int32_t pixels,
                                 int32_t bits, int32_t clamps)
{
    bl_output_simd32 o = {layer->offset, layer->min, layer->max, clamps, 1};
    int32_t *starts = (int32_t *)pairs + layer->words * BL_LANES_PAIRS(bits) * pixels;
    bl_sum_inputs(starts, pairs, layer, pixels, bits);
    const int32_t *missing = starts + (layer->words + layer->segment - 1) / layer->segment * pixels;
    const int32_t *filter = layer->filter;
    const int32_t *bias = layer->biases;
    const int32_t *scale = layer->scales;
    for (int32_t left = layer->outputs; left > 0; left -= 4, bias += 4) {
        int32_t sums[12];
        bl_sum_lanes(sums, filter, pairs, starts, layer, pixels, bits);
        uint32_t acc[12];
        BL_UNROLL(12)
        for (int32_t i = 0; i < 4 * pixels; i++)
            acc[i] = (uint32_t)bias[i / pixels] + (uint32_t)missing[i % pixels] +
                     (uint32_t)layer->step * (uint32_t)sums[i];
        BL_UNROLL(2)
        for (int32_t c = 0; c < 4; c += 2, scale += layer->scale_step) {
            uint32_t shifts = (uint32_t)scale[2];
            bl_codes_of_channel(acc + c * pixels, pixels, scale[0], (int32_t)(shifts & 0xffu), &o);
            bl_codes_of_channel(acc + (c + 1) * pixels, pixels, scale[1], (int32_t)(shifts >> 8), &o);
        }
        bl_store_block(output, layer->outputs, acc, pixels, 4, left);
        output += 4;
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
