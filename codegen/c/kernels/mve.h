/* Requantization on Helium: TensorFlow Lite Micro's double rounding in lanes, to the bit. */
#ifndef BL_MVE_H
#define BL_MVE_H

#include <arm_mve.h>

#include "kernel.h"

/* How sums become codes. Literals: `per_channel`, and `away`, whether the clamp leaves codes below the zero point. */
typedef struct {
    const int32_t *multiplier;
    const int8_t *shift;
    int32_t offset;
    int32_t min;
    int32_t max;
    int32_t per_channel;
    int32_t away;
} bl_lane_requantizer;

/* One vector out of two, saturated: lanes of `even` and `odd` by turns. */
BL_INLINE int16x8_t bl_narrow32(int32x4_t even, int32x4_t odd)
{
    return vqmovntq_s32(vqmovnbq_s32(vreinterpretq_s16_s32(even), even), odd);
}

BL_INLINE int8x16_t bl_narrow16(int16x8_t even, int16x8_t odd)
{
    return vqmovntq_s16(vqmovnbq_s16(vreinterpretq_s8_s16(even), even), odd);
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
