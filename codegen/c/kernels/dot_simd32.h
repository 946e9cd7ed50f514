/*
 * Sums of products by SMLAD, in blocks that keep eight sums in registers. Layouts:
 *  - filter [channels / 4, rounded up][inputs / 4, rounded up][2 pairs of channels a, b][2 halves]: words of bytes
 *    a(k), b(k), a(k + 2), b(k + 2), where k is the first input of the four in half 0 and the second in half 1, so that
 *    SXTB16 of a word and of the word rotated by 8 give the weights of a and of b. Weights without a partner are 0.
 *  - pairs [inputs / 4][2 halves][pixels]: inputs k, k + 2 widened to halfwords in the same order, by bl_widen
 * GCC needs inline assembly for the loops: every register but the stack pointer is in use, so their ends are in memory.
 */
#ifndef BL_DOT_SIMD32_H
#define BL_DOT_SIMD32_H

#include "simd32.h"

/* At -O0 the frame pointer leaves too few registers; it takes the C below. */
#if defined(BL_DSP) && defined(__OPTIMIZE__)
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

/* Where loops end: in memory of the frame, and in clang on top of the stack. */
#if defined(__clang__)
#define BL_FOURS "[sp]"
#define BL_END "[sp, #4]"
#else
#define BL_FOURS "%[fours]"
#define BL_END "%[end]"
#endif

/* Four pixels, channels a and b: 13 instructions for 16 products. `next` leads to the next half or step. */
#define BL_HALF_4X2(next)                                                                                              \
    "ldr " BL_W1 ", [%[f]], #" next "\n\tldrd %[x0], %[x1], [%[p]], #8\n\t"                                            \
    "sxtb16 %[w0], " BL_W1 "\n\tsxtb16 " BL_W1 ", " BL_W1 ", ror #8\n\t"                                               \
    "smlad %[a0], %[x0], %[w0], %[a0]\n\tsmlad %[a1], %[x1], %[w0], %[a1]\n\t"                                         \
    "smlad %[b0], %[x0], " BL_W1 ", %[b0]\n\tsmlad %[b1], %[x1], " BL_W1 ", %[b1]\n\t"                                 \
    "ldrd %[x0], %[x1], [%[p]], #8\n\t"                                                                                \
    "smlad %[a2], %[x0], %[w0], %[a2]\n\tsmlad %[a3], %[x1], %[w0], %[a3]\n\t"                                         \
    "smlad %[b2], %[x0], " BL_W1 ", %[b2]\n\tsmlad %[b3], %[x1], " BL_W1 ", %[b3]\n\t"
#define BL_STEP_4X2 BL_HALF_4X2("4") BL_HALF_4X2("12")

/* Two pixels, channels a, b, c and d, which are the sums a0, a1, b0, b1 and so on: 15 instructions for 16 products. */
#define BL_HALF_2X4(first, second)                                                                                     \
    "ldrd %[x0], %[x1], [%[p]], #8\n\tldr " BL_W1 ", " first "\n\t"                                                    \
    "sxtb16 %[w0], " BL_W1 "\n\tsxtb16 " BL_W1 ", " BL_W1 ", ror #8\n\t"                                               \
    "smlad %[b0], %[x0], %[w0], %[b0]\n\tsmlad %[b1], %[x1], %[w0], %[b1]\n\t"                                         \
    "smlad %[b2], %[x0], " BL_W1 ", %[b2]\n\tsmlad %[b3], %[x1], " BL_W1 ", %[b3]\n\t"                                 \
    "ldr " BL_W1 ", " second "\n\tsxtb16 %[w0], " BL_W1 "\n\tsxtb16 " BL_W1 ", " BL_W1 ", ror #8\n\t"                  \
    "smlad %[a0], %[x0], %[w0], %[a0]\n\tsmlad %[a1], %[x1], %[w0], %[a1]\n\t"                                         \
    "smlad %[a2], %[x0], " BL_W1 ", %[a2]\n\tsmlad %[a3], %[x1], " BL_W1 ", %[a3]\n\t"
#define BL_STEP_2X4 BL_HALF_2X4("[%[f], #8]", "[%[f]], #4") BL_HALF_2X4("[%[f], #8]", "[%[f]], #12")

/*
 * `step` until `p` is at `end`: by fours up to `fours`. x is free between steps.
 */
#define BL_WHILE(p, x, start, body, end, stop)                                                                         \
    "ldr " x ", " end "\n\tcmp " p ", " x "\n\tbeq " stop "f\n" start ":\n\t" body                                     \
    "ldr " x ", " end "\n\tcmp " p ", " x "\n\tbne " start "b\n" stop ":\n\t"
#define BL_LOOP(p, x, step)                                                                                            \
    BL_WHILE(p, x, "1", step step step step, BL_FOURS, "2") BL_WHILE(p, x, "3", step, BL_END, "4")

/* One pixel, whose pair is in x, and the weights w of the two channels with sums a and b. */
#define BL_WORD_1X4(w, x, a, b)                                                                                        \
    "sxtb16 lr, " w "\n\tsxtb16 " w ", " w ", ror #8\n\t"                                                              \
    "smlad " a ", " x ", lr, " a "\n\tsmlad " b ", " x ", " w ", " b "\n\t"
/* Four channels. */
#define BL_BLOCK_1X4                                                                                                   \
    "ldm r4!, {r0, r1, r2, r3}\n\t"                                                                                    \
    BL_WORD_1X4("r0", "r6", "r8", "r9") BL_WORD_1X4("r1", "r12", "r8", "r9")                                           \
    BL_WORD_1X4("r2", "r6", "r10", "r11") BL_WORD_1X4("r3", "r12", "r10", "r11")
#define BL_STEP_1X4 "ldrd r6, r12, [r5], #8\n\t" BL_BLOCK_1X4
/* The same from bytes. */
#define BL_STEP_1X4_BYTES "ldr r6, [r5], #4\n\tsxtb16 r12, r6, ror #8\n\tsxtb16 r6, r6\n\t" BL_BLOCK_1X4

#endif

/* Where loops over the inputs of pixels end: those of four steps, and all. Steps are groups of four inputs. */
typedef struct {
    const void *fours;
    const void *end;
} bl_ends;

BL_INLINE bl_ends bl_ends_of_pairs(const uint32_t *pairs, int32_t steps, int32_t pixels)
{
    bl_ends ends = {pairs + steps / 4 * 8 * pixels, pairs + steps * 2 * pixels};
    return ends;
}

/*
 * Adds to acc[channel of the block][pixel] the products of `pixels` pixels, 4 or 2 (a literal), and of two or four
 * channels, so that there are eight sums. `filter` is the block's, for two channels from their first pair on.
 */
BL_INLINE void bl_dot_pixels(uint32_t acc[8], const int8_t *filter, const uint32_t *pairs, const bl_ends *ends,
                             int32_t pixels)
{
#if defined(BL_DSP_LOOPS)
#if defined(__clang__)
    /* Names keep all operands out of r7. */
    register uint32_t a0 __asm__("r0") = acc[0];
    register uint32_t a1 __asm__("r1") = acc[1];
    register uint32_t a2 __asm__("r2") = acc[2];
    register uint32_t a3 __asm__("r3") = acc[3];
    register uint32_t b0 __asm__("r4") = acc[4];
    register uint32_t b1 __asm__("r5") = acc[5];
    register uint32_t b2 __asm__("r6") = acc[6];
    register uint32_t b3 __asm__("r8") = acc[7];
    register const int8_t *f __asm__("r9") = filter;
    register const uint32_t *p __asm__("r10") = pairs;
    register const void *x0 __asm__("r11") = ends->fours;
    register const void *x1 __asm__("r12") = ends->end;
    register uint32_t w0 __asm__("lr");
#define BL_SUM_PIXELS(step)                                                                                            \
    __asm__ volatile("strd %[x0], %[x1], [sp, #-16]!\n\tstr r7, [sp, #8]\n\t"                                          \
                     BL_LOOP("%[p]", "%[x0]", step)                                                                    \
                     "ldr r7, [sp, #8]\n\tadd sp, sp, #16"                                                             \
                     : [a0] "+r"(a0), [a1] "+r"(a1), [a2] "+r"(a2), [a3] "+r"(a3), [b0] "+r"(b0), [b1] "+r"(b1),       \
                       [b2] "+r"(b2), [b3] "+r"(b3), [f] "+r"(f), [p] "+r"(p), [x0] "+r"(x0), [x1] "+r"(x1),           \
                       [w0] "=&r"(w0)                                                                                  \
                     :                                                                                                 \
                     : "memory", "cc")
#else
    uint32_t x0, x1, w0, w1;
#define BL_SUM_PIXELS(step)                                                                                            \
    __asm__ volatile(BL_LOOP("%[p]", "%[x0]", step)                                                                    \
                     : [a0] "+r"(acc[0]), [a1] "+r"(acc[1]), [a2] "+r"(acc[2]), [a3] "+r"(acc[3]),                     \
                       [b0] "+r"(acc[4]), [b1] "+r"(acc[5]), [b2] "+r"(acc[6]), [b3] "+r"(acc[7]), [f] "+r"(filter),   \
                       [p] "+r"(pairs), [x0] "=&r"(x0), [x1] "=&r"(x1), [w0] "=&r"(w0), [w1] "=&r"(w1)                 \
                     : [fours] "m"(ends->fours), [end] "m"(ends->end)                                                  \
                     : "memory", "cc")
#endif
    if (pixels == 4)
        BL_SUM_PIXELS(BL_STEP_4X2);
    else
        BL_SUM_PIXELS(BL_STEP_2X4);
#undef BL_SUM_PIXELS
#if defined(__clang__)
    acc[0] = a0;
    acc[1] = a1;
    acc[2] = a2;
    acc[3] = a3;
    acc[4] = b0;
    acc[5] = b1;
    acc[6] = b2;
    acc[7] = b3;
#endif
#else
    for (; pairs != (const uint32_t *)ends->end; filter += 16) {
        for (int32_t half = 0; half < 2; half++, pairs += pixels) {
            for (int32_t channel = 0; channel < 8 / pixels; channel += 2) {
                uint32_t w = bl_load_word(filter + channel * 4 + half * 4);
                for (int32_t p = 0; p < pixels; p++) {
                    uint32_t *a = acc + channel * pixels + p;
                    a[0] = bl_smlad(pairs[p], bl_sxtb16(w), a[0]);
                    a[pixels] = bl_smlad(pairs[p], bl_sxtb16_odd(w), a[pixels]);
                }
            }
        }
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

#if defined(BL_DSP_LOOPS)
/*
 * The sums of one pixel, by a loop over its inputs. Registers have names, so that one instruction can load several words,
 * and because GCC does not find enough of them in functions where more is going on.
 */
#if defined(__clang__)
#define BL_SUM_PIXEL_LOOP(filter, inputs, ends, loop)                                                                  \
    do {                                                                                                               \
        register const int8_t *weights __asm__("r4") = filter;                                                         \
        register const void *input_at __asm__("r5") = inputs;                                                          \
        register const void *fours __asm__("r6") = (ends)->fours;                                                      \
        register const void *end __asm__("r12") = (ends)->end;                                                         \
        __asm__ volatile("strd r6, r12, [sp, #-8]!\n\t" loop "add sp, sp, #8"                                          \
                         : "+r"(sum0), "+r"(sum1), "+r"(sum2), "+r"(sum3), "+r"(weights), "+r"(input_at),              \
                           "+r"(fours), "+r"(end)                                                                      \
                         :                                                                                             \
                         : "r0", "r1", "r2", "r3", "lr", "memory", "cc");                                              \
    } while (0)
#else
#define BL_SUM_PIXEL_LOOP(filter, inputs, ends, loop)                                                                  \
    __asm__ volatile("ldr r4, %[weights]\n\tldr r5, %[input]\n\t" loop                                                 \
                     : "+r"(sum0), "+r"(sum1), "+r"(sum2), "+r"(sum3)                                                  \
                     : [weights] "m"(filter), [input] "m"(inputs), [fours] "m"((ends)->fours),                         \
                       [end] "m"((ends)->end)                                                                          \
                     : "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r12", "lr", "memory", "cc")
#endif
#define BL_SUM_PIXEL(acc, filter, inputs, ends, loop)                                                                  \
    do {                                                                                                               \
        register uint32_t sum0 __asm__("r8");                                                                          \
        register uint32_t sum1 __asm__("r9");                                                                          \
        register uint32_t sum2 __asm__("r10");                                                                         \
        register uint32_t sum3 __asm__("r11");                                                                         \
        sum0 = (acc)[0];                                                                                               \
        sum1 = (acc)[1];                                                                                               \
        sum2 = (acc)[2];                                                                                               \
        sum3 = (acc)[3];                                                                                               \
        BL_SUM_PIXEL_LOOP(filter, inputs, ends, loop);                                                                 \
        (acc)[0] = sum0;                                                                                               \
        (acc)[1] = sum1;                                                                                               \
        (acc)[2] = sum2;                                                                                               \
        (acc)[3] = sum3;                                                                                               \
    } while (0)
#endif

/* The same for the pairs of one pixel and four channels. */
BL_INLINE void bl_dot_pixel(uint32_t acc[4], const int8_t *filter, const uint32_t *pairs, const bl_ends *ends)
{
#if defined(BL_DSP_LOOPS)
    /* Only the last pixels of an image come here: short code. */
    BL_SUM_PIXEL(acc, filter, pairs, ends, BL_WHILE("r5", "r6", "3", BL_STEP_1X4, BL_END, "4"));
#else
    for (; pairs != (const uint32_t *)ends->end; pairs += 2, filter += 16)
        bl_dot_step_simd32(acc, filter, pairs[0], pairs[1]);
#endif
}

/* The same for inputs that are not widened, in whole steps. */
BL_INLINE void bl_dot_bytes(uint32_t acc[4], const int8_t *filter, const int8_t *input, const bl_ends *ends)
{
#if defined(BL_DSP_LOOPS)
    BL_SUM_PIXEL(acc, filter, input, ends, BL_LOOP("r5", "r6", BL_STEP_1X4_BYTES));
#else
    for (; input != (const int8_t *)ends->end; input += 4, filter += 16) {
        uint32_t x = bl_load_word(input);
        bl_dot_step_simd32(acc, filter, bl_sxtb16(x), bl_sxtb16_odd(x));
    }
#endif
}

/* The same for the last one to three inputs; nothing behind them is read. */
BL_INLINE void bl_dot_last_bytes(uint32_t acc[4], const int8_t *filter, const int8_t *input, int32_t count)
{
    uint32_t x = 0;
    for (int32_t i = 0; i < count; i++)
        x |= (uint32_t)(uint8_t)input[i] << (8 * i);
    bl_dot_step_simd32(acc, filter, bl_sxtb16(x), bl_sxtb16_odd(x));
}

#endif
