/*
 * FULLY_CONNECTED with one multiplier for all outputs (others run as CONV_2D of 1x1), or to its accumulators. Constraints:
 *  - filter [outputs / 4, rounded up][inputs][4]
 *  - bias includes input_offset * sum(filter)
 */
#ifndef BL_FULLY_CONNECTED_H
#define BL_FULLY_CONNECTED_H

#include "dot.h"

typedef struct {
    int32_t rows;
    int32_t inputs;
    int32_t outputs;
    int32_t filter_offsets; /* the filter's zero point is not 0 */
    int32_t right_shift;    /* the shift is in -31..-1 */
} bl_fully_connected_shape;

typedef bl_fully_connected_shape bl_fully_connected_s8_shape;
typedef bl_fully_connected_shape bl_fully_connected_s8_s32_shape;
typedef bl_fully_connected_shape bl_fully_connected_s16_acc32_shape;
typedef bl_fully_connected_shape bl_fully_connected_s16_shape;

BL_INLINE void bl_fully_connected(void *output, const void *input, const int8_t *filter, const void *bias,
                                  int32_t filter_offset, const bl_requantizer *r, const bl_fully_connected_shape *s,
                                  bl_type type)
{
    for (int32_t row = 0; row < s->rows; row++) {
        for (int32_t n = 0; n < s->outputs; n += BL_BLOCK) {
            int32_t count = bl_min(s->outputs - n, BL_BLOCK);
            bl_sums sums;
            bl_start(&sums, bias, n, count, type);
            bl_dot(&sums, input, row * s->inputs, filter + n * s->inputs, s->inputs, 0, type);
            bl_store(output, row * s->outputs + n, &sums, n, count, s->filter_offsets ? filter_offset : 0, r, type);
        }
    }
}

BL_INLINE void bl_fully_connected_s8(int8_t *output, const int8_t *input, const int8_t *filter, const int32_t *bias,
                                     int32_t filter_offset, int32_t multiplier, int32_t shift, int32_t output_offset,
                                     int32_t act_min, int32_t act_max, const bl_fully_connected_s8_shape *s)
{
    int8_t shift8 = (int8_t)shift;
    bl_requantizer r = {&multiplier, &shift8, output_offset, act_min, act_max, 0, s->right_shift};
    bl_fully_connected(output, input, filter, bias, filter_offset, &r, s, BL_S8);
}

BL_INLINE void bl_fully_connected_s8_s32(int32_t *output, const int8_t *input, const int8_t *filter, const int32_t *bias,
                                         int32_t filter_offset, const bl_fully_connected_s8_s32_shape *s)
{
    bl_fully_connected(output, input, filter, bias, filter_offset, (const bl_requantizer *)0, s, BL_S8);
}

BL_INLINE void bl_fully_connected_s16_acc32(int16_t *output, const int16_t *input, const int8_t *filter,
                                            const int32_t *bias, int32_t multiplier, int32_t shift, int32_t act_min,
                                            int32_t act_max, const bl_fully_connected_s16_acc32_shape *s)
{
    int8_t shift8 = (int8_t)shift;
    bl_requantizer r = {&multiplier, &shift8, 0, act_min, act_max, 0, s->right_shift};
    bl_fully_connected(output, input, filter, bias, 0, &r, s, BL_S16_ACC32);
}

BL_INLINE void bl_fully_connected_s16(int16_t *output, const int16_t *input, const int8_t *filter, const int64_t *bias,
                                      int32_t multiplier, int32_t shift, int32_t act_min, int32_t act_max,
                                      const bl_fully_connected_s16_shape *s)
{
    int8_t shift8 = (int8_t)shift;
    bl_requantizer r = {&multiplier, &shift8, 0, act_min, act_max, 0, s->right_shift};
    bl_fully_connected(output, input, filter, bias, 0, &r, s, BL_S16);
}

#endif
