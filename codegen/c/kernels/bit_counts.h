/* How many bits of words are set. */
#ifndef BL_BIT_COUNTS_H
#define BL_BIT_COUNTS_H

#include "kernel.h"

/*
 * Masks of every second bit, pair of bits and nibble. They stay in registers where these can be shifted on the way to another
 * instruction (Thumb-2), for which the compiler must not see that they are constants.
 */
typedef struct {
    uint32_t bits;
    uint32_t pairs;
    uint32_t nibbles;
} bl_count_masks;

BL_INLINE bl_count_masks bl_masks_of_counts(void)
{
    bl_count_masks m = {0x55555555u, 0x33333333u, 0x0f0f0f0fu};
#if defined(__GNUC__) && defined(__ARM_ARCH_ISA_THUMB) && __ARM_ARCH_ISA_THUMB == 2
    __asm__("" : "+r"(m.bits), "+r"(m.pairs), "+r"(m.nibbles));
#endif
    return m;
}

/* How many bits of each nibble are set. */
BL_INLINE uint32_t bl_nibble_counts(uint32_t x, const bl_count_masks *m)
{
    x -= (x >> 1) & m->bits;
    return (x & m->pairs) + ((x >> 2) & m->pairs);
}

/* Adds to each byte of `counts` the nibbles of it in `n`. */
BL_INLINE uint32_t bl_add_nibbles(uint32_t counts, uint32_t n, const bl_count_masks *m)
{
    return counts + (n & m->nibbles) + ((n >> 4) & m->nibbles);
}

/* Words of which one byte of a word can count the bits: a byte of each has 8. Nibbles hold the counts of three. */
#define BL_COUNTED_WORDS 30

/* The sum of the bytes of a word. */
BL_INLINE uint32_t bl_sum_bytes(uint32_t x)
{
#if defined(__GNUC__) && defined(__ARM_FEATURE_DSP)
    uint32_t sum;
    __asm__("usad8 %0, %1, %2" : "=r"(sum) : "r"(x), "r"(0));
    return sum;
#else
    uint32_t pairs = (x & 0x00ff00ffu) + ((x >> 8) & 0x00ff00ffu);
    return (pairs + (pairs >> 16)) & 0xffffu;
#endif
}

#endif
