/* Products of signs: a set bit is -1, so words that differ in n bits have the product (bits - n) - n. */
#ifndef BL_XNOR_H
#define BL_XNOR_H

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

/* Words of which one byte of a word can count the bits: a byte of each has 8. */
#define BL_COUNTED_WORDS 30

/* Adds to each byte of `counts` how many bits of it differ in two runs of words; all at once at most BL_COUNTED_WORDS. */
BL_INLINE uint32_t bl_count_differing(uint32_t counts, const uint32_t *a, const uint32_t *b, int32_t words,
                                      const bl_count_masks *m)
{
    /* Nibbles hold the counts of three words. */
    BL_UNROLL(1)
    for (; words >= 3; words -= 3, a += 3, b += 3) {
        uint32_t n = bl_nibble_counts(a[0] ^ b[0], m) + bl_nibble_counts(a[1] ^ b[1], m) +
                     bl_nibble_counts(a[2] ^ b[2], m);
        counts += (n & m->nibbles) + ((n >> 4) & m->nibbles);
    }
    if (words > 0) {
        uint32_t n = bl_nibble_counts(a[0] ^ b[0], m);
        if (words > 1)
            n += bl_nibble_counts(a[1] ^ b[1], m);
        counts += (n & m->nibbles) + ((n >> 4) & m->nibbles);
    }
    return counts;
}

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
