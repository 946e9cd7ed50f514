/* From the sums of octet_tables.h to codes, by what the core multiplies with. */
#ifndef BL_OCTET_CODES_H
#define BL_OCTET_CODES_H

#include "octet_tables.h"
#include "output.h"
#include "output_simd32.h"
#include "requantize_digits.h"

/* How sums become codes: sum * unit + bias, a channel's multiplier, offset, clamp. */
typedef struct {
    const void *bias; /* int32, or int16 where `short_bias`; includes -zero point * sum(weights) */
    const void *scale; /* requantize.h, output_simd32.h: int32 multipliers; requantize_digits.h: digits */
    const int8_t *shift; /* output_simd32.h: right shifts */
    int32_t short_bias;
    int32_t per_channel; /* each channel has a scale of its own */
    int32_t unit;        /* what all weights are multiples of */
    int32_t totals;      /* some sums have left their 16 bits */
    int32_t offset;
    int32_t min;
    int32_t max;
} bl_octet_output;

/* What a channel's sums of 16 bits are multiplied by and begin with; low ones lie 0x8000 higher. */
typedef struct {
    uint32_t unit;
    uint32_t low;
    uint32_t high;
} bl_octet_bias;

BL_INLINE bl_octet_bias bl_octet_bias_of(int32_t n, const bl_octet_output *o)
{
    int32_t bias = o->short_bias ? ((const int16_t *)o->bias)[n] : ((const int32_t *)o->bias)[n];
    bl_octet_bias b = {(uint32_t)o->unit, (uint32_t)bias - (uint32_t)o->unit * 0x8000u, (uint32_t)bias};
    return b;
}

/* Pixels whose sums are complete at a time: as many as there are registers for. */
#define BL_OCTET_HALF 4

/* Complete sums of channel `n` for pixels `from` and on. */
BL_INLINE void bl_complete_half(uint32_t acc[BL_OCTET_HALF], const bl_octet_scratch *s, int32_t n, int32_t from,
                                const bl_octet_bias *b, int32_t with_totals)
{
    const uint32_t *entry = s->sums + n * BL_OCTET_WORDS + from / 2;
    BL_UNROLL(2)
    for (int32_t w = 0; w < BL_OCTET_HALF / 2; w++) {
        acc[2 * w] = (entry[w] & 0xffffu) * b->unit + b->low;
        acc[2 * w + 1] = (uint32_t)((int32_t)entry[w] >> 16) * b->unit + b->high;
    }
    if (!with_totals)
        return;
    const uint32_t *totals = s->totals + n * BL_OCTET_PIXELS + from;
    BL_UNROLL(4)
    for (int32_t p = 0; p < BL_OCTET_HALF; p++)
        acc[p] += totals[p] * b->unit;
}

/* By literal: whether all multipliers shift right. */
BL_INLINE void bl_octet_codes(int8_t *const *codes, const bl_octet_scratch *s, int32_t channels, const bl_octet_output *o,
                              int32_t right_shift)
{
    for (int32_t n = 0; n < channels; n++) {
        bl_octet_bias bias = bl_octet_bias_of(n, o);
        int32_t i = o->per_channel ? n : 0;
        int32_t multiplier = ((const int32_t *)o->scale)[i];
        int32_t shift = o->shift[i];
        BL_UNROLL(1)
        for (int32_t from = 0; from < BL_OCTET_PIXELS; from += BL_OCTET_HALF) {
            uint32_t acc[BL_OCTET_HALF];
            bl_complete_half(acc, s, n, from, &bias, o->totals);
            BL_UNROLL(4)
            for (int32_t p = 0; p < BL_OCTET_HALF; p++) {
                int32_t sum = (int32_t)acc[p];
                int32_t scaled = right_shift ? bl_mbqm_right(sum, multiplier, shift) : bl_mbqm(sum, multiplier, shift);
                codes[from + p][n] = (int8_t)bl_clamp(scaled + o->offset, o->min, o->max);
            }
        }
    }
}

BL_OUTLINE void bl_octet_codes_right(int8_t *const *codes, const bl_octet_scratch *s, int32_t channels,
                                     const bl_octet_output *o)
{
    bl_octet_codes(codes, s, channels, o, 1);
}

BL_OUTLINE void bl_octet_codes_any(int8_t *const *codes, const bl_octet_scratch *s, int32_t channels,
                                   const bl_octet_output *o)
{
    bl_octet_codes(codes, s, channels, o, 0);
}

/* By SMMLAR. Literal: `clamps`. */
BL_INLINE void bl_octet_codes_simd32(int8_t *const *codes, const bl_octet_scratch *s, int32_t channels,
                                     const bl_octet_output *o, int32_t clamps)
{
    bl_output_simd32 output = {o->offset, o->min, o->max, clamps, 1};
    for (int32_t n = 0; n < channels; n++) {
        bl_octet_bias bias = bl_octet_bias_of(n, o);
        int32_t i = o->per_channel ? n : 0;
        int32_t multiplier = ((const int32_t *)o->scale)[i];
        int32_t shift = o->shift[i];
        BL_UNROLL(2)
        for (int32_t from = 0; from < BL_OCTET_PIXELS; from += BL_OCTET_HALF) {
            uint32_t acc[BL_OCTET_HALF];
            bl_complete_half(acc, s, n, from, &bias, o->totals);
            bl_codes_of_channel(acc, BL_OCTET_HALF, multiplier, shift, &output);
            BL_UNROLL(4)
            for (int32_t p = 0; p < BL_OCTET_HALF; p++)
                codes[from + p][n] = (int8_t)acc[p];
        }
    }
}

BL_OUTLINE void bl_octet_codes_simd32_clamped(int8_t *const *codes, const bl_octet_scratch *s, int32_t channels,
                                              const bl_octet_output *o)
{
    bl_octet_codes_simd32(codes, s, channels, o, 1);
}

BL_OUTLINE void bl_octet_codes_simd32_whole(int8_t *const *codes, const bl_octet_scratch *s, int32_t channels,
                                            const bl_octet_output *o)
{
    bl_octet_codes_simd32(codes, s, channels, o, 0);
}

/* By digits of the multiplier, for sums below 2^20 and shifts to the right. */
BL_OUTLINE void bl_octet_codes_digits(int8_t *const *codes, const bl_octet_scratch *s, int32_t channels,
                                      const bl_octet_output *o)
{
    const int16_t *scale = (const int16_t *)o->scale;
    for (int32_t n = 0; n < channels; n++, scale += o->per_channel ? 4 : 0) {
        bl_octet_bias bias = bl_octet_bias_of(n, o);
        BL_UNROLL(1)
        for (int32_t from = 0; from < BL_OCTET_PIXELS; from += BL_OCTET_HALF) {
            uint32_t acc[BL_OCTET_HALF];
            bl_complete_half(acc, s, n, from, &bias, o->totals);
            BL_UNROLL(1)
            for (int32_t p = 0; p < BL_OCTET_HALF; p++) {
                int32_t code = bl_requantize_channel((int32_t)acc[p], scale, 1, o->offset, o->min, o->max);
                codes[from + p][n] = (int8_t)code;
            }
        }
    }
}

/* What a layer needs: literals. */
typedef enum { BL_OCTET_RIGHT, BL_OCTET_ANY, BL_OCTET_SIMD32, BL_OCTET_SIMD32_CLAMPED, BL_OCTET_DIGITS } bl_octet_form;

typedef void (*bl_octet_function)(int8_t *const *codes, const bl_octet_scratch *s, int32_t channels,
                                  const bl_octet_output *o);

BL_INLINE bl_octet_function bl_octet_codes_of(int32_t form)
{
    switch (form) {
    case BL_OCTET_RIGHT:
        return bl_octet_codes_right;
    case BL_OCTET_ANY:
        return bl_octet_codes_any;
    case BL_OCTET_SIMD32:
        return bl_octet_codes_simd32_whole;
    case BL_OCTET_SIMD32_CLAMPED:
        return bl_octet_codes_simd32_clamped;
    default:
        return bl_octet_codes_digits;
    }
}

#endif
