/*
 * FULLY_CONNECTED with one multiplier, or to its accumulators, on Helium, eight outputs at a time (layouts: dot_mve.h). Biases
 * include input_offset * sum(filter).
 */
#ifndef BL_FULLY_CONNECTED_MVE_H
#define BL_FULLY_CONNECTED_MVE_H

#include "dot_mve.h"

typedef struct {
    int32_t rows;
    int32_t inputs;
    int32_t outputs;
    int32_t away;    /* some code is below the output's zero point */
    int32_t clamped; /* the clamp is narrower than int8 */
} bl_fully_connected_s8_mve_shape;

BL_INLINE void bl_fully_connected_s8_mve(int8_t *output, const int8_t *input, const int8_t *filter,
                                         const int32_t *parameters, int32_t multiplier, int32_t shift,
                                         int32_t output_offset, int32_t act_min, int32_t act_max,
                                         const bl_fully_connected_s8_mve_shape *s)
{
    const bl_lane_requantizer r = {multiplier, shift, output_offset, act_min, act_max, 0, s->away, s->clamped};
    for (int32_t row = 0; row < s->rows; row++, input += s->inputs) {
        const int8_t *weights = filter;
        const int32_t *biases = parameters;
        for (int32_t n = s->outputs; n > 0; n -= BL_BLOCK8) {
            int32_t count = s->outputs % BL_BLOCK8 == 0 ? BL_BLOCK8 : bl_min(n, BL_BLOCK8);
            bl_lanes8 sums = bl_dot8(input, s->inputs, &weights, biases);
            bl_store8(output, sums, biases, count, &r);
            biases += BL_BIASES8;
            output += count;
        }
    }
}

typedef struct {
    int32_t rows;
    int32_t inputs;
    int32_t outputs;
} bl_fully_connected_s8_s32_mve_shape;

BL_INLINE void bl_fully_connected_s8_s32_mve(int32_t *output, const int8_t *input, const int8_t *filter,
                                             const int32_t *parameters, const bl_fully_connected_s8_s32_mve_shape *s)
{
    for (int32_t row = 0; row < s->rows; row++, input += s->inputs) {
        const int8_t *weights = filter;
        const int32_t *biases = parameters;
        for (int32_t n = s->outputs; n > 0; n -= BL_BLOCK8, biases += BL_BIASES8) {
            bl_lanes8 sums = bl_dot8(input, s->inputs, &weights, biases);
            int32x4x2_t both = {{sums.even, sums.odd}};
            if (s->outputs % BL_BLOCK8 == 0 || n >= BL_BLOCK8) {
                vst2q_s32(output, both);
                output += BL_BLOCK8;
                continue;
            }
            int32_t last[BL_BLOCK8];
            vst2q_s32(last, both);
            for (int32_t i = 0; i < n; i++)
                *output++ = last[i];
        }
    }
}

#endif
