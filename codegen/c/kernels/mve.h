/* Requantization on Helium: TensorFlow Lite Micro's double rounding in lanes, to the bit. */
#ifndef BL_MVE_H
#define BL_MVE_H

#include <arm_mve.h>

#include "kernel.h"

/*
 * How sums become codes. Literals: `per_channel`, whether multipliers and shifts come from elsewhere; `away`, whether
 * some code is below the zero point; `clamped`, whether the clamp is narrower than int8.
 */
typedef struct {
    int32_t multiplier;
    int32_t shift;
    int32_t offset;
    int32_t min;
    int32_t max;
    int32_t per_channel;
    int32_t away;
    int32_t clamped;
} bl_lane_requantizer;

/*
 * One vector out of two, saturated: lanes of `even` and `odd` by turns. Assembly, because the intrinsic of the first
 * half wants an initial value for the lanes that the second half fills.
 */
BL_INLINE int16x8_t bl_narrow32(int32x4_t even, int32x4_t odd)
{
    int16x8_t narrow;
    __asm__("vqmovnb.s32 %q0, %q1" : "=w"(narrow) : "w"(even));
    return vqmovntq_s32(narrow, odd);
}

BL_INLINE int8x16_t bl_narrow16(int16x8_t even, int16x8_t odd)
{
    int8x16_t narrow;
    __asm__("vqmovnb.s16 %q0, %q1" : "=w"(narrow) : "w"(even));
    return vqmovntq_s16(narrow, odd);
}

/* Saturates to int8 what a narrowing store writes: the low bytes. */
BL_INLINE int16x8_t bl_saturate8(int16x8_t x)
{
    return vreinterpretq_s16_s8(vqmovnbq_s16(vreinterpretq_s8_s16(x), x));
}

/*
 * The second rounding. VRSHL rounds ties up, the reference away from zero: they differ for negative values alone.
 * Where the clamp hides those (`away` = 0: no code below the output's zero point), VRSHL does.
 */
BL_INLINE int32x4_t bl_away(int32x4_t x, int32_t away)
{
    return away ? vaddq_s32(x, vshrq_n_s32(x, 31)) : x;
}

/* MBQM by lane for shifts in -31..-1. VQRDMULH is SaturatingRoundingDoublingHighMul. */
BL_INLINE int32x4_t bl_mbqm_lanes(int32x4_t x, int32x4_t multiplier, int32x4_t shift, int32_t away)
{
    return vrshlq_s32(bl_away(vqrdmulhq_s32(x, multiplier), away), shift);
}

BL_INLINE int32x4_t bl_mbqm_lanes_n(int32x4_t x, int32_t multiplier, int32_t shift, int32_t away)
{
    return vrshlq_n_s32(bl_away(vqrdmulhq_n_s32(x, multiplier), away), shift);
}

#endif
