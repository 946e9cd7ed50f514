/*
 * Sums of products with weights of 1 or 2 bits by SMLAD, for which several codes share a register. `words` of the filter
 * hold, for a block of four output channels a, b, c, d, the codes of `BL_LANES_INPUTS` inputs each; inputs are pairs of
 * halfwords k, k + 2 and k + 1, k + 3 as bl_widen (dot_simd32.h) leaves them.
 *  - one AND gives a pair's codes of two channels, a + 2^shift * b in each halfword, so that SMLAD adds four
 *    products: sums of a are the low `shift` bits of an accumulator, sums of b what is above. The code of a is its value
 *    plus 2^(bits - 1), for which sums start below 0; that of b is a two's complement. The plan has proved that sums of a fit
 *    for as many words as it allows at a time. What the n-th AND takes lies rotated left by 2 * bits * n in the word: n
 *    is 0 for a and b, 1 for c and d, 2 and 3 for the same of the next pair, and so on.
 * GCC needs inline assembly for the loops: every register but the stack pointer is in use.
 */
#ifndef BL_DOT_LANES_SIMD32_H
#define BL_DOT_LANES_SIMD32_H

#include "dot_simd32.h"

/* Of literal bits 1, 2 or 4: pairs of a word (at 4 bits of two), and what parts the sums of two channels at 1 and 2 bits. */
#define BL_LANES_PAIRS(bits) ((bits) == 1 ? 4 : 2)
#define BL_LANES_SHIFT(bits) (16 - (bits))

/* The codes of two channels in every halfword. */
#define BL_LANES_MASK(bits) ((bits) == 1 ? 0x80018001u : 0xc003c003u)

/* clang does not find the memory operands a register; it takes the C. */
#if defined(BL_DSP_LOOPS) && !defined(__clang__)
#define BL_LANES_LOOPS 1
#endif

#if defined(BL_LANES_LOOPS)

/* Three pixels, a pair of inputs each: the products with two codes in r4 for each of the sums a. */
#define BL_LANES_SMLAD3(code, a0, a1, a2)                                                                              \
    "smlad " a0 ", r0, " code ", " a0 "\n\tsmlad " a1 ", r1, " code ", " a1 "\n\t"                                     \
    "smlad " a2 ", r2, " code ", " a2 "\n\t"
#define BL_LANES_LOW3(code) BL_LANES_SMLAD3(code, "r6", "r7", "r8")
#define BL_LANES_HIGH3(code) BL_LANES_SMLAD3(code, "r9", "r10", "r11")

/* One pair of three pixels with four channels: 9 instructions for 24 products. */
#define BL_LANES_PAIR3(low, high)                                                                                      \
    "ldmia r5!, {r0, r1, r2}\n\t"                                                                                      \
    "and r4, r12, r3" low "\n\t" BL_LANES_LOW3("r4") "and r4, r12, r3" high "\n\t" BL_LANES_HIGH3("r4")
#define BL_LANES_WORD3_2                                                                                               \
    "ldr r3, [lr], #4\n\t" BL_LANES_PAIR3("", ", ror #4") BL_LANES_PAIR3(", ror #8", ", ror #12")
#define BL_LANES_WORD3_1                                                                                               \
    "ldr r3, [lr], #4\n\t" BL_LANES_PAIR3("", ", ror #2") BL_LANES_PAIR3(", ror #4", ", ror #6")                       \
        BL_LANES_PAIR3(", ror #8", ", ror #10") BL_LANES_PAIR3(", ror #12", ", ror #14")

/* One pair of one pixel, in x. */
#define BL_LANES_PAIR1(x, low, high)                                                                                   \
    "and r4, r12, r3" low "\n\tsmlad r6, " x ", r4, r6\n\tand r4, r12, r3" high "\n\tsmlad r7, " x ", r4, r7\n\t"
#define BL_LANES_WORD1_2                                                                                               \
    "ldr r3, [lr], #4\n\tldrd r0, r1, [r5], #8\n\t"                                                                    \
    BL_LANES_PAIR1("r0", "", ", ror #4") BL_LANES_PAIR1("r1", ", ror #8", ", ror #12")
#define BL_LANES_WORD1_1                                                                                               \
    "ldr r3, [lr], #4\n\tldmia r5!, {r0, r1, r2, r8}\n\t"                                                              \
    BL_LANES_PAIR1("r0", "", ", ror #2") BL_LANES_PAIR1("r1", ", ror #4", ", ror #6")                                  \
    BL_LANES_PAIR1("r2", ", ror #8", ", ror #10") BL_LANES_PAIR1("r8", ", ror #12", ", ror #14")

/* Loops over words: four at a time, or two of the long ones, then those that are left. */
#define BL_LANES_LOOP(step, several)                                                                                   \
    BL_WHILE("r5", "r0", "1", several, "%[fours]", "2") BL_WHILE("r5", "r0", "3", step, "%[end]", "4")

/* The sums of a since the last time, which are in the low bits of what is above them now. */
#define BL_LANES_PART(sum, low, bits) "sub r4, " sum ", " low "\n\tsbfx r4, r4, #0, #" bits "\n\tadd " low ", r4\n\t"
#define BL_LANES_PART3(a0, a1, a2, bits)                                                                               \
    "ldmia r3, {r0, r1, r2}\n\t" BL_LANES_PART(a0, "r0", bits) BL_LANES_PART(a1, "r1", bits)                          \
    BL_LANES_PART(a2, "r2", bits) "stmia r3!, {r0, r1, r2}\n\t"

/* Segment by segment: `start` adds what its sums start with, from r4 on, and `part` parts them at r3. */
#define BL_LANES_SEGMENTS(start, step, several, part)                                                                  \
    "ldr lr, %[weights]\n\tldr r5, %[input]\n\tldr r12, %[mask]\n5:\n\t"                                             \
    "ldr r4, %[segments]\n\tldmia r4!, {r0, r1}\n\tstr r0, %[fours]\n\tstr r1, %[end]\n\t" start                    \
    "str r4, %[segments]\n\t" BL_LANES_LOOP(step, several)                                                            \
    "ldr r3, %[lows]\n\t" part "ldr r0, %[last]\n\tcmp r5, r0\n\tbne 5b\n\t"
#define BL_LANES_START3                                                                                                \
    "ldmia r4!, {r0, r1, r2}\n\tadd r6, r0\n\tadd r7, r1\n\tadd r8, r2\n\tadd r9, r0\n\tadd r10, r1\n\tadd r11, r2\n\t"
#define BL_LANES_START1 "ldr r0, [r4], #4\n\tadd r6, r0\n\tadd r7, r0\n\t"
#define BL_LANES_PARTS3(bits) BL_LANES_PART3("r6", "r7", "r8", bits) BL_LANES_PART3("r9", "r10", "r11", bits)
#define BL_LANES_PARTS1(bits)                                                                                          \
    "ldrd r0, r1, [r3]\n\t" BL_LANES_PART("r6", "r0", bits) BL_LANES_PART("r7", "r1", bits) "strd r0, r1, [r3]\n\t"

#define BL_LANES_SUM(loop)                                                                                             \
    __asm__ volatile(loop                                                                                              \
                     : "+r"(sum0), "+r"(sum1), "+r"(sum2), "+r"(sum3), "+r"(sum4), "+r"(sum5),                         \
                       [fours] "+m"(fours), [end] "+m"(end), [segments] "+m"(segments)                                 \
                     : [weights] "m"(filter), [input] "m"(pairs), [last] "m"(last), [mask] "m"(mask), [lows] "m"(lows) \
                     : "r0", "r1", "r2", "r3", "r4", "r5", "r12", "lr", "memory", "cc")

#endif

/* Words that the assembly takes at a time. */
#define BL_LANES_UNROLLED(bits) ((bits) == 1 ? 2 : 4)

/* Words of memory for a segment: where its loops end, and by pixel what its sums start with. */
#define BL_LANES_SEGMENT(pixels) (2 + (pixels))

/* Where the loops over `words` words from `pairs` on end. */
BL_INLINE void bl_end_lanes(int32_t ends[2], const uint32_t *pairs, int32_t words, int32_t pixels, int32_t bits)
{
#if defined(BL_LANES_LOOPS)
    const uint32_t *end = pairs + words * BL_LANES_PAIRS(bits) * pixels;
    ends[0] = (int32_t)(end - words % BL_LANES_UNROLLED(bits) * BL_LANES_PAIRS(bits) * pixels);
    ends[1] = (int32_t)end;
#else
    (void)pairs;
    (void)pixels;
    (void)bits;
    ends[0] = 0;
    ends[1] = words;
#endif
}

/*
 * Adds the products of weights of 1 or 2 bits, from `filter` on, with the pairs of 3 or 1 pixels, which end at `last`, to the
 * sums `acc` of a, b for each pixel, then c, d; and to `lows` what of them is the sums of a and c. `pixels` and `bits` are
 * literals.
 */
BL_INLINE void bl_dot_lanes(uint32_t acc[6], int32_t lows[6], const int32_t *filter, const uint32_t *pairs,
                            const uint32_t *last, const int32_t *segments, int32_t pixels, int32_t bits)
{
#if defined(BL_LANES_LOOPS)
    int32_t fours, end;
    uint32_t mask = BL_LANES_MASK(bits);
    register uint32_t sum0 __asm__("r6") = acc[0];
    register uint32_t sum1 __asm__("r7") = acc[1];
    register uint32_t sum2 __asm__("r8") = acc[2];
    register uint32_t sum3 __asm__("r9") = acc[3];
    register uint32_t sum4 __asm__("r10") = acc[4];
    register uint32_t sum5 __asm__("r11") = acc[5];
    if (pixels == 3 && bits == 1)
        BL_LANES_SUM(BL_LANES_SEGMENTS(BL_LANES_START3, BL_LANES_WORD3_1, BL_LANES_WORD3_1 BL_LANES_WORD3_1,
                                       BL_LANES_PARTS3("15")));
    else if (pixels == 3)
        BL_LANES_SUM(BL_LANES_SEGMENTS(BL_LANES_START3, BL_LANES_WORD3_2,
                                       BL_LANES_WORD3_2 BL_LANES_WORD3_2 BL_LANES_WORD3_2 BL_LANES_WORD3_2,
                                       BL_LANES_PARTS3("14")));
    else if (bits == 1)
        BL_LANES_SUM(BL_LANES_SEGMENTS(BL_LANES_START1, BL_LANES_WORD1_1, BL_LANES_WORD1_1 BL_LANES_WORD1_1,
                                       BL_LANES_PARTS1("15")));
    else
        BL_LANES_SUM(BL_LANES_SEGMENTS(BL_LANES_START1, BL_LANES_WORD1_2,
                                       BL_LANES_WORD1_2 BL_LANES_WORD1_2 BL_LANES_WORD1_2 BL_LANES_WORD1_2,
                                       BL_LANES_PARTS1("14")));
    acc[0] = sum0;
    acc[1] = sum1;
    acc[2] = sum2;
    acc[3] = sum3;
    acc[4] = sum4;
    acc[5] = sum5;
#else
    for (; pairs != last; segments += BL_LANES_SEGMENT(pixels)) {
        for (int32_t i = 0; i < 2 * pixels; i++)
            acc[i] += (uint32_t)segments[2 + i % pixels];
        for (int32_t words = segments[1]; words > 0; words--, filter++) {
            for (int32_t pair = 0; pair < BL_LANES_PAIRS(bits); pair++, pairs += pixels) {
                for (int32_t i = 0; i < 2 * pixels; i++) {
                    int32_t turn = 2 * bits * (2 * pair + i / pixels);
                    uint32_t word = (uint32_t)*filter;
                    uint32_t turned = turn == 0 ? word : word >> turn | word << (32 - turn);
                    acc[i] = bl_smlad(pairs[i % pixels], turned & BL_LANES_MASK(bits), acc[i]);
                }
            }
        }
        for (int32_t i = 0; i < 2 * pixels; i++) {
            uint32_t rest = acc[i] - (uint32_t)lows[i];
            lows[i] += (int32_t)(rest << (32 - BL_LANES_SHIFT(bits))) >> (32 - BL_LANES_SHIFT(bits));
        }
    }
#endif
}

#endif
