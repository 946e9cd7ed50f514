/*
 * The instructions of Cortex-M's DSP extension that the kernels named after it use, and the same in portable C, so that
 * these kernels also run, and are tested, where the extension is missing.
 */
#ifndef BL_SIMD32_H
#define BL_SIMD32_H

#include "kernel.h"

#if defined(__GNUC__) && defined(__ARM_FEATURE_DSP)
#define BL_DSP 1
#endif

/*
 * The operand w1 of loops that take every register but the stack pointer. clang reserves r7, so there this is r7, whose
 * value waits on the stack beside all that the loop reads from memory, and named registers keep the other operands out of it.
 */
#if defined(__clang__)
#define BL_W1 "r7"
#pragma clang diagnostic ignored "-Woverlength-strings"
#else
#define BL_W1 "%[w1]"
#endif

/* Four bytes from any address, the first in the low bits. */
BL_INLINE uint32_t bl_load_word(const int8_t *p)
{
#if defined(BL_DSP)
    typedef uint32_t __attribute__((may_alias, aligned(1))) word;
    return *(const word *)p;
#else
    const uint8_t *bytes = (const uint8_t *)p;
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
#endif
}

/* Writes four bytes to any address. */
BL_INLINE void bl_store_word(int8_t *p, uint32_t x)
{
#if defined(BL_DSP)
    typedef uint32_t __attribute__((may_alias, aligned(1))) word;
    *(word *)p = x;
#else
    for (int32_t i = 0; i < 4; i++)
        p[i] = (int8_t)(uint8_t)(x >> (8 * i));
#endif
}

/* Writes two bytes to any address. */
BL_INLINE void bl_store_halfword(int8_t *p, uint32_t x)
{
#if defined(BL_DSP)
    typedef uint16_t __attribute__((may_alias, aligned(1))) halfword;
    *(halfword *)p = (uint16_t)x;
#else
    p[0] = (int8_t)(uint8_t)x;
    p[1] = (int8_t)(uint8_t)(x >> 8);
#endif
}

/* Bytes 0 and 2 as a pair of signed halfwords. */
BL_INLINE uint32_t bl_sxtb16(uint32_t x)
{
#if defined(BL_DSP)
    uint32_t y;
    __asm__("sxtb16 %0, %1" : "=r"(y) : "r"(x));
    return y;
#else
    uint32_t low = (uint32_t)(int8_t)(uint8_t)x & 0xffffu;
    return low | (uint32_t)(int8_t)(uint8_t)(x >> 16) << 16;
#endif
}

/* Bytes 1 and 3 as a pair of signed halfwords. */
BL_INLINE uint32_t bl_sxtb16_odd(uint32_t x)
{
#if defined(BL_DSP)
    uint32_t y;
    __asm__("sxtb16 %0, %1, ror #8" : "=r"(y) : "r"(x));
    return y;
#else
    return bl_sxtb16(x >> 8);
#endif
}

/* sum + the products of the low and of the high halfwords, modulo 2^32. */
BL_INLINE uint32_t bl_smlad(uint32_t x, uint32_t y, uint32_t sum)
{
#if defined(BL_DSP)
    __asm__("smlad %0, %1, %2, %0" : "+r"(sum) : "r"(x), "r"(y));
    return sum;
#else
    int32_t low = (int32_t)(int16_t)(uint16_t)x * (int16_t)(uint16_t)y;
    int32_t high = (int32_t)(int16_t)(uint16_t)(x >> 16) * (int16_t)(uint16_t)(y >> 16);
    return sum + (uint32_t)low + (uint32_t)high;
#endif
}

/* sum + the high word of x * y, rounded to nearest, ties up. */
BL_INLINE int32_t bl_smmlar(int32_t x, int32_t y, int32_t sum)
{
#if defined(BL_DSP)
    int32_t z;
    __asm__("smmlar %0, %1, %2, %3" : "=r"(z) : "r"(x), "r"(y), "r"(sum));
    return z;
#else
    return (int32_t)((uint32_t)sum + (uint32_t)(((int64_t)x * y + ((int64_t)1 << 31)) >> 32));
#endif
}

#endif
