/*
 * What CONV_2D, TRANSPOSE_CONV, FULLY_CONNECTED and BATCH_MATMUL share: sums of products for a block of four output
 * channels, from bias to output codes. `type` is a literal at every call, so that one traversal serves all types.
 */
#ifndef BL_DOT_H
#define BL_DOT_H

#include "output.h"

/* Output channels that share each loaded input. Filters are packed [channels / 4][taps][4], with zeros at the end. */
#define BL_BLOCK 4

/*
 * 32-bit sums are kept modulo 2^32: partial sums may wrap, the plan has proved that the complete ones fit. `inputs` is
 * the sum of the inputs themselves, for filters whose zero point is not 0. What a type does not need is never computed.
 */
typedef struct {
    uint32_t acc[BL_BLOCK];
    uint32_t inputs;
    int64_t acc64[BL_BLOCK];
} bl_sums;

/* Starts the sums of the `count` channels from `channel` on with their biases. */
BL_INLINE void bl_start(bl_sums *sums, const void *bias, int32_t channel, int32_t count, bl_type type)
{
    static const bl_sums zero;
    *sums = zero;
    BL_UNROLL(4)
    for (int32_t i = 0; i < BL_BLOCK; i++) {
        if (i < count && type == BL_S16)
            sums->acc64[i] = ((const int64_t *)bias)[channel + i];
        else if (i < count)
            sums->acc[i] = (uint32_t)((const int32_t *)bias)[channel + i];
    }
}

/* Adds x times the filter's four channels. */
BL_INLINE void bl_dot_step(bl_sums *sums, int32_t x, const int8_t *filter)
{
    sums->acc[0] += (uint32_t)(x * filter[0]);
    sums->acc[1] += (uint32_t)(x * filter[1]);
    sums->acc[2] += (uint32_t)(x * filter[2]);
    sums->acc[3] += (uint32_t)(x * filter[3]);
    sums->inputs += (uint32_t)x;
}

/* bl_dot for 32-bit sums. */
BL_INLINE void bl_dot32(bl_sums *sums, const void *input, int32_t index, const int8_t *filter, int32_t count,
                        int32_t input_offset, bl_type type)
{
    bl_sums local = *sums;
    if (type == BL_S8) {
        const int8_t *x = (const int8_t *)input + index;
        BL_UNROLL(4)
        for (int32_t i = 0; i < count; i++)
            bl_dot_step(&local, x[i] + input_offset, filter + BL_BLOCK * i);
    } else {
        const int16_t *x = (const int16_t *)input + index;
        BL_UNROLL(4)
        for (int32_t i = 0; i < count; i++)
            bl_dot_step(&local, x[i], filter + BL_BLOCK * i);
    }
    *sums = local;
}

/*
 * Adds the products of the `count` inputs from `index` on with one block of the filter. int8 inputs are offset; int16
 * inputs have no zero point. 64-bit sums are made of 32-bit ones, each short enough for any values.
 */
BL_INLINE void bl_dot(bl_sums *sums, const void *input, int32_t index, const int8_t *filter, int32_t count,
                      int32_t input_offset, bl_type type)
{
    if (type != BL_S16) {
        bl_dot32(sums, input, index, filter, count, input_offset, type);
        return;
    }
    for (int32_t i = 0; i < count; i += 256) {
        bl_sums part = {{0u, 0u, 0u, 0u}, 0u, {0, 0, 0, 0}};
        bl_dot32(&part, input, index + i, filter + BL_BLOCK * i, bl_min(count - i, 256), 0, type);
        BL_UNROLL(4)
        for (int32_t c = 0; c < BL_BLOCK; c++)
            sums->acc64[c] += (int32_t)part.acc[c];
    }
}

/*
 * Writes the codes of the `count` channels from `channel` on to the outputs from `index` on.
 * sum((x + a) * (w + b)) = sum((x + a) * w) + b * sum(x + a), where b is filter_offset. Without a requantizer, 32-bit sums are
 * the outputs.
 */
BL_INLINE void bl_store(void *output, int32_t index, const bl_sums *sums, int32_t channel, int32_t count,
                        int32_t filter_offset, const bl_requantizer *r, bl_type type)
{
    /* Copies, so that the sums stay in registers while these arrays are indexed; the loop is short code. */
    uint32_t correction = sums->inputs * (uint32_t)filter_offset;
    const uint32_t acc[BL_BLOCK] = {sums->acc[0] + correction, sums->acc[1] + correction, sums->acc[2] + correction,
                                    sums->acc[3] + correction};
    const int64_t acc64[BL_BLOCK] = {sums->acc64[0], sums->acc64[1], sums->acc64[2], sums->acc64[3]};
    BL_UNROLL(1)
    for (int32_t i = 0; i < count; i++) {
        if (!r) {
            ((int32_t *)output)[index + i] = (int32_t)acc[i];
            continue;
        }
        int32_t y = type == BL_S16 ? bl_requantize64(acc64[i], channel + i, r)
                                   : bl_requantize32((int32_t)acc[i], channel + i, r);
        bl_write(output, index + i, y, type);
    }
}

#endif
