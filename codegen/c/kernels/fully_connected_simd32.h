/*
 * FULLY_CONNECTED of int8 with one multiplier for all outputs, or to its accumulators, for Cortex-M with the DSP extension. No
 * scratch: four outputs share each input that is loaded. The bias includes input_offset * sum(filter) and is filled up to whole blocks
 * of four; filter: dot_simd32.h. Sizes are no literals: layers of all sizes share the function.
 */
#ifndef BL_FULLY_CONNECTED_SIMD32_H
#define BL_FULLY_CONNECTED_SIMD32_H

#include "dot_simd32.h"
#include "output_simd32.h"

typedef struct {
    int32_t clamps;   /* the activation's bounds are not the ends of int8 */
    int32_t negative; /* codes below the output's zero point survive them */
} bl_fully_connected_s8_simd32_shape;

/* The sums of four outputs. Returns where the filter's next block begins. */
BL_INLINE const int8_t *bl_sum_block(uint32_t *acc, const int8_t *block, const int8_t *input, const int32_t *bias,
                                     int32_t inputs, const bl_ends *ends)
{
    int32_t steps = inputs / 4;
    BL_UNROLL(4)
    for (int32_t i = 0; i < 4; i++)
        acc[i] = (uint32_t)bias[i];
    bl_dot_bytes(acc, block, input, ends);
    block += steps * 16;
    if (inputs % 4 != 0) {
        bl_dot_last_bytes(acc, block, input + steps * 4, inputs % 4);
        block += 16;
    }
    return block;
}

BL_INLINE void bl_fully_connected_s8_simd32(int8_t *output, const int8_t *input, const int8_t *filter,
                                            const int32_t *bias, int32_t rows, int32_t inputs, int32_t outputs,
                                            int32_t multiplier, int32_t shift, int32_t output_offset, int32_t act_min,
                                            int32_t act_max, const bl_fully_connected_s8_simd32_shape *s)
{
    bl_output_simd32 o = {output_offset, act_min, act_max, s->clamps, s->negative};
    int32_t steps = inputs / 4;
    for (int32_t row = 0; row < rows; row++) {
        bl_ends ends = {input + steps / 4 * 16, input + steps * 4};
        const int8_t *block = filter;
        for (int32_t n = 0; n < outputs; n += 4) {
            uint32_t acc[4];
            block = bl_sum_block(acc, block, input, bias + n, inputs, &ends);
            bl_codes_of_channel(acc, 4, multiplier, shift, &o);
            bl_store_block(output + n, outputs, acc, 1, 4, outputs - n);
        }
        input += inputs;
        output += outputs;
    }
}

typedef struct {
    int32_t rest; /* outputs of the last block, where it is not full */
} bl_fully_connected_s8_s32_simd32_shape;

BL_INLINE void bl_fully_connected_s8_s32_simd32(int32_t *output, const int8_t *input, const int8_t *filter,
                                                const int32_t *bias, int32_t rows, int32_t inputs, int32_t outputs,
                                                const bl_fully_connected_s8_s32_simd32_shape *s)
{
    int32_t steps = inputs / 4;
    for (int32_t row = 0; row < rows; row++) {
        bl_ends ends = {input + steps / 4 * 16, input + steps * 4};
        const int8_t *block = filter;
        for (int32_t n = 0; n < outputs; n += 4) {
            uint32_t acc[4];
            block = bl_sum_block(acc, block, input, bias + n, inputs, &ends);
            int32_t count = s->rest && outputs - n < 4 ? s->rest : 4;
            for (int32_t i = 0; i < count; i++)
                output[n + i] = (int32_t)acc[i];
        }
        input += inputs;
        output += outputs;
    }
}

#endif
