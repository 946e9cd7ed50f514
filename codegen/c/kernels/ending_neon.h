/*
 * How weighted sums of low-bit layers end on NEON: ending.h for eight output channels at a time. `values` holds for each eight channels, in
 * rows of eight: what is added to their sums, and then
 *  - accumulators: nothing
 *  - multiplier: multipliers, and shifts, all in -31..-1
 *  - thresholds: each channel's first, each one's second, and so on, rising
 */
#ifndef BL_ENDING_NEON_H
#define BL_ENDING_NEON_H

#include "ending.h"
#include "neon.h"

/* Words of a block. */
BL_INLINE int32_t bl_ending_words_neon(const bl_ending *e)
{
    int32_t rows = e->ending == BL_BY_THRESHOLDS ? e->thresholds : e->ending == BL_BY_MULTIPLIER ? 2 : 0;
    return BL_BLOCK_NEON * (1 + rows);
}

/* What memory holds of the codes of eight channels, of at most 8 bits each, a byte each; `values` from the second row on. */
BL_INLINE uint8x8_t bl_end8_neon(int32x4_t low, int32x4_t high, const int32_t *values, const bl_ending *e)
{
    int16x8_t codes;
    if (e->ending == BL_BY_MULTIPLIER) {
        const bl_scales_neon scales = bl_load_scales_neon(values - BL_BLOCK_NEON);
        int16x8_t scaled = bl_scaled8_neon(low, high, &scales, e->act_min < e->output_offset);
        codes = vqaddq_s16(scaled, vdupq_n_s16((int16_t)e->output_offset));
        codes = vminq_s16(vmaxq_s16(codes, vdupq_n_s16((int16_t)e->act_min)), vdupq_n_s16((int16_t)e->act_max));
    } else {
        int32x4_t reached_low = vdupq_n_s32(0), reached_high = reached_low;
        BL_UNROLL(15)
        for (int32_t t = 0; t < e->thresholds; t++) {
            reached_low = vsubq_s32(reached_low, vreinterpretq_s32_u32(vcgeq_s32(low, vld1q_s32(values + 8 * t))));
            reached_high = vsubq_s32(reached_high, vreinterpretq_s32_u32(vcgeq_s32(high, vld1q_s32(values + 8 * t + 4))));
        }
        int16x8_t reached = vcombine_s16(vmovn_s32(reached_low), vmovn_s32(reached_high));
        codes = e->output_bits == 1 ? vsubq_s16(vdupq_n_s16(1), reached)
                                    : vaddq_s16(reached, vdupq_n_s16((int16_t)e->act_min));
    }
    return vreinterpret_u8_s8(vmovn_s16(codes));
}

/* Puts codes of so many bits, a byte each, together, the first in the lowest bits. */
BL_INLINE uint8x8_t bl_pack8_neon(uint8x8_t codes, int32_t bits)
{
    for (; bits < 8; bits *= 2) {
        uint16x4_t pairs = vreinterpret_u16_u8(codes);
        uint16x4_t joined = vorr_u16(pairs, vshl_u16(pairs, vdup_n_s16((int16_t)(bits - 8))));
        codes = vmovn_u16(vcombine_u16(joined, joined));
    }
    return codes;
}

/* Stores a block from channel `c` on, of a pixel of whole words whose other bits are zero; sums without what is added to them. */
BL_INLINE void bl_end_block_neon(uint8_t *pixel, int32_t c, int32x4_t low, int32x4_t high, const int32_t *values,
                                 const bl_ending *e)
{
    int32_t count = e->channels % BL_BLOCK_NEON == 0 ? BL_BLOCK_NEON : bl_min(e->channels - c, BL_BLOCK_NEON);
    if (e->ending == BL_BY_ACCUMULATOR) {
        int32_t sums[BL_BLOCK_NEON];
        vst1q_s32(sums, low);
        vst1q_s32(sums + 4, high);
        __builtin_memcpy(pixel + 4 * c, sums, 4 * (uint32_t)count);
        return;
    }
    uint8x8_t codes = bl_end8_neon(low, high, values + BL_BLOCK_NEON, e);
    if (e->output_bits == 8) {
        bl_store8_neon((int8_t *)pixel + c, vreinterpret_s8_u8(codes), count);
        return;
    }
    if (count < BL_BLOCK_NEON)
        codes = vand_u8(codes, vcreate_u8(~0ull >> (8 * (BL_BLOCK_NEON - count))));
    uint32_t packed = vget_lane_u32(vreinterpret_u32_u8(bl_pack8_neon(codes, e->output_bits)), 0);
    __builtin_memcpy(pixel + c / BL_BLOCK_NEON * e->output_bits, &packed, (uint32_t)e->output_bits);
    int32_t end = (c / BL_BLOCK_NEON + 1) * e->output_bits;
    if (c + BL_BLOCK_NEON >= e->channels)
        __builtin_memset(pixel + end, 0, (uint32_t)(-end & 3));
}

#endif
