/*
 * RESCALE: sums of a row by the row's factor, with 64-bit accumulators (docs/formats.md). `channels` holds a word a channel, or
 * one for all: the reduced multiplier (requantize.h) and above it, from bit 16 on, the shift. Behind these stand the biases, each of
 * `bias_words` words, the low one first.
 */
#ifndef BL_RESCALE_H
#define BL_RESCALE_H

#include "output.h"

typedef struct {
    int32_t rows;
    int32_t outputs;
    int32_t per_channel;
    int32_t bias_words; /* 0: there are none */
} bl_rescale_shape;

typedef bl_rescale_shape bl_rescale_s8_shape;
typedef bl_rescale_shape bl_rescale_s16_shape;

BL_INLINE int64_t bl_bias64(const int32_t *biases, int32_t channel, int32_t words)
{
    if (words == 1)
        return biases[channel];
    return (int64_t)((uint64_t)(uint32_t)biases[2 * channel + 1] << 32 | (uint32_t)biases[2 * channel]);
}

BL_INLINE void bl_rescale(void *output, const int32_t *input, const int16_t *factors, const int32_t *channels,
                          int32_t output_offset, int32_t act_min, int32_t act_max, const bl_rescale_shape *s, bl_type type)
{
    const int32_t *biases = channels + (s->per_channel ? s->outputs : 1);
    for (int32_t row = 0; row < s->rows; row++) {
        BL_UNROLL(1)
        for (int32_t n = 0; n < s->outputs; n++) {
            int32_t scale = channels[s->per_channel ? n : 0];
            int32_t multiplier = scale & 0xffff;
            int32_t shift = 15 - (scale >> 16);
            /* bl_mbqm64 of input * factor + bias; factor and multiplier have 31 bits together. */
            int64_t product = (int64_t)input[row * s->outputs + n] * (factors[row] * multiplier);
            if (s->bias_words)
                product += bl_bias64(biases, n, s->bias_words) * multiplier;
            int32_t code = (int32_t)((product + ((int64_t)1 << (shift - 1))) >> shift) + output_offset;
            bl_write(output, row * s->outputs + n, bl_clamp(code, act_min, act_max), type);
        }
    }
}

BL_INLINE void bl_rescale_s8(int8_t *output, const int32_t *input, const int16_t *factors, const int32_t *channels,
                             int32_t output_offset, int32_t act_min, int32_t act_max, const bl_rescale_s8_shape *s)
{
    bl_rescale(output, input, factors, channels, output_offset, act_min, act_max, s, BL_S8);
}

BL_INLINE void bl_rescale_s16(int16_t *output, const int32_t *input, const int16_t *factors, const int32_t *channels,
                              int32_t output_offset, int32_t act_min, int32_t act_max, const bl_rescale_s16_shape *s)
{
    bl_rescale(output, input, factors, channels, output_offset, act_min, act_max, s, BL_S16);
}

#endif
