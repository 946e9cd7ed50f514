/* Blocks of pixels with weights of 1, 2 or 4 bits: functions that layers share, by what becomes of the sums. */
#ifndef BL_BLOCK_NARROW_SIMD32_H
#define BL_BLOCK_NARROW_SIMD32_H

#include "block_nibbles_simd32.h"

#define BL_LANES_FUNCTION(name, bits, pixels, form)                                                                    \
    BL_OUTLINE void name(int8_t *output, uint32_t *pairs, const bl_lanes_layer *layer)                                 \
    {                                                                                                                  \
        if (bits == 4)                                                                                                 \
            bl_block_of_nibbles(output, pairs, layer, pixels, form);                                                   \
        else                                                                                                           \
            bl_block_of_lanes(output, pairs, layer, pixels, bits, form);                                               \
    }
#define BL_LANES_FUNCTIONS(bits, pixels)                                                                               \
    BL_LANES_FUNCTION(bl_lanes_##bits##_##pixels, bits, pixels, BL_LANES_CODES)                                        \
    BL_LANES_FUNCTION(bl_lanes_##bits##_##pixels##_clamped, bits, pixels, BL_LANES_CLAMPED)                            \
    BL_LANES_FUNCTION(bl_lanes_##bits##_##pixels##_sums, bits, pixels, BL_LANES_SUMS)

BL_LANES_FUNCTIONS(1, 3)
BL_LANES_FUNCTIONS(1, 1)
BL_LANES_FUNCTIONS(2, 3)
BL_LANES_FUNCTIONS(2, 1)
BL_LANES_FUNCTIONS(4, 3)
BL_LANES_FUNCTIONS(4, 1)

typedef void (*bl_lanes_function)(int8_t *output, uint32_t *pairs, const bl_lanes_layer *layer);

/* The function for literals. */
BL_INLINE bl_lanes_function bl_lanes_of(int32_t bits, int32_t pixels, int32_t form)
{
#define BL_LANES_OF(form)                                                                                              \
    (pixels == 1 ? (bits == 1 ? bl_lanes_1_1##form : bits == 2 ? bl_lanes_2_1##form : bl_lanes_4_1##form)              \
                 : (bits == 1 ? bl_lanes_1_3##form : bits == 2 ? bl_lanes_2_3##form : bl_lanes_4_3##form))
    return form == BL_LANES_SUMS ? BL_LANES_OF(_sums) : form == BL_LANES_CLAMPED ? BL_LANES_OF(_clamped) : BL_LANES_OF();
#undef BL_LANES_OF
}

#endif
