/* What every kernel builds on. */
#ifndef BL_KERNEL_H
#define BL_KERNEL_H

#include <stdint.h>

#if defined(__GNUC__)
/* Kernels are always inlined: their shape is a literal at the call, so branches and index arithmetic on it fold away. */
#define BL_INLINE static inline __attribute__((always_inline))
#else
#define BL_INLINE static inline
#endif

/*
 * Inner loops in assembly need every register of a Cortex-M: GCC keeps no frame pointer from here on, whatever the command
 * line says. Without optimisation they are C.
 */
#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && defined(__arm__)
#pragma GCC optimize("omit-frame-pointer")
#endif

/* The line as a text: a section for each function lets linkers drop those that nothing calls. */
#define BL_TEXT(x) #x
#define BL_TEXT_OF(x) BL_TEXT(x)
#define BL_LINE BL_TEXT_OF(__LINE__)

/* Of the functions that take most of the time: define it as what places code in fast memory. */
#ifndef BL_HOT
#define BL_HOT
#endif

/* What layers of different shapes share rather than specialise, where a copy in each would cost more than it saves. */
#if defined(__GNUC__)
#define BL_OUTLINE static BL_HOT __attribute__((noinline, unused))
#else
#define BL_OUTLINE static BL_HOT
#endif

#if defined(__GNUC__) && !defined(__clang__)
#define BL_PRAGMA(text) _Pragma(#text)
/* Before a loop: unroll it up to n times. */
#define BL_UNROLL(n) BL_PRAGMA(GCC unroll n)
#elif defined(__clang__)
#define BL_PRAGMA(text) _Pragma(#text)
#define BL_UNROLL(n) BL_PRAGMA(unroll n)
#else
#define BL_UNROLL(n)
#endif

/*
 * Whether inner loops for ARMv6-M may be assembly that needs every register: GCC keeps the high ones from it at -Os, and
 * the frame pointer at -O0.
 */
#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__) && \
    defined(__ARM_ARCH_ISA_THUMB) && __ARM_ARCH_ISA_THUMB == 1
#define BL_ASSEMBLY_ARMV6M
#endif

BL_INLINE int32_t bl_min(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

BL_INLINE int32_t bl_max(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

/* Where ARM saturates to the whole range of int8 or int16 in one instruction, say so: GCC does not see it in a loop. */
BL_INLINE int32_t bl_clamp(int32_t x, int32_t min, int32_t max)
{
#if defined(__GNUC__) && defined(__ARM_FEATURE_SAT)
    if (__builtin_constant_p(min) && __builtin_constant_p(max)) {
        if (min == INT8_MIN && max == INT8_MAX)
            return (int32_t)__builtin_arm_ssat(x, 8);
        if (min == INT16_MIN && max == INT16_MAX)
            return (int32_t)__builtin_arm_ssat(x, 16);
    }
#endif
    return bl_min(bl_max(x, min), max);
}

/* Where row `row` of an image of `height` rows lies in a ring of `ring_rows`; a whole image needs no division. */
BL_INLINE int32_t bl_ring_row(int32_t row, int32_t ring_rows, int32_t height)
{
    if (ring_rows >= height)
        return row;
#if defined(__GNUC__)
    /* ARMv6-M divides by loops, even by literals. So low an image needs but the reciprocal, rounded up, in 16 bits. */
    if (__builtin_constant_p(ring_rows) && __builtin_constant_p(height) && height <= 65536 / ring_rows) {
        uint32_t turns = (uint32_t)row * ((65535u + (uint32_t)ring_rows) / (uint32_t)ring_rows) >> 16;
        return row - (int32_t)turns * ring_rows;
    }
#endif
    return (int32_t)((uint32_t)row % (uint32_t)ring_rows);
}

/* The same of a row less than a ring behind one that lies at its place there. */
BL_INLINE int32_t bl_ring_wrapped(int32_t row, int32_t ring_rows, int32_t height)
{
    return ring_rows >= height || row < ring_rows ? row : row - ring_rows;
}

/*
 * How many of `height` rows can be made out of the first `rows` of `input_height`: row y reads those below y * stride + reach, as
 * far as there are such.
 */
BL_INLINE int32_t bl_rows_ready(int32_t rows, int32_t input_height, int32_t stride, int32_t reach, int32_t height)
{
    return rows >= input_height ? height : rows < reach ? 0 : bl_min(height, (rows - reach) / stride + 1);
}

#endif
