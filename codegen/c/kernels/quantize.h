/* QUANTIZE and DEQUANTIZE, and activations that are a change of scale with a clamp. */
#ifndef BL_QUANTIZE_H
#define BL_QUANTIZE_H

#include <string.h>

#include "requantize.h"

typedef struct {
    int32_t size;
} bl_quantize_shape;

/* reference/requantize.h: from one scale to another. The zero points wrap, as they do there. */
#define BL_REQUANTIZE(suffix, in, out)                                                                                 \
    typedef struct {                                                                                                   \
        int32_t size, shift, act_min, act_max;                                                                         \
    } bl_requantize_##suffix##_shape;                                                                                  \
                                                                                                                       \
    BL_INLINE void bl_requantize_##suffix(out *output, const in *input, int32_t zero_point_in, int32_t zero_point,     \
                                          int32_t multiplier, const bl_requantize_##suffix##_shape *s)                 \
    {                                                                                                                  \
        for (int32_t i = 0; i < s->size; i++) {                                                                        \
            int32_t x = (int32_t)((uint32_t)input[i] - (uint32_t)zero_point_in);                                       \
            int32_t scaled = (int32_t)((uint32_t)bl_mbqm(x, multiplier, s->shift) + (uint32_t)zero_point);             \
            output[i] = (out)bl_clamp(scaled, s->act_min, s->act_max);                                                 \
        }                                                                                                              \
    }

BL_REQUANTIZE(s8_s16, int8_t, int16_t)
BL_REQUANTIZE(s8_s32, int8_t, int32_t)
BL_REQUANTIZE(u8_s16, uint8_t, int16_t)
BL_REQUANTIZE(u8_s32, uint8_t, int32_t)
BL_REQUANTIZE(s16_s8, int16_t, int8_t)
BL_REQUANTIZE(s16_u8, int16_t, uint8_t)
BL_REQUANTIZE(s16_s16, int16_t, int16_t)
BL_REQUANTIZE(s16_s32, int16_t, int32_t)
BL_REQUANTIZE(s32_s8, int32_t, int8_t)
BL_REQUANTIZE(s32_u8, int32_t, uint8_t)
BL_REQUANTIZE(s32_s16, int32_t, int16_t)
BL_REQUANTIZE(s32_s32, int32_t, int32_t)

typedef bl_quantize_shape bl_clamp_s16_shape;

BL_INLINE void bl_clamp_s16(int16_t *output, const int16_t *input, int32_t act_min, int32_t act_max,
                            const bl_quantize_shape *s)
{
    for (int32_t i = 0; i < s->size; i++)
        output[i] = (int16_t)bl_clamp(input[i], act_min, act_max);
}

BL_INLINE float bl_float_of_bits(int32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/*
 * round(x / scale), ties away from zero, within [min, max], which lie below 2^23; NaN gives min. Truncates after adding
 * the float below 0.5: with 0.5 itself, the sum with the float below 0.5 would round up to 1.
 */
BL_INLINE int32_t bl_quantize_float(float x, float scale, int32_t min, int32_t max)
{
    float quotient = x / scale;
    if (quotient >= (float)max)
        return max;
    if (!(quotient > (float)min))
        return min;
    const float half = 0.49999997f;
    return (int32_t)(quotient + (quotient < 0.0f ? -half : half));
}

/* reference/quantize.h; `scale` holds the bits of a float. */
#define BL_QUANTIZE_F32(suffix, out)                                                                                   \
    typedef bl_quantize_shape bl_quantize_f32_##suffix##_shape;                                                        \
                                                                                                                       \
    BL_INLINE void bl_quantize_f32_##suffix(out *output, const float *input, int32_t scale, int32_t zero_point,        \
                                            int32_t act_min, int32_t act_max, const bl_quantize_shape *s)              \
    {                                                                                                                  \
        float real_scale = bl_float_of_bits(scale);                                                                    \
        for (int32_t i = 0; i < s->size; i++) {                                                                        \
            int32_t code = bl_quantize_float(input[i], real_scale, act_min - zero_point, act_max - zero_point);        \
            output[i] = (out)(code + zero_point);                                                                      \
        }                                                                                                              \
    }

BL_QUANTIZE_F32(s8, int8_t)
BL_QUANTIZE_F32(u8, uint8_t)
BL_QUANTIZE_F32(s16, int16_t)

/* reference/dequantize.h. There the product is binary64; code less zero point is exact in a float: one rounding too. */
#define BL_DEQUANTIZE(suffix, in)                                                                                      \
    typedef bl_quantize_shape bl_dequantize_##suffix##_shape;                                                          \
                                                                                                                       \
    BL_INLINE void bl_dequantize_##suffix(float *output, const in *input, int32_t scale, int32_t zero_point,           \
                                          const bl_quantize_shape *s)                                                  \
    {                                                                                                                  \
        float real_scale = bl_float_of_bits(scale);                                                                    \
        for (int32_t i = 0; i < s->size; i++)                                                                          \
            output[i] = real_scale * (float)(input[i] - zero_point);                                                   \
    }

BL_DEQUANTIZE(s8, int8_t)
BL_DEQUANTIZE(u8, uint8_t)
BL_DEQUANTIZE(s16, int16_t)

typedef bl_quantize_shape bl_dequantize_s32_shape;

/* An int32 need not be exact in a float. */
BL_INLINE void bl_dequantize_s32(float *output, const int32_t *input, int32_t scale, int32_t zero_point,
                                 const bl_quantize_shape *s)
{
    double real_scale = (double)bl_float_of_bits(scale);
    for (int32_t i = 0; i < s->size; i++)
        output[i] = (float)(real_scale * ((double)input[i] - zero_point));
}

typedef struct {
    int32_t rows, channels;
} bl_dequantize_channels_s32_shape;

/* Each channel of a row by a scale of its own. */
BL_INLINE void bl_dequantize_channels_s32(float *output, const int32_t *input, const float *scales, int32_t zero_point,
                                          const bl_dequantize_channels_s32_shape *s)
{
    for (int32_t row = 0; row < s->rows; row++)
        for (int32_t c = 0; c < s->channels; c++)
            *output++ = (float)((double)scales[c] * ((double)*input++ - zero_point));
}

#endif
