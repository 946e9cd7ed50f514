/*
 * LOGISTIC and TANH of 16-bit codes by one table of the sigmoid, interpolated: TensorFlow Lite Micro's
 * reference/integer_ops/logistic.h and tanh.h. The table holds sigmoid(i / 24) * 65536 - 32768 for i = 0..255.
 */
#ifndef BL_SIGMOID_H
#define BL_SIGMOID_H

#include "kernel.h"

typedef struct {
    int32_t size;
} bl_logistic_s16_shape;

typedef bl_logistic_s16_shape bl_tanh_s16_shape;

/* The code in the table's unit, 1/12288; 0 <= multiplier < 2^15, 0 <= shift <= 31. */
BL_INLINE int32_t bl_sigmoid_input(int32_t code, int32_t multiplier, int32_t shift)
{
    return (code * multiplier + (shift > 0 ? 1 << (shift - 1) : 0)) >> shift;
}

/* The sigmoid of magnitude / 2^bits steps of the table, in Q0.(16 + bits). */
BL_INLINE int32_t bl_sigmoid_at(const int16_t *table, int32_t magnitude, int32_t bits, int32_t saturated)
{
    int32_t index = magnitude >> bits;
    if (index >= 255)
        return saturated;
    int32_t here = table[index];
    return (here + 32768) * (1 << bits) + (magnitude & ((1 << bits) - 1)) * (table[index + 1] - here);
}

BL_INLINE void bl_logistic_s16(int16_t *output, const int16_t *input, const int16_t *table, int32_t multiplier,
                               int32_t shift, const bl_logistic_s16_shape *s)
{
    for (int32_t i = 0; i < s->size; i++) {
        int32_t x = bl_sigmoid_input(input[i], multiplier, shift);
        int32_t y = bl_sigmoid_at(table, x < 0 ? -x : x, 9, 0x7fff * (1 << 10));
        output[i] = (int16_t)((x >= 0 ? y + (1 << 9) : (1 << 25) - y + (1 << 9) - 1) >> 10);
    }
}

/* tanh(x) = 2 sigmoid(2x) - 1 */
BL_INLINE void bl_tanh_s16(int16_t *output, const int16_t *input, const int16_t *table, int32_t multiplier,
                           int32_t shift, const bl_tanh_s16_shape *s)
{
    for (int32_t i = 0; i < s->size; i++) {
        int32_t x = bl_sigmoid_input(input[i], multiplier, shift);
        int32_t y = bl_sigmoid_at(table, x < 0 ? -x : x, 8, 0xffff * (1 << 8)) - (1 << 23);
        output[i] = (int16_t)((x >= 0 ? y + (1 << 7) : -y + (1 << 7) - 1) >> 8);
    }
}

#endif
