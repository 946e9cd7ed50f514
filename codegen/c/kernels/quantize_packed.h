/* TABLE and QUANTIZE to packed types, and DEQUANTIZE from them, by rows. */
#ifndef BL_QUANTIZE_PACKED_H
#define BL_QUANTIZE_PACKED_H

#include "packed.h"
#include "quantize.h"

typedef struct {
    int32_t rows, depth, bits;
} bl_packed_rows_shape;

typedef bl_packed_rows_shape bl_look_up_packed_shape;
typedef bl_packed_rows_shape bl_dequantize_packed_shape;

/* `table`: what memory holds of the code for each byte. */
BL_INLINE void bl_look_up_packed(uint32_t *output, const void *input, const uint8_t *table,
                                 const bl_look_up_packed_shape *s)
{
    const uint8_t *byte = input;
    for (int32_t row = 0; row < s->rows; row++, output += bl_row_bytes(s->depth, s->bits) >> 2)
        for (int32_t i = 0; i < s->depth; i++)
            bl_store_code(output, i, table[*byte++], s->bits);
}

#define BL_REQUANTIZE_PACKED(suffix, in)                                                                               \
    typedef struct {                                                                                                   \
        int32_t rows, depth, bits, shift, act_min, act_max;                                                            \
    } bl_requantize_packed_##suffix##_shape;                                                                           \
                                                                                                                       \
    BL_INLINE void bl_requantize_packed_##suffix(uint32_t *output, const in *input, int32_t zero_point_in,             \
                                                 int32_t zero_point, int32_t multiplier,                               \
                                                 const bl_requantize_packed_##suffix##_shape *s)                       \
    {                                                                                                                  \
        for (int32_t row = 0; row < s->rows; row++, output += bl_row_bytes(s->depth, s->bits) >> 2)                    \
            for (int32_t i = 0; i < s->depth; i++) {                                                                   \
                int32_t x = (int32_t)((uint32_t)*input++ - (uint32_t)zero_point_in);                                   \
                int32_t scaled = (int32_t)((uint32_t)bl_mbqm(x, multiplier, s->shift) + (uint32_t)zero_point);         \
                bl_store_code(output, i, bl_clamp(scaled, s->act_min, s->act_max), s->bits);                           \
            }                                                                                                          \
    }

BL_REQUANTIZE_PACKED(s16, int16_t)
BL_REQUANTIZE_PACKED(s32, int32_t)

typedef struct {
    int32_t rows, depth, bits, act_min, act_max;
} bl_quantize_packed_f32_shape;

/* `scale` holds the bits of a float. */
BL_INLINE void bl_quantize_packed_f32(uint32_t *output, const float *input, int32_t scale, int32_t zero_point,
                                      const bl_quantize_packed_f32_shape *s)
{
    float real_scale = bl_float_of_bits(scale);
    for (int32_t row = 0; row < s->rows; row++, output += bl_row_bytes(s->depth, s->bits) >> 2)
        for (int32_t i = 0; i < s->depth; i++) {
            int32_t code = bl_quantize_float(*input++, real_scale, s->act_min - zero_point, s->act_max - zero_point);
            bl_store_code(output, i, code + zero_point, s->bits);
        }
}

typedef struct {
    int32_t rows, depth, bits, count, act_min;
} bl_quantize_thresholds_shape;

/* The code is `act_min` and how many of `count` rising thresholds x reaches; NaN reaches none. */
BL_INLINE void bl_quantize_thresholds(void *output, const float *input, const float *thresholds,
                                      const bl_quantize_thresholds_shape *s)
{
    uint8_t *row = output;
    for (int32_t i = 0; i < s->rows; i++, row += bl_row_bytes(s->depth, s->bits))
        for (int32_t k = 0; k < s->depth; k++) {
            float x = *input++;
            int32_t reached = 0;
            for (int32_t t = 0; t < s->count; t++)
                reached += x >= thresholds[t];
            bl_store_code(row, k, s->bits == 1 ? 1 - reached : s->act_min + reached, s->bits);
        }
}

typedef struct {
    int32_t rows, depth, bits, output_bits;
} bl_requantize_few_shape;

/* `table`: the code for each that is stored. */
BL_INLINE void bl_requantize_few(void *output, const uint32_t *input, const int32_t *table,
                                 const bl_requantize_few_shape *s)
{
    uint8_t *row = output;
    for (int32_t k = 0; k < s->rows; k++, row += bl_row_bytes(s->depth, s->output_bits)) {
        for (int32_t i = 0; i < s->depth; i++)
            bl_store_code(row, i, table[bl_load_code(input, i, s->bits)], s->output_bits);
        input += bl_row_bytes(s->depth, s->bits) >> 2;
    }
}

BL_INLINE void bl_dequantize_packed(float *output, const uint32_t *input, int32_t scale, int32_t zero_point,
                                    const bl_dequantize_packed_shape *s)
{
    float real_scale = bl_float_of_bits(scale);
    for (int32_t row = 0; row < s->rows; row++, input += bl_row_bytes(s->depth, s->bits) >> 2)
        for (int32_t i = 0; i < s->depth; i++)
            *output++ = real_scale * (float)(bl_code_of(bl_load_code(input, i, s->bits), s->bits) - zero_point);
}

#endif
