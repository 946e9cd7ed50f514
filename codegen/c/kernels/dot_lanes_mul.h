/*
 * Sums of products with weights of 1, 2 or 4 bits for cores without the DSP extension: a word of the filter holds, shifted and
 * masked, the codes of two output channels, a + 65536 * b, and times an input both products. For a block of channels a, b, c, d
 * the fields of a word, from the lowest bit of either half on, are those of a, b and of c, d for one input, then for the next.
 * Codes are values plus 2^(bits - 1), for which sums start below 0. The plan has proved that sums fit in 16 bits for as many words
 * as it allows at a time. Inputs are words, [input][pixels].
 */
#ifndef BL_DOT_LANES_MUL_H
#define BL_DOT_LANES_MUL_H

#include "kernel.h"

/* Inputs of a word. */
#define BL_LANES_TAPS(bits) (8 / (bits))
#define BL_LANES_FIELD(bits) ((bits) == 4 ? 0x000f000f : (bits) == 2 ? 0x00030003 : 0x00010001)

#if defined(BL_ASSEMBLY_ARMV6M)

/* Pixels whose inputs the assembly takes at a time. */
#define BL_LANES_PIXELS 2

/* Two pixels with four channels: 14 instructions for 8 products. `first` and `second` bring fields to r2. */
#define BL_LANES_TAP(first, second)                                                                                    \
    "ldmia r6!, {r0, r1}\n\t" first "ands r2, r5\n\t"                                                                  \
    "movs r3, r2\n\tmuls r3, r0\n\tadd r8, r3\n\tmuls r2, r1\n\tadd r9, r2\n\t" second "ands r2, r5\n\t"               \
    "muls r0, r2\n\tadd r10, r0\n\tmuls r1, r2\n\tadd r11, r1\n\t"
#define BL_LANES_FIELDS(by) "lsrs r2, r4, #" by "\n\t"
#define BL_LANES_FIRST "movs r2, r4\n\t"
#define BL_LANES_LOAD "ldmia r7!, {r4}\n\t"
#define BL_LANES_LOOP_MUL(word)                                                                                        \
    __asm__ volatile(".syntax unified\n\t"                                                                             \
                     "ldr r7, %[filter]\n\tldr r6, %[inputs]\n\tldr r0, %[end]\n\tmov r12, r0\n\tldr r5, %[field]\n"   \
                     "1:\n\t" word "cmp r6, r12\n\tbne 1b"                                                             \
                     : "+h"(sum0), "+h"(sum1), "+h"(sum2), "+h"(sum3)                                                  \
                     : [filter] "m"(filter), [inputs] "m"(inputs), [end] "m"(end), [field] "m"(field)                  \
                     : "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r12", "cc", "memory")

#elif defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && defined(__ARM_ARCH_ISA_THUMB) && \
    __ARM_ARCH_ISA_THUMB == 2 && !defined(__ARM_FEATURE_DSP)

#define BL_LANES_PIXELS 3

/* Three pixels with four channels: 9 instructions for 12 products. */
#define BL_LANES_TAP(first, second)                                                                                    \
    "ldmia r5!, {r0, r1, r2}\n\t" first                                                                                \
    "mla r6, r0, r4, r6\n\tmla r7, r1, r4, r7\n\tmla r8, r2, r4, r8\n\t" second                                        \
    "mla r9, r0, r4, r9\n\tmla r10, r1, r4, r10\n\tmla r11, r2, r4, r11\n\t"
#define BL_LANES_FIELDS(by) "and r4, r12, r3, lsr #" by "\n\t"
#define BL_LANES_FIRST "and r4, r12, r3\n\t"
#define BL_LANES_LOAD "ldr r3, [lr], #4\n\t"
#define BL_LANES_LOOP_MUL(word)                                                                                        \
    __asm__ volatile("ldr lr, %[filter]\n\tldr r5, %[inputs]\n\tldr r12, %[field]\n"                                   \
                     "1:\n\t" word "ldr r0, %[end]\n\tcmp r5, r0\n\tbne 1b"                                            \
                     : "+r"(sum0), "+r"(sum1), "+r"(sum2), "+r"(sum3), "+r"(sum4), "+r"(sum5)                          \
                     : [filter] "m"(filter), [inputs] "m"(inputs), [end] "m"(end), [field] "m"(field)                  \
                     : "r0", "r1", "r2", "r3", "r4", "r5", "r12", "lr", "cc", "memory")

#else

#define BL_LANES_PIXELS 2

#endif

#if defined(BL_LANES_TAP)

#define BL_LANES_WORDS_4                                                                                               \
    BL_LANES_LOAD BL_LANES_TAP(BL_LANES_FIRST, BL_LANES_FIELDS("4"))                                                   \
    BL_LANES_TAP(BL_LANES_FIELDS("8"), BL_LANES_FIELDS("12"))
#define BL_LANES_WORDS_2                                                                                               \
    BL_LANES_LOAD BL_LANES_TAP(BL_LANES_FIRST, BL_LANES_FIELDS("2"))                                                   \
    BL_LANES_TAP(BL_LANES_FIELDS("4"), BL_LANES_FIELDS("6")) BL_LANES_TAP(BL_LANES_FIELDS("8"), BL_LANES_FIELDS("10")) \
    BL_LANES_TAP(BL_LANES_FIELDS("12"), BL_LANES_FIELDS("14"))
#define BL_LANES_WORDS_1                                                                                               \
    BL_LANES_LOAD BL_LANES_TAP(BL_LANES_FIRST, BL_LANES_FIELDS("1"))                                                   \
    BL_LANES_TAP(BL_LANES_FIELDS("2"), BL_LANES_FIELDS("3")) BL_LANES_TAP(BL_LANES_FIELDS("4"), BL_LANES_FIELDS("5"))  \
    BL_LANES_TAP(BL_LANES_FIELDS("6"), BL_LANES_FIELDS("7")) BL_LANES_TAP(BL_LANES_FIELDS("8"), BL_LANES_FIELDS("9"))  \
    BL_LANES_TAP(BL_LANES_FIELDS("10"), BL_LANES_FIELDS("11"))                                                         \
    BL_LANES_TAP(BL_LANES_FIELDS("12"), BL_LANES_FIELDS("13"))                                                         \
    BL_LANES_TAP(BL_LANES_FIELDS("14"), BL_LANES_FIELDS("15"))

#endif

/*
 * Adds the products of `words` words, an even number but for 1 bit and not 0, with the inputs of `pixels` pixels: to the sums of
 * a and b for each pixel, then of c and d. `pixels`, BL_LANES_PIXELS or 1, and `bits` are literals.
 */
BL_INLINE void bl_dot_lanes_mul(uint32_t acc[2 * BL_LANES_PIXELS], const int32_t *filter, const int32_t *inputs,
                                int32_t words, int32_t pixels, int32_t bits)
{
    int32_t field = BL_LANES_FIELD(bits);
    const int32_t *end = inputs + words * BL_LANES_TAPS(bits) * pixels;
#if defined(BL_LANES_TAP)
    if (pixels == BL_LANES_PIXELS) {
#if BL_LANES_PIXELS == 2
        register uint32_t sum0 __asm__("r8") = acc[0];
        register uint32_t sum1 __asm__("r9") = acc[1];
        register uint32_t sum2 __asm__("r10") = acc[2];
        register uint32_t sum3 __asm__("r11") = acc[3];
#else
        register uint32_t sum0 __asm__("r6") = acc[0];
        register uint32_t sum1 __asm__("r7") = acc[1];
        register uint32_t sum2 __asm__("r8") = acc[2];
        register uint32_t sum3 __asm__("r9") = acc[3];
        register uint32_t sum4 __asm__("r10") = acc[4];
        register uint32_t sum5 __asm__("r11") = acc[5];
#endif
        if (bits == 4)
            BL_LANES_LOOP_MUL(BL_LANES_WORDS_4 BL_LANES_WORDS_4);
        else if (bits == 2)
            BL_LANES_LOOP_MUL(BL_LANES_WORDS_2 BL_LANES_WORDS_2);
        else
            BL_LANES_LOOP_MUL(BL_LANES_WORDS_1);
        acc[0] = sum0;
        acc[1] = sum1;
        acc[2] = sum2;
        acc[3] = sum3;
#if BL_LANES_PIXELS == 3
        acc[4] = sum4;
        acc[5] = sum5;
#endif
        return;
    }
#endif
    while (inputs != end) {
        uint32_t word = (uint32_t)*filter++;
        BL_UNROLL(8)
        for (int32_t tap = 0; tap < BL_LANES_TAPS(bits); tap++, inputs += pixels) {
            BL_UNROLL(3)
            for (int32_t p = 0; p < pixels; p++) {
                acc[p] += ((word >> (2 * bits * tap)) & (uint32_t)field) * (uint32_t)inputs[p];
                acc[pixels + p] += ((word >> (2 * bits * tap + bits)) & (uint32_t)field) * (uint32_t)inputs[p];
            }
        }
    }
}

#endif
