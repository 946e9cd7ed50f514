/* Requantization on NEON: TensorFlow Lite Micro's double rounding in lanes, to the bit. */
#ifndef BL_NEON_H
#define BL_NEON_H

#include <arm_neon.h>

#include "kernel.h"

/*
 * Before a loop of a literal number of turns: unrolls it whole, and before the compiler takes apart into registers the arrays that the
 * loop indexes. Counts do so too late for clang.
 */
#if defined(__clang__)
#define BL_UNROLL_ALL BL_PRAGMA(clang loop unroll(full))
#else
#define BL_UNROLL_ALL BL_UNROLL(32)
#endif

/*
 * What a block of eight output channels ends with, as `parameters` has it: biases, multipliers and shifts, eight of each. Literals
 * of a layer: `away`, whether some code is below the output's zero point; `clamped`, whether the clamp is narrower than int8.
 */
#define BL_BLOCK_NEON 8
#define BL_PARAMETERS_NEON 24

typedef struct {
    int32_t offset;
    int32_t min;
    int32_t max;
    int32_t away;
    int32_t clamped;
} bl_neon_ending;

/*
 * MBQM by lane for shifts in -31..-1. VQRDMULH is SaturatingRoundingDoublingHighMul; VRSHL rounds ties up, the reference away from
 * zero: they differ for negative values alone. Where the clamp hides those (`away` = 0: no code below the output's zero
 * point), VRSHL does.
 */
BL_INLINE int32x4_t bl_mbqm_neon(int32x4_t x, int32x4_t multiplier, int32x4_t shift, int32_t away)
{
    int32x4_t high = vqrdmulhq_s32(x, multiplier);
    return vrshlq_s32(away ? vsraq_n_s32(high, high, 31) : high, shift);
}

/* Multipliers and shifts of a block. */
typedef struct {
    int32x4_t multiplier[2];
    int32x4_t shift[2];
} bl_scales_neon;

BL_INLINE bl_scales_neon bl_load_scales_neon(const int32_t *parameters)
{
    const int32_t *multiplier = parameters + BL_BLOCK_NEON;
    const int32_t *shift = multiplier + BL_BLOCK_NEON;
    const bl_scales_neon scales = {{vld1q_s32(multiplier), vld1q_s32(multiplier + 4)},
                                   {vld1q_s32(shift), vld1q_s32(shift + 4)}};
    return scales;
}

/* Eight sums, biases included, as they come out of their multipliers, in 16 bits. */
BL_INLINE int16x8_t bl_scaled8_neon(int32x4_t low, int32x4_t high, const bl_scales_neon *scales, int32_t away)
{
    int32x4_t a = bl_mbqm_neon(low, scales->multiplier[0], scales->shift[0], away);
    int32x4_t b = bl_mbqm_neon(high, scales->multiplier[1], scales->shift[1], away);
    return vcombine_s16(vqmovn_s32(a), vqmovn_s32(b));
}

BL_INLINE int8x8_t bl_clamp8_neon(int8x8_t codes, const bl_neon_ending *e)
{
    return e->clamped ? vmin_s8(vmax_s8(codes, vdup_n_s8((int8_t)e->min)), vdup_n_s8((int8_t)e->max)) : codes;
}

/* The codes of eight channels. */
BL_INLINE int8x8_t bl_codes8_neon(int16x8_t scaled, const bl_neon_ending *e)
{
    return bl_clamp8_neon(vqmovn_s16(vqaddq_s16(scaled, vdupq_n_s16((int16_t)e->offset))), e);
}

/* Writes the first `count` of eight. */
BL_INLINE void bl_store8_neon(int8_t *output, int8x8_t codes, int32_t count)
{
    if (count >= BL_BLOCK_NEON) {
        vst1_s8(output, codes);
        return;
    }
    int8_t last[BL_BLOCK_NEON];
    vst1_s8(last, codes);
    for (int32_t i = 0; i < count; i++)
        output[i] = last[i];
}

#endif
