/* CONV_2D: any filter size, stride, dilation, padding and number of groups. Layouts and rules: convolve.h. */
#ifndef BL_CONV_2D_H
#define BL_CONV_2D_H

#include "convolve.h"

typedef bl_convolve_shape bl_conv_2d_s8_shape;
typedef bl_convolve_shape bl_conv_2d_s16_acc32_shape;
typedef bl_convolve_shape bl_conv_2d_s16_shape;

BL_INLINE void bl_conv_2d_s8(int8_t *output, const int8_t *input, const int8_t *filter, const int32_t *bias,
                             const int32_t *multiplier, const int8_t *shift, int32_t row_begin, int32_t row_end,
                             int32_t input_offset, int32_t filter_offset, int32_t output_offset, int32_t act_min,
                             int32_t act_max, const bl_conv_2d_s8_shape *s)
{
    bl_requantizer r = {multiplier, shift, output_offset, act_min, act_max, 1, s->right_shift};
    bl_convolve(output, input, filter, bias, &r, row_begin, row_end, input_offset, filter_offset, s, BL_S8, 0);
}

BL_INLINE void bl_conv_2d_s16_acc32(int16_t *output, const int16_t *input, const int8_t *filter, const int32_t *bias,
                                    const int32_t *multiplier, const int8_t *shift, int32_t row_begin, int32_t row_end,
                                    int32_t act_min, int32_t act_max, const bl_conv_2d_s16_acc32_shape *s)
{
    bl_requantizer r = {multiplier, shift, 0, act_min, act_max, 1, s->right_shift};
    bl_convolve(output, input, filter, bias, &r, row_begin, row_end, 0, 0, s, BL_S16_ACC32, 0);
}

BL_INLINE void bl_conv_2d_s16(int16_t *output, const int16_t *input, const int8_t *filter, const int64_t *bias,
                              const int32_t *multiplier, const int8_t *shift, int32_t row_begin, int32_t row_end,
                              int32_t act_min, int32_t act_max, const bl_conv_2d_s16_shape *s)
{
    bl_requantizer r = {multiplier, shift, 0, act_min, act_max, 1, s->right_shift};
    bl_convolve(output, input, filter, bias, &r, row_begin, row_end, 0, 0, s, BL_S16, 0);
}

#endif
