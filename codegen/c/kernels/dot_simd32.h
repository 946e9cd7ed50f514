/*
 * Sums of products by SMLAD, in blocks that keep eight sums in registers. Layouts:
 *  - filter [channels / 4, rounded up][inputs / 4, rounded up][2 pairs of channels a, b][2 halves]: words of bytes
 *    a(k), b(k), a(k + 2), b(k + 2), where k is the first input of the four in half 0 and the second in half 1, so that
 *    SXTB16 of a word and of the word rotated by 8 give the weights of a and of b. Weights without a partner are 0.
 *  - pairs [inputs / 4][2 halves][pixels]: inputs k, k + 2 widened to halfwords in the same order, by bl_widen
 * `steps`, the number of groups of four inputs, is a literal. GCC needs inline assembly for the loops: every register
 * but the stack pointer is in use, so the end of the filter is kept in memory.
 */
#ifndef BL_DOT_SIMD32_H
#define BL_DOT_SIMD32_H

#include "simd32.h"

/* clang and -O0 keep a frame pointer; they take the C below. */
#if defined(BL_DSP) && !defined(__clang__) && defined(__OPTIMIZE__)
#define BL_DSP_LOOPS 1
#endif

/* Widens the `words` words of bytes at `input` to every `pixels`-th pair. */
BL_INLINE uint32_t *bl_widen(uint32_t *pairs, const int8_t *input, int32_t words, int32_t pixels)
{
    BL_UNROLL(4)
    for (int32_t i = 0; i < words; i++) {
        uint32_t x = bl_load_word(input + 4 * i);
        pairs[0] = bl_sxtb16(x);
        pairs[pixels] = bl_sxtb16_odd(x);
        pairs += 2 * pixels;
    }
    return pairs;
}

#if defined(BL_DSP_LOOPS)

/* Four pixels, channels a and b: 13 instructions for 16 products. `next` leads to the next half or step. */
#define BL_HALF_4X2(next)                                                                                              \
    "ldr %[w1], [%[f]], #" next "\n\tldrd %[x0], %[x1], [%[p]], #8\n\t"                                                \
    "sxtb16 %[w0], %[w1]\n\tsxtb16 %[w1], %[w1], ror #8\n\t"                                                           \
    "smlad %[a0], %[x0], %[w0], %[a0]\n\tsmlad %[a1], %[x1], %[w0], %[a1]\n\t"                                         \
    "smlad %[b0], %[x0], %[w1], %[b0]\n\tsmlad %[b1], %[x1], %[w1], %[b1]\n\t"                                         \
    "ldrd %[x0], %[x1], [%[p]], #8\n\t"                                                                                \
    "smlad %[a2], %[x0], %[w0], %[a2]\n\tsmlad %[a3], %[x1], %[w0], %[a3]\n\t"                                         \
    "smlad %[b2], %[x0], %[w1], %[b2]\n\tsmlad %[b3], %[x1], %[w1], %[b3]\n\t"
#define BL_STEP_4X2 BL_HALF_4X2("4") BL_HALF_4X2("12")

/* Two pixels, channels a, b, c and d, which are the sums a0, a1, b0, b1 and so on: 15 instructions for 16 products. */
#define BL_HALF_2X4(first, second)                                                                                     \
    "ldrd %[x0], %[x1], [%[p]], #8\n\tldr %[w1], " first "\n\t"                                                        \
    "sxtb16 %[w0], %[w1]\n\tsxtb16 %[w1], %[w1], ror #8\n\t"                                                           \
    "smlad %[b0], %[x0], %[w0], %[b0]\n\tsmlad %[b1], %[x1], %[w0], %[b1]\n\t"                                         \
    "smlad %[b2], %[x0], %[w1], %[b2]\n\tsmlad %[b3], %[x1], %[w1], %[b3]\n\t"                                         \
    "ldr %[w1], " second "\n\tsxtb16 %[w0], %[w1]\n\tsxtb16 %[w1], %[w1], ror #8\n\t"                                  \
    "smlad %[a0], %[x0], %[w0], %[a0]\n\tsmlad %[a1], %[x1], %[w0], %[a1]\n\t"                                         \
    "smlad %[a2], %[x0], %[w1], %[a2]\n\tsmlad %[a3], %[x1], %[w1], %[a3]\n\t"
#define BL_STEP_2X4 BL_HALF_2X4("[%[f], #8]", "[%[f]], #4") BL_HALF_2X4("[%[f], #8]", "[%[f]], #12")

/* One pixel, whose pairs are in x0 and x1, and four channels. */
#define BL_WORD_1X4(w, x, a, b)                                                                                        \
    "sxtb16 %[t], %[" w "]\n\tsxtb16 %[" w "], %[" w "], ror #8\n\t"                                                   \
    "smlad %[" a "], %[" x "], %[t], %[" a "]\n\tsmlad %[" b "], %[" x "], %[" w "], %[" b "]\n\t"
#define BL_BLOCK_1X4                                                                                                   \
    "ldrd %[w0], %[w1], [%[f]], #8\n\t" BL_WORD_1X4("w0", "x0", "a0", "a1") BL_WORD_1X4("w1", "x1", "a0", "a1")        \
    "ldrd %[w0], %[w1], [%[f]], #8\n\t" BL_WORD_1X4("w0", "x0", "a2", "a3") BL_WORD_1X4("w1", "x1", "a2", "a3")
#define BL_STEP_1X4 "ldrd %[x0], %[x1], [%[p]], #8\n\t" BL_BLOCK_1X4
/* The same from bytes. */
#define BL_STEP_1X4_BYTES                                                                                              \
    "ldr %[x0], [%[p]], #4\n\tsxtb16 %[x1], %[x0], ror #8\n\tsxtb16 %[x0], %[x0]\n\t" BL_BLOCK_1X4

/* A loop up to the address `end`, volatile so that it is on the stack, and the operands of straight code and a loop. */
#define BL_LOOP(body) "1:\n\t" body "ldr %[w0], %[end]\n\tcmp %[f], %[w0]\n\tbne 1b\n\t"
#define BL_STRAIGHT
#define BL_UP_TO_END [end] "m"(end)

#define BL_ASM_8(text, inputs)                                                                                         \
    __asm__ volatile(text                                                                                              \
                     : [a0] "+r"(acc[0]), [a1] "+r"(acc[1]), [a2] "+r"(acc[2]), [a3] "+r"(acc[3]),                     \
                       [b0] "+r"(acc[4]), [b1] "+r"(acc[5]), [b2] "+r"(acc[6]), [b3] "+r"(acc[7]), [f] "+r"(filter),   \
                       [p] "+r"(pairs), [x0] "=&r"(x0), [x1] "=&r"(x1), [w0] "=&r"(w0), [w1] "=&r"(w1)                 \
                     : inputs                                                                                          \
                     : "memory", "cc")
#define BL_ASM_4(text, inputs)                                                                                         \
    __asm__ volatile(text                                                                                              \
                     : [a0] "+r"(acc[0]), [a1] "+r"(acc[1]), [a2] "+r"(acc[2]), [a3] "+r"(acc[3]), [f] "+r"(filter),   \
                       [p] "+r"(input), [x0] "=&r"(x0), [x1] "=&r"(x1), [w0] "=&r"(w0), [w1] "=&r"(w1), [t] "=&r"(t)   \
                     : inputs                                                                                          \
                     : "memory", "cc")

/* `steps` steps: a loop of four at a time if there is more than one such round, and the rest in a row. */
#define BL_STEPS(ASM, step)                                                                                            \
    do {                                                                                                               \
        if (steps >= 8) {                                                                                              \
            const int8_t *volatile end = filter + steps / 4 * 64;                                                      \
            ASM(BL_LOOP(step step step step), BL_UP_TO_END);                                                           \
        } else if (steps >= 4) {                                                                                       \
            ASM(step step step step, BL_STRAIGHT);                                                                     \
        }                                                                                                              \
        if (steps % 4 == 3)                                                                                            \
            ASM(step step step, BL_STRAIGHT);                                                                          \
        else if (steps % 4 == 2)                                                                                       \
            ASM(step step, BL_STRAIGHT);                                                                               \
        else if (steps % 4 == 1)                                                                                       \
            ASM(step, BL_STRAIGHT);                                                                                    \
    } while (0)

#endif

/*
 * Adds to acc[channel of the block][pixel] the products of `pixels` pixels, 4 or 2 (a literal), and of two or four
 * channels, so that there are eight sums. `filter` is the block's, for two channels from their first pair on.
 */
BL_INLINE void bl_dot_pixels(uint32_t acc[8], const int8_t *filter, const uint32_t *pairs, int32_t steps,
                             int32_t pixels)
{
#if defined(BL_DSP_LOOPS)
    uint32_t x0, x1, w0, w1;
    if (pixels == 4)
        BL_STEPS(BL_ASM_8, BL_STEP_4X2);
    else
        BL_STEPS(BL_ASM_8, BL_STEP_2X4);
#else
    for (int32_t i = 0; i < 2 * steps; i++) {
        for (int32_t channel = 0; channel < 8 / pixels; channel += 2) {
            uint32_t w = bl_load_word(filter + i / 2 * 16 + channel * 4 + i % 2 * 4);
            for (int32_t p = 0; p < pixels; p++) {
                uint32_t *a = acc + channel * pixels + p;
                a[0] = bl_smlad(pairs[p], bl_sxtb16(w), a[0]);
                a[pixels] = bl_smlad(pairs[p], bl_sxtb16_odd(w), a[pixels]);
            }
        }
        pairs += pixels;
    }
#endif
}

/* One step of one pixel: acc[channel] += products of the four inputs in two pairs. */
BL_INLINE void bl_dot_step_simd32(uint32_t acc[4], const int8_t *filter, uint32_t even, uint32_t odd)
{
    for (int32_t channel = 0; channel < 4; channel += 2) {
        uint32_t w = bl_load_word(filter + channel * 4);
        acc[channel] = bl_smlad(even, bl_sxtb16(w), acc[channel]);
        acc[channel + 1] = bl_smlad(even, bl_sxtb16_odd(w), acc[channel + 1]);
        w = bl_load_word(filter + channel * 4 + 4);
        acc[channel] = bl_smlad(odd, bl_sxtb16(w), acc[channel]);
        acc[channel + 1] = bl_smlad(odd, bl_sxtb16_odd(w), acc[channel + 1]);
    }
}

/* The same for the pairs of one pixel and four channels. */
BL_INLINE void bl_dot_pixel(uint32_t acc[4], const int8_t *filter, const uint32_t *input, int32_t steps)
{
#if defined(BL_DSP_LOOPS)
    uint32_t x0, x1, w0, w1, t;
    /* Only the last pixels of an image come here: short code. */
    if (steps > 1) {
        const int8_t *volatile end = filter + 16 * steps;
        BL_ASM_4(BL_LOOP(BL_STEP_1X4), BL_UP_TO_END);
    } else {
        BL_ASM_4(BL_STEP_1X4, BL_STRAIGHT);
    }
#else
    for (int32_t i = 0; i < steps; i++)
        bl_dot_step_simd32(acc, filter + 16 * i, input[2 * i], input[2 * i + 1]);
#endif
}

/* The same for `count` inputs that are not widened; `count` is a literal, nothing behind them is read. */
BL_INLINE void bl_dot_bytes(uint32_t acc[4], const int8_t *filter, const int8_t *input, int32_t count)
{
    int32_t steps = count / 4;
#if defined(BL_DSP_LOOPS)
    uint32_t x0, x1, w0, w1, t;
    BL_STEPS(BL_ASM_4, BL_STEP_1X4_BYTES);
#else
    for (int32_t i = 0; i < steps; i++, filter += 16, input += 4) {
        uint32_t x = bl_load_word(input);
        bl_dot_step_simd32(acc, filter, bl_sxtb16(x), bl_sxtb16_odd(x));
    }
#endif
    if (count % 4 != 0) {
        int8_t last[4] = {0, 0, 0, 0};
        for (int32_t i = 0; i < count % 4; i++)
            last[i] = input[i];
        uint32_t x = bl_load_word(last);
        bl_dot_step_simd32(acc, filter, bl_sxtb16(x), bl_sxtb16_odd(x));
    }
}

#endif
