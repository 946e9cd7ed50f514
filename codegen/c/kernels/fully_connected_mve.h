/*
 * FULLY_CONNECTED with one multiplier on Helium, eight outputs at a time (layouts: dot_mve.h). bias includes
 * input_offset * sum(filter).
 */
#ifndef BL_FULLY_CONNECTED_MVE_H
#define BL_FULLY_CONNECTED_MVE_H

#include "dot_mve.h"

typedef struct {
    int32_t rows;
    int32_t inputs;
    int32_t outputs;
    int32_t away; /* some code is below the output's zero point */
} bl_fully_connected_s8_mve_shape;

BL_INLINE void bl_fully_connected_s8_mve(int8_t *output, const int8_t *input, const int8_t *filter,
                                         const int32_t *bias, int32_t multiplier, int32_t shift, int32_t output_offset,
                                         int32_t act_min, int32_t act_max, const bl_fully_connected_s8_mve_shape *s)
{
    int8_t shift8 = (int8_t)shift;
    const bl_lane_requantizer r = {&multiplier, &shift8, output_offset, act_min, act_max, 0, s->away};
    int32_t inputs = (s->inputs + BL_LANES - 1) / BL_LANES * BL_LANES;
    for (int32_t row = 0; row < s->rows; row++, input += s->inputs, output += s->outputs) {
        const bl_segment segments[2] = {{input, inputs / BL_LANES}, {input, 0}};
        for (int32_t n = 0; n < s->outputs; n += BL_BLOCK8) {
            bl_lanes8 sums = inputs == s->inputs ? bl_dot8(segments, filter + n * inputs, bias + n)
                                                 : bl_dot8_tail(input, s->inputs, filter + n * inputs, bias + n);
            bl_store8(output + n, sums, n, s->outputs - n, &r);
        }
    }
}

#endif
