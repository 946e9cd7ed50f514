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

/* Complete 32-bit sums of channel `n`. */
BL_INLINE void bl_complete_octet(uint32_t acc[BL_OCTET_PIXELS], const bl_octet_scratch *s, int32_t n,
                                 const bl_octet_output *o)
{
    int32_t bias = o->short_bias ? ((const int16_t *)o->bias)[n] : ((const int32_t *)o->bias)[n];
    bl_split_octet(acc, s->sums + n * BL_OCTET_WORDS);
    if (o->totals) {
        const uint32_t *totals = s->totals + n * BL_OCTET_PIXELS;
        BL_UNROLL(8)
        for (int32_t p = 0; p < BL_OCTET_PIXELS; p++)
            acc[p] += totals[p];
    }
    BL_UNROLL(8)
    for (int32_t p = 0; p < BL_OCTET_PIXELS; p++)
        acc[p] = acc[p] * (uint32_t)o->unit + (uint32_t)bias;
}

/* By literal: whether all multipliers shift right. */
BL_INLINE void bl_octet_codes(int8_t *const *codes, const bl_octet_scratch *s, int32_t channels, const bl_octet_output *o,
                              int32_t right_shift)
{
    for (int32_t n = 0; n < channels; n++) {
        uint32_t acc[BL_OCTET_PIXELS];
        int32_t i = o->per_channel ? n : 0;
        int32_t multiplier = ((const int32_t *)o->scale)[i];
        int32_t shift = o->shift[i];
        bl_complete_octet(acc, s, n, o);
        BL_UNROLL(8)
        for (int32_t p = 0; p < BL_OCTET_PIXELS; p++) {
            int32_t sum = (int32_t)acc[p];
            int32_t scaled = right_shift ? bl_mbqm_right(sum, multiplier, shift) : bl_mbqm(sum, multiplier, shift);
            codes[p][n] = (int8_t)bl_clamp(scaled + o->offset, o->min, o->max);
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
        uint32_t acc[BL_OCTET_PIXELS];
        int32_t i = o->per_channel ? n : 0;
        bl_complete_octet(acc, s, n, o);
        bl_codes_of_channel(acc, 4, ((const int32_t *)o->scale)[i], o->shift[i], &output);
        bl_codes_of_channel(acc + 4, 4, ((const int32_t *)o->scale)[i], o->shift[i], &output);
        BL_UNROLL(8)
        for (int32_t p = 0; p < BL_OCTET_PIXELS; p++)
            codes[p][n] = (int8_t)acc[p];
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
        uint32_t acc[BL_OCTET_PIXELS];
        bl_complete_octet(acc, s, n, o);
        BL_UNROLL(1)
        for (int32_t p = 0; p < BL_OCTET_PIXELS; p++)
            codes[p][n] = (int8_t)bl_requantize_channel((int32_t)acc[p], scale, 1, o->offset, o->min, o->max);
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
