/*
 * Sums of products with weights of 4 bits by SMLAD. A halfword of the filter holds the codes of four output channels for one input,
 * a + 16 * b + 256 * c + 4096 * d. It is multiplied as it is, then without d, without c and without b: the differences are the
 * sums of d, c and b, times 4096, 256 and 16. A halfword has a sign, so that d's code is less by 8 than it should be: 8 times the
 * inputs' sum joins the sum in front. The plan has proved that sums fit in what is above 12, 8 and 4 bits. A word holds the
 * halfwords of a pair of inputs, in the order of bl_widen (dot_simd32.h).
 */
#ifndef BL_DOT_NIBBLES_SIMD32_H
#define BL_DOT_NIBBLES_SIMD32_H

#include "dot_lanes_simd32.h"

#if defined(BL_LANES_LOOPS)

/* One pair of one pixel, in x: 7 instructions for 8 products. */
#define BL_NIBBLES1(x, word)                                                                                           \
    "smlad r9, " x ", " word ", r9\n\tbic r4, " word ", #0xf000f000\n\tsmlad r8, " x ", r4, r8\n\t"                    \
    "uxtb16 r4, " word "\n\tsmlad r7, " x ", r4, r7\n\tand r4, r4, #0x000f000f\n\tsmlad r6, " x ", r4, r6\n\t"
#define BL_NIBBLES_WORD1                                                                                               \
    "ldmia lr!, {r2, r3}\n\tldrd r0, r1, [r5], #8\n\t" BL_NIBBLES1("r0", "r2") BL_NIBBLES1("r1", "r3")

/* One pair of three pixels with a and b, or with c and d: 9 instructions for 12 products, and half a load. */
#define BL_NIBBLES3(byte)                                                                                              \
    "ldmia r5!, {r0, r1, r2}\n\t" byte                                                                                 \
    "smlad r9, r0, r12, r9\n\tsmlad r10, r1, r12, r10\n\tsmlad r11, r2, r12, r11\n\tand r12, r12, #0x000f000f\n\t"    \
    "smlad r6, r0, r12, r6\n\tsmlad r7, r1, r12, r7\n\tsmlad r8, r2, r12, r8\n\t"
#define BL_NIBBLES_WORD3_AB                                                                                            \
    "ldrd r3, r4, [lr], #8\n\t" BL_NIBBLES3("uxtb16 r12, r3\n\t") BL_NIBBLES3("uxtb16 r12, r4\n\t")
#define BL_NIBBLES_WORD3_CD                                                                                            \
    "ldrd r3, r4, [lr], #8\n\t" BL_NIBBLES3("sxtb16 r12, r3, ror #8\n\t") BL_NIBBLES3("sxtb16 r12, r4, ror #8\n\t")

#endif

/*
 * Adds the products of a block's words, `ends[1]` or, in assembly, up to there, where `ends` must be in the frame, with the pairs of one pixel to the sums of a, then a and b, up
 * to all four.
 */
BL_INLINE void bl_dot_nibbles(uint32_t acc[4], const int32_t *filter, const uint32_t *pairs, const int32_t ends[2])
{
#if defined(BL_LANES_LOOPS)
    register uint32_t sum0 __asm__("r6") = acc[0];
    register uint32_t sum1 __asm__("r7") = acc[1];
    register uint32_t sum2 __asm__("r8") = acc[2];
    register uint32_t sum3 __asm__("r9") = acc[3];
    register const int32_t *words __asm__("lr") = filter;
    register const uint32_t *at __asm__("r5") = pairs;
    __asm__ volatile(BL_LANES_LOOP(BL_NIBBLES_WORD1,
                                   BL_NIBBLES_WORD1 BL_NIBBLES_WORD1 BL_NIBBLES_WORD1 BL_NIBBLES_WORD1)
                     : "+r"(sum0), "+r"(sum1), "+r"(sum2), "+r"(sum3), "+r"(words), "+r"(at)
                     : [fours] "m"(ends[0]), [end] "m"(ends[1])
                     : "r0", "r1", "r2", "r3", "r4", "memory", "cc");
    acc[0] = sum0;
    acc[1] = sum1;
    acc[2] = sum2;
    acc[3] = sum3;
#else
    for (int32_t words = 2 * ends[1]; words > 0; words--, filter++, pairs++) {
        uint32_t codes = (uint32_t)*filter;
        acc[0] = bl_smlad(*pairs, codes & 0x000f000fu, acc[0]);
        acc[1] = bl_smlad(*pairs, codes & 0x00ff00ffu, acc[1]);
        acc[2] = bl_smlad(*pairs, codes & 0x0fff0fffu, acc[2]);
        acc[3] = bl_smlad(*pairs, codes, acc[3]);
    }
#endif
}

/* The same for three pixels and two channels: the sums of a in acc[0..2], of a + 16 * b in acc[3..5]; `second`, of c and d. */
BL_INLINE void bl_dot_nibbles_of_three(uint32_t acc[6], const int32_t *filter, const uint32_t *pairs, const int32_t ends[2],
                                       int32_t second)
{
#if defined(BL_LANES_LOOPS)
    register uint32_t sum0 __asm__("r6") = acc[0];
    register uint32_t sum1 __asm__("r7") = acc[1];
    register uint32_t sum2 __asm__("r8") = acc[2];
    register uint32_t sum3 __asm__("r9") = acc[3];
    register uint32_t sum4 __asm__("r10") = acc[4];
    register uint32_t sum5 __asm__("r11") = acc[5];
    register const int32_t *words __asm__("lr") = filter;
    register const uint32_t *at __asm__("r5") = pairs;
#define BL_NIBBLES_SUM(step)                                                                                           \
    __asm__ volatile(BL_LANES_LOOP(step, step step step step)                                                          \
                     : "+r"(sum0), "+r"(sum1), "+r"(sum2), "+r"(sum3), "+r"(sum4), "+r"(sum5), "+r"(words), "+r"(at)   \
                     : [fours] "m"(ends[0]), [end] "m"(ends[1])                                                              \
                     : "r0", "r1", "r2", "r3", "r4", "r12", "memory", "cc")
    if (second)
        BL_NIBBLES_SUM(BL_NIBBLES_WORD3_CD);
    else
        BL_NIBBLES_SUM(BL_NIBBLES_WORD3_AB);
#undef BL_NIBBLES_SUM
    acc[0] = sum0;
    acc[1] = sum1;
    acc[2] = sum2;
    acc[3] = sum3;
    acc[4] = sum4;
    acc[5] = sum5;
#else
    for (int32_t words = 2 * ends[1]; words > 0; words--, filter++) {
        uint32_t codes = (uint32_t)*filter;
        uint32_t both = second ? bl_sxtb16_odd(codes) : codes & 0x00ff00ffu;
        for (int32_t p = 0; p < 3; p++, pairs++) {
            acc[p] = bl_smlad(*pairs, both & 0x000f000fu, acc[p]);
            acc[3 + p] = bl_smlad(*pairs, both, acc[3 + p]);
        }
    }
#endif
}

#endif
