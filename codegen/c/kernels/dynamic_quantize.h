/* ONNX's DynamicQuantizeLinear in three parts: scale, zero point, codes of uint8. Halves go to the even number. */
#ifndef BL_DYNAMIC_QUANTIZE_H
#define BL_DYNAMIC_QUANTIZE_H

#include "kernel.h"

typedef struct {
    int32_t size;
} bl_dynamic_shape;

typedef bl_dynamic_shape bl_dynamic_scale_f32_shape;
typedef bl_dynamic_shape bl_dynamic_zero_point_f32_shape;
typedef bl_dynamic_shape bl_dynamic_quantize_f32_shape;

/* The nearest whole number from min to max, which lie below 2^23; of NaN min. What is left of a float is exact. */
BL_INLINE int32_t bl_nearest_within(float x, int32_t min, int32_t max)
{
    if (!(x > (float)min))
        return min;
    if (x >= (float)max)
        return max;
    int32_t whole = (int32_t)x;
    float rest = x - (float)whole;
    int32_t odd = whole & 1;
    if (rest > 0.5f || (rest == 0.5f && odd))
        return whole + 1;
    if (rest < -0.5f || (rest == -0.5f && odd))
        return whole - 1;
    return whole;
}

/* 0 is among the numbers. NaN is neither below nor above any. */
BL_INLINE void bl_dynamic_scale_f32(float *output, const float *input, const bl_dynamic_scale_f32_shape *s)
{
    float low = 0.0f;
    float high = 0.0f;
    for (int32_t i = 0; i < s->size; i++) {
        low = input[i] < low ? input[i] : low;
        high = input[i] > high ? input[i] : high;
    }
    float range = high - low;
    *output = (high > low ? range : 1.0f) / 255.0f;
}

BL_INLINE void bl_dynamic_zero_point_f32(uint8_t *output, const float *input, const float *scale,
                                         const bl_dynamic_zero_point_f32_shape *s)
{
    float low = 0.0f;
    for (int32_t i = 0; i < s->size; i++)
        low = input[i] < low ? input[i] : low;
    *output = (uint8_t)bl_nearest_within(-low / *scale, 0, 255);
}

BL_INLINE void bl_dynamic_quantize_f32(uint8_t *output, const float *input, const float *scale, const uint8_t *zero_point,
                                       const bl_dynamic_quantize_f32_shape *s)
{
    float step = *scale;
    int32_t zero = *zero_point;
    for (int32_t i = 0; i < s->size; i++)
        output[i] = (uint8_t)(bl_nearest_within(input[i] / step, -zero, 255 - zero) + zero);
}

#endif
