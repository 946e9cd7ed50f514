/* Pairs of halfwords: more of Cortex-M's DSP extension (simd32.h), and the same in portable C. */
#ifndef BL_SIMD32_PAIRS_H
#define BL_SIMD32_PAIRS_H

#include "simd32.h"

/* The low halfwords of `low` and `high`. */
BL_INLINE uint32_t bl_pack_low(uint32_t low, uint32_t high)
{
#if defined(BL_DSP)
    uint32_t y;
    __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(y) : "r"(low), "r"(high));
    return y;
#else
    return (low & 0xffffu) | high << 16;
#endif
}

/* The high halfwords of `low` and `high`. */
BL_INLINE uint32_t bl_pack_high(uint32_t low, uint32_t high)
{
#if defined(BL_DSP)
    uint32_t y;
    __asm__("pkhtb %0, %1, %2, asr #16" : "=r"(y) : "r"(high), "r"(low));
    return y;
#else
    return low >> 16 | (high & 0xffff0000u);
#endif
}

/* Sums of the low and of the high halfwords, each modulo 2^16. */
BL_INLINE uint32_t bl_sadd16(uint32_t x, uint32_t y)
{
#if defined(BL_DSP)
    uint32_t z;
    __asm__("sadd16 %0, %1, %2" : "=r"(z) : "r"(x), "r"(y));
    return z;
#else
    return ((x + y) & 0xffffu) | ((x & 0xffff0000u) + (y & 0xffff0000u));
#endif
}

/* Differences of the low and of the high halfwords, each modulo 2^16. */
BL_INLINE uint32_t bl_ssub16(uint32_t x, uint32_t y)
{
#if defined(BL_DSP)
    uint32_t z;
    __asm__("ssub16 %0, %1, %2" : "=r"(z) : "r"(x), "r"(y));
    return z;
#else
    return ((x - y) & 0xffffu) | ((x & 0xffff0000u) - (y & 0xffff0000u));
#endif
}

/* Halfwords of sums plus bytes 0 and 2 of x. */
BL_INLINE uint32_t bl_sxtab16(uint32_t sums, uint32_t x)
{
#if defined(BL_DSP)
    __asm__("sxtab16 %0, %0, %1" : "+r"(sums) : "r"(x));
    return sums;
#else
    return bl_sadd16(sums, bl_sxtb16(x));
#endif
}

/* Halfwords of sums plus bytes 1 and 3 of x. */
BL_INLINE uint32_t bl_sxtab16_odd(uint32_t sums, uint32_t x)
{
#if defined(BL_DSP)
    __asm__("sxtab16 %0, %0, %1, ror #8" : "+r"(sums) : "r"(x));
    return sums;
#else
    return bl_sxtab16(sums, x >> 8);
#endif
}

/* sum + the product of the low halfwords, modulo 2^32. */
BL_INLINE uint32_t bl_smla_low(uint32_t x, uint32_t y, uint32_t sum)
{
#if defined(BL_DSP)
    __asm__("smlabb %0, %1, %2, %0" : "+r"(sum) : "r"(x), "r"(y));
    return sum;
#else
    return sum + (uint32_t)((int16_t)(uint16_t)x * (int16_t)(uint16_t)y);
#endif
}

/* sum + the product of the high halfwords, modulo 2^32. */
BL_INLINE uint32_t bl_smla_high(uint32_t x, uint32_t y, uint32_t sum)
{
#if defined(BL_DSP)
    __asm__("smlatt %0, %1, %2, %0" : "+r"(sum) : "r"(x), "r"(y));
    return sum;
#else
    return sum + (uint32_t)((int16_t)(uint16_t)(x >> 16) * (int16_t)(uint16_t)(y >> 16));
#endif
}

/* sum + the high word of x * y, rounded down. */
BL_INLINE int32_t bl_smmla(int32_t x, int32_t y, int32_t sum)
{
#if defined(BL_DSP)
    int32_t z;
    __asm__("smmla %0, %1, %2, %3" : "=r"(z) : "r"(x), "r"(y), "r"(sum));
    return z;
#else
    return (int32_t)((uint32_t)sum + (uint32_t)(((int64_t)x * y) >> 32));
#endif
}

/* x >> shift, saturated to int8: one instruction where 1 <= shift <= 31 is a literal. */
BL_INLINE int32_t bl_ssat8(int32_t x, int32_t shift)
{
#if defined(BL_DSP) && defined(__OPTIMIZE__)
    if (__builtin_constant_p(shift)) {
        int32_t y;
        __asm__("ssat %0, #8, %1, asr %2" : "=r"(y) : "r"(x), "i"(shift));
        return y;
    }
#endif
    return bl_clamp(x >> shift, INT8_MIN, INT8_MAX);
}

/* `word` with byte `n`, a literal, replaced by the low byte of x. */
BL_INLINE uint32_t bl_insert_byte(uint32_t word, int32_t x, int32_t n)
{
#if defined(BL_DSP) && defined(__OPTIMIZE__)
    __asm__("bfi %0, %1, %2, #8" : "+r"(word) : "r"(x), "i"(8 * n));
    return word;
#else
    return (word & ~((uint32_t)0xff << (8 * n))) | ((uint32_t)x & 0xffu) << (8 * n);
#endif
}

/* The next two words of a constant. */
BL_INLINE void bl_next_two(uint32_t *first, uint32_t *second, const int32_t **words)
{
#if defined(BL_DSP)
    __asm__("ldrd %0, %1, [%2], #8" : "=&r"(*first), "=&r"(*second), "+r"(*words));
#else
    *first = (uint32_t)(*words)[0];
    *second = (uint32_t)(*words)[1];
    *words += 2;
#endif
}

#endif
