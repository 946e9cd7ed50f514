/*
 * How weighted sums of low-bit layers end: from a sum of an output channel to what memory holds of its code. The kind is a
 * literal of the shape. `ending` holds, for all output channels:
 *  - accumulators: what is added to the sum of each channel
 *  - multiplier: the same, then the multipliers (one, or one a channel), then as many shifts of a byte
 *  - thresholds: 2^n - 1 for each channel, rising, with what would be added to the sum taken off; the unused ones are never reached
 */
#ifndef BL_ENDING_H
#define BL_ENDING_H

#include "packed.h"
#include "requantize.h"

typedef enum { BL_BY_ACCUMULATOR, BL_BY_MULTIPLIER, BL_BY_THRESHOLDS } bl_ending_kind;

/* What a kernel's shape says about it, before a member that ends the list. */
#define BL_ENDING_MEMBERS                                                                                              \
    int32_t ending;      /* bl_ending_kind */                                                                          \
    int32_t output_bits; /* of an element in memory: 32, 8, 4, 2 or 1 */                                               \
    int32_t thresholds;  /* of a channel */                                                                            \
    int32_t per_channel; /* each channel has a multiplier of its own */                                                \
    int32_t right_shift; /* every shift is in -31..-1 */                                                               \
    int32_t output_offset;                                                                                             \
    int32_t act_min;                                                                                                   \
    int32_t act_max

typedef struct {
    const int32_t *values;
    int32_t channels;
    BL_ENDING_MEMBERS;
} bl_ending;

/* The ending of a shape with members `output_channels` and BL_ENDING_MEMBERS. */
#define BL_ENDING_OF(values, s)                                                                                        \
    {                                                                                                                  \
        values, (s)->output_channels, (s)->ending, (s)->output_bits, (s)->thresholds, (s)->per_channel,                \
            (s)->right_shift, (s)->output_offset, (s)->act_min, (s)->act_max                                           \
    }

/* How many of 2^n - 1 rising thresholds the sum reaches. */
BL_INLINE int32_t bl_reached(int32_t sum, const int32_t *thresholds, int32_t count)
{
    int32_t reached = 0;
    BL_UNROLL(8)
    for (int32_t half = (count + 1) >> 1; half > 0; half >>= 1)
        reached += sum >= thresholds[reached + half - 1] ? half : 0;
    return reached;
}

/* What memory holds of the code of channel `c`. */
BL_INLINE int32_t bl_end_sum(int32_t sum, int32_t c, const bl_ending *e)
{
    if (e->ending == BL_BY_THRESHOLDS) {
        int32_t reached = bl_reached(sum, e->values + c * e->thresholds, e->thresholds);
        return e->output_bits == 1 ? 1 - reached : e->act_min + reached;
    }
    int32_t total = (int32_t)((uint32_t)sum + (uint32_t)e->values[c]);
    if (e->ending == BL_BY_ACCUMULATOR)
        return total;
    const int32_t *multipliers = e->values + e->channels;
    const int8_t *shifts = (const int8_t *)(multipliers + (e->per_channel ? e->channels : 1));
    int32_t i = e->per_channel ? c : 0;
    int32_t scaled = e->right_shift ? bl_mbqm_right(total, multipliers[i], shifts[i])
                                    : bl_mbqm(total, multipliers[i], shifts[i]);
    return bl_clamp(scaled + e->output_offset, e->act_min, e->act_max);
}

/* Stores the codes of `count` channels from `c` on of a pixel, whose channels must come in rising order. */
BL_INLINE void bl_end_sums(void *pixel, int32_t c, const int32_t *sums, int32_t count, const bl_ending *e)
{
    for (int32_t i = 0; i < count; i++)
        bl_store_code(pixel, c + i, bl_end_sum(sums[i], c + i, e), e->output_bits);
}

#endif
