/*
 * FULLY_CONNECTED of int8 with one multiplier for all outputs, for Cortex-M with the DSP extension. No scratch: four
 * outputs share each input that is loaded. The bias includes input_offset * sum(filter); filter: dot_simd32.h.
 */
#ifndef BL_FULLY_CONNECTED_SIMD32_H
#define BL_FULLY_CONNECTED_SIMD32_H

#include "dot_simd32.h"
#include "output_simd32.h"

typedef struct {
    int32_t rows;
    int32_t inputs;
    int32_t outputs;
    int32_t clamps;   /* the activation's bounds are not the ends of int8 */
    int32_t negative; /* codes below the output's zero point survive them */
    int32_t long_shifts;/* some shift has more than 23 bits */
} bl_fully_connected_s8_simd32_shape;

BL_INLINE void bl_fully_connected_s8_simd32(int8_t *output, const int8_t *input, const int8_t *filter,
                                            const int32_t *bias, int32_t multiplier, int32_t shift,
                                            int32_t output_offset, int32_t act_min, int32_t act_max,
                                            const bl_fully_connected_s8_simd32_shape *s)
{
    int8_t shift8 = (int8_t)shift;
    bl_requantizer_simd32 r = {&multiplier, &shift8, output_offset, act_min, act_max, 0, s->clamps, s->negative,
                               s->long_shifts};
    for (int32_t row = 0; row < s->rows; row++) {
        const int8_t *block = filter;
        for (int32_t n = 0; n < s->outputs; n += 4) {
            uint32_t acc[4];
            int32_t count = bl_min(4, s->outputs - n);
            BL_UNROLL(4)
            for (int32_t i = 0; i < 4; i++)
                acc[i] = i < count ? (uint32_t)bias[n + i] : 0u;
            bl_dot_bytes(acc, block, input, s->inputs);
            BL_UNROLL(4)
            for (int32_t i = 0; i < 4; i++) {
                if (i < count)
                    bl_store_channel(output + n + i, 1, acc + i, 1, n + i, &r);
            }
            block += (s->inputs + 3) / 4 * 16;
        }
        input += s->inputs;
        output += s->outputs;
    }
}

#endif
