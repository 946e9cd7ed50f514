/* Constants in few bits, which a call widens to scratch memory before its kernel reads them. */
#ifndef BL_WIDEN_CONSTANT_H
#define BL_WIDEN_CONSTANT_H

#include "kernel.h"

/*
 * Writes the constant's values of int32 or int16 to `values`, and returns what lies behind them, at a multiple of 16 bytes. The
 * first word of `narrow`: how many there are (16 bits), the bits of each (5), how many zeros stand below these (5), and in the last
 * bit whether they are of int16. Then the bits of all, the first in the lowest bits.
 */
BL_OUTLINE void *bl_widen_constant(void *values, const int32_t *narrow)
{
    const uint32_t *from = (const uint32_t *)narrow;
    uint32_t head = *from++;
    int32_t count = (int32_t)(head & 0xffffu);
    int32_t bits = (int32_t)(head >> 16 & 31u);
    int32_t unused = 32 - bits;
    int32_t right = unused - (int32_t)(head >> 21 & 31u);
    int32_t halves = (int32_t)(head >> 31);
    uint32_t word = 0;
    int32_t held = 0; /* bits of the word that are not read yet */
    BL_UNROLL(1)
    for (int32_t i = 0; i < count; i++) {
        uint32_t code = word;
        if (held < bits) {
            word = *from++;
            code |= word << held;
            word >>= bits - held;
            held += 32;
        } else {
            word >>= bits;
        }
        held -= bits;
        int32_t value = (int32_t)(code << unused) >> right;
        if (halves)
            ((int16_t *)values)[i] = (int16_t)value;
        else
            ((int32_t *)values)[i] = value;
    }
    return (uint8_t *)values + ((count * (halves ? 2 : 4) + 15) & ~15);
}

#endif
