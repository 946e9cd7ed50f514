/*
 * Codes of 2 bits as two planes of bits, a word of each for 32 codes: low and high bits, the low ones first. Of two packed words
 * code i of the first is bit 2 * i of both planes, that of the second bit 2 * i + 1. A sum of the codes that a word of weights
 * selects is then a count of bits.
 */
#ifndef BL_BIT_PLANES_H
#define BL_BIT_PLANES_H

#include "bit_counts.h"

/* Splits `words` words of packed codes, perhaps in place, and returns the sum of the codes. Room is for an even number of words. */
BL_INLINE uint32_t bl_split_planes(uint32_t *planes, const uint32_t *codes, int32_t words, const bl_count_masks *m)
{
    uint32_t sum = 0;
    BL_UNROLL(1)
    for (int32_t i = 0; i < words; i += 2) {
        uint32_t a = codes[i];
        uint32_t b = i + 1 < words ? codes[i + 1] : 0;
        /* Fields of two bits: a nibble of a and b together sums up to 12. */
        uint32_t n = (a & m->pairs) + ((a >> 2) & m->pairs) + (b & m->pairs) + ((b >> 2) & m->pairs);
        sum += bl_sum_bytes(bl_add_nibbles(0, n, m));
        planes[i] = (a & m->bits) | ((b & m->bits) << 1);
        planes[i + 1] = ((a >> 1) & m->bits) | (b & ~m->bits);
    }
    return sum;
}

/* How many bits of each nibble are set in one plane of three words at most, where weights select them. */
BL_INLINE uint32_t bl_count_selected(const uint32_t *plane, const uint32_t *weights, int32_t words, const bl_count_masks *m)
{
    uint32_t n = bl_nibble_counts(plane[0] & weights[0], m);
    if (words > 1)
        n += bl_nibble_counts(plane[2] & weights[1], m);
    if (words > 2)
        n += bl_nibble_counts(plane[4] & weights[2], m);
    return n;
}

/* The sum of the codes of which the bit in `weights` is set. */
BL_INLINE uint32_t bl_sum_selected(const uint32_t *planes, const uint32_t *weights, int32_t words, const bl_count_masks *m)
{
    uint32_t sum = 0;
    BL_UNROLL(1)
    for (int32_t left = words; left > 0; left -= BL_COUNTED_WORDS) {
        uint32_t low = 0;
        uint32_t high = 0;
        int32_t part = bl_min(left, BL_COUNTED_WORDS);
        BL_UNROLL(1)
        for (; part >= 3; part -= 3, planes += 6, weights += 3) {
            low = bl_add_nibbles(low, bl_count_selected(planes, weights, 3, m), m);
            high = bl_add_nibbles(high, bl_count_selected(planes + 1, weights, 3, m), m);
        }
        if (part > 0) {
            low = bl_add_nibbles(low, bl_count_selected(planes, weights, part, m), m);
            high = bl_add_nibbles(high, bl_count_selected(planes + 1, weights, part, m), m);
        }
        sum += bl_sum_bytes(low) + 2 * bl_sum_bytes(high);
    }
    return sum;
}

#endif
