/* SOFTMAX over rows: TensorFlow Lite Micro's reference/softmax.h, with its exponentials as tables. */
#ifndef BL_SOFTMAX_H
#define BL_SOFTMAX_H

#include "bits.h"
#include "requantize.h"

typedef struct {
    int32_t rows, depth;
    /* Entries of the table; the exponential of a larger difference counts as 0. */
    int32_t table_size;
} bl_softmax_s8_shape;

typedef bl_softmax_s8_shape bl_softmax_s8_s16_shape;

/* 1 / (1 + a) in Q0.31 for a in Q0.31, 0 <= a < 1: gemmlowp's Newton-Raphson division. */
BL_INLINE int32_t bl_one_over_one_plus(int32_t a)
{
    int32_t half_denominator = (int32_t)(((uint32_t)a + 0x80000000u) >> 1);
    int32_t x = 1515870810 + bl_srdhm(-1010580540, half_denominator);
    for (int32_t i = 0; i < 3; i++) {
        int32_t error = (1 << 29) - bl_srdhm(x, half_denominator);
        x += bl_saturating_shift_left(bl_srdhm(error, x), 2);
    }
    return bl_saturating_shift_left(x, 1);
}

/* exp_table[d] is the exponential of -d codes in Q0.31. Beyond 31 bits a share of the sum is less than half a code. */
#define BL_SOFTMAX_S8(name, out, output_bits)                                                                          \
    BL_INLINE void bl_##name(out *output, const int8_t *input, const int32_t *exp_table, const bl_##name##_shape *s)   \
    {                                                                                                                  \
        int32_t min = -(1 << ((output_bits) - 1));                                                                     \
        for (int32_t row = 0; row < s->rows; row++) {                                                                  \
            const int8_t *x = input + row * s->depth;                                                                  \
            out *y = output + row * s->depth;                                                                          \
            int32_t largest = INT8_MIN;                                                                                \
            for (int32_t i = 0; i < s->depth; i++)                                                                     \
                largest = bl_max(largest, x[i]);                                                                       \
            uint32_t sum = 0;                                                                                          \
            for (int32_t i = 0; i < s->depth; i++) {                                                                   \
                int32_t difference = largest - x[i];                                                                   \
                if (difference < s->table_size)                                                                        \
                    sum += (uint32_t)bl_rdbp(exp_table[difference], 12);                                               \
            }                                                                                                          \
            int32_t headroom = bl_clz(sum);                                                                            \
            int32_t scale = bl_one_over_one_plus((int32_t)((sum << headroom) & 0x7fffffffu));                          \
            int32_t exponent = 12 - headroom + 31 - (output_bits);                                                     \
            for (int32_t i = 0; i < s->depth; i++) {                                                                   \
                int32_t difference = largest - x[i];                                                                   \
                int32_t code = min;                                                                                    \
                if (difference < s->table_size && exponent <= 31)                                                      \
                    code += bl_rdbp(bl_srdhm(exp_table[difference], scale), exponent);                                 \
                y[i] = (out)bl_min(code, -1 - min);                                                                    \
            }                                                                                                          \
        }                                                                                                              \
    }

BL_SOFTMAX_S8(softmax_s8, int8_t, 8)
BL_SOFTMAX_S8(softmax_s8_s16, int16_t, 16)

typedef struct {
    int32_t rows, depth, shift;
} bl_softmax_s16_shape;

/* A table of 513 entries by 9 bits of the code, interpolated by the other 7. */
BL_INLINE int32_t bl_look_up_s16(const int16_t *table, int32_t code)
{
    int32_t index = 256 + (code >> 7);
    int32_t base = table[index];
    return base + (((table[index + 1] - base) * (code & 127) + 64) >> 7);
}

/* Exponentials of [-10, 0] in `exp_table`, 1 / (1 + x) for [0, 1] in `reciprocal_table`, both in Q0.15. */
BL_INLINE void bl_softmax_s16(int16_t *output, const int16_t *input, const int16_t *exp_table,
                              const int16_t *reciprocal_table, int32_t multiplier,
                              const bl_softmax_s16_shape *s)
{
    for (int32_t row = 0; row < s->rows; row++) {
        const int16_t *x = input + row * s->depth;
        int16_t *y = output + row * s->depth;
        int32_t largest = INT16_MIN;
        for (int32_t i = 0; i < s->depth; i++)
            largest = bl_max(largest, x[i]);
        int32_t sum = 0;
        for (int32_t i = 0; i < s->depth; i++) {
            int32_t scaled = bl_mbqm(x[i] - largest, multiplier, s->shift);
            int32_t e = bl_look_up_s16(exp_table, bl_max(scaled, -65535) + 32767);
            y[i] = (int16_t)e;
            sum += e;
        }
        /* sum = (1 + fraction) * 2^(30 - zeros), at least one; the fraction is rounded to 16 bits. */
        int32_t zeros = bl_clz((uint32_t)sum);
        int32_t fraction = (int32_t)((((uint32_t)sum << (zeros - 1)) + (1u << 13)) >> 14) - (1 << 16);
        int32_t reciprocal = bl_look_up_s16(reciprocal_table, bl_min(fraction - (1 << 15), INT16_MAX));
        int32_t right_shift = 31 - zeros;
        for (int32_t i = 0; i < s->depth; i++) {
            int32_t product = y[i] * reciprocal;
            y[i] = (int16_t)bl_clamp((product + (1 << (right_shift - 1))) >> right_shift, 0, INT16_MAX);
        }
    }
}

#endif
