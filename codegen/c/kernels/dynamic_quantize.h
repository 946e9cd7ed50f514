/*
 * ONNX's DynamicQuantizeLinear in three parts: scale, zero point, codes. Halves go to the even number. And back to floats: sums of
 * such codes.
 */
#ifndef BL_DYNAMIC_QUANTIZE_H
#define BL_DYNAMIC_QUANTIZE_H

#include <string.h>

#include "quantize.h"

typedef struct {
    int32_t size;
} bl_dynamic_shape;

typedef bl_dynamic_shape bl_dynamic_scale_f32_shape;
typedef bl_dynamic_shape bl_dynamic_zero_point_f32_shape;

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

/*
 * `rows` of `width` numbers, in images of `height` rows; elements around rows and images are what 0 becomes. Codes of int8 are those of
 * uint8 less 128.
 */
typedef struct {
    int32_t rows, width, height;
    int32_t above, left, right, below;
} bl_dynamic_quantize_shape;

typedef bl_dynamic_quantize_shape bl_dynamic_quantize_f32_s8_shape;
typedef bl_dynamic_quantize_shape bl_dynamic_quantize_f32_u8_shape;

BL_INLINE uint8_t *bl_fill_codes(uint8_t *output, int32_t code, int32_t count)
{
    memset(output, code, (size_t)count);
    return output + count;
}

BL_INLINE void bl_dynamic_quantize(uint8_t *output, const float *input, float step, int32_t zero, int32_t least,
                                   const bl_dynamic_quantize_shape *s)
{
    int32_t code = zero + least;
    int32_t row = 0;
    for (int32_t n = 0; n < s->rows; n++) {
        if (row == 0)
            output = bl_fill_codes(output, code, s->above);
        output = bl_fill_codes(output, code, s->left);
        for (int32_t i = 0; i < s->width; i++)
            *output++ = (uint8_t)(bl_nearest_within(*input++ / step, -zero, 255 - zero) + code);
        output = bl_fill_codes(output, code, s->right);
        if (++row < s->height)
            continue;
        output = bl_fill_codes(output, code, s->below);
        row = 0;
    }
}

BL_INLINE void bl_dynamic_quantize_f32_s8(int8_t *output, const float *input, const float *scale,
                                          const uint8_t *zero_point, const bl_dynamic_quantize_shape *s)
{
    bl_dynamic_quantize((uint8_t *)output, input, *scale, *zero_point, -128, s);
}

BL_INLINE void bl_dynamic_quantize_f32_u8(uint8_t *output, const float *input, const float *scale,
                                          const uint8_t *zero_point, const bl_dynamic_quantize_shape *s)
{
    bl_dynamic_quantize(output, input, *scale, *zero_point, 0, s);
}

typedef struct {
    int32_t rows, channels, per_channel, biased;
} bl_dynamic_dequantize_s32_shape;

/*
 * `sums` are those of each channel's weights, which the zero point has added to the input; `scales` the channels', behind which the
 * biases lie. `low` and `high` hold the bits of floats.
 */
BL_INLINE void bl_dynamic_dequantize_s32(float *output, const int32_t *input, const float *scale,
                                         const uint8_t *zero_point, const int32_t *sums, const float *scales,
                                         int32_t low, int32_t high, const bl_dynamic_dequantize_s32_shape *s)
{
    float step = *scale;
    uint32_t zero = *zero_point;
    float least = bl_float_of_bits(low);
    float greatest = bl_float_of_bits(high);
    const float *biases = scales + (s->per_channel ? s->channels : 1);
    for (int32_t row = 0; row < s->rows; row++) {
        for (int32_t c = 0; c < s->channels; c++) {
            int32_t sum = (int32_t)((uint32_t)*input++ - zero * (uint32_t)sums[c]);
            /* GCC fuses a product with the sum behind it, which would round once, unless memory stands between them. */
            volatile float product = (float)sum * (step * scales[s->per_channel ? c : 0]);
            float real = s->biased ? product + biases[c] : product;
            *output++ = real < least ? least : real > greatest ? greatest : real;
        }
    }
}

#endif
