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
/* One pixel. */
#define BL_LANES_TAP1(first, second)                                                                                   \
    "ldmia r6!, {r0}\n\t" first "ands r2, r5\n\tmuls r2, r0\n\tadd r8, r2\n\t" second "ands r2, r5\n\t"                \
    "muls r2, r0\n\tadd r9, r2\n\t"
#define BL_LANES_FIELDS(by) "lsrs r2, r4, #" by "\n\t"
#define BL_LANES_FIRST "movs r2, r4\n\t"
#define BL_LANES_LOAD "ldmia r7!, {r4}\n\t"
/* Adds the parts of a sum to the two sums at r5. */
#define BL_LANES_PARTED(sum)                                                                                           \
    "mov r0, " sum "\n\tsxth r1, r0\n\tsubs r0, r0, r1\n\tasrs r0, r0, #16\n\tldmia r5!, {r2, r3}\n\t"                 \
    "subs r5, #8\n\tadds r2, r2, r1\n\tadds r3, r3, r0\n\tstmia r5!, {r2, r3}\n\t"
#define BL_LANES_LOOP_MUL(start, words, parted)                                                                        \
    __asm__ volatile(".syntax unified\n\t"                                                                             \
                     "ldr r0, %[starts]\n\t" start                                                                     \
                     "ldr r7, %[filter]\n\tldr r6, %[inputs]\n\tldr r0, %[end]\n\tmov r12, r0\n\tldr r5, %[field]\n"   \
                     "1:\n\t" words "cmp r6, r12\n\tbne 1b\n\tldr r5, %[sums]\n\t" parted                              \
                     :                                                                                                 \
                     : [filter] "m"(filter), [inputs] "m"(inputs), [end] "m"(end), [field] "m"(field),                 \
                       [starts] "m"(starts), [sums] "m"(sums)                                                          \
                     : "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "cc", "memory")
#define BL_LANES_STARTS "ldmia r0!, {r1, r2}\n\tmov r8, r1\n\tmov r9, r2\n\tmov r10, r1\n\tmov r11, r2\n\t"
#define BL_LANES_STARTS1 "ldmia r0!, {r1}\n\tmov r8, r1\n\tmov r9, r1\n\t"
#define BL_LANES_ALL_PARTED                                                                                            \
    BL_LANES_PARTED("r8") BL_LANES_PARTED("r9") BL_LANES_PARTED("r10") BL_LANES_PARTED("r11")
#define BL_LANES_ALL_PARTED1 BL_LANES_PARTED("r8") BL_LANES_PARTED("r9")

#elif defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && defined(__ARM_ARCH_ISA_THUMB) && \
    __ARM_ARCH_ISA_THUMB == 2 && !defined(__ARM_FEATURE_DSP)

#define BL_LANES_PIXELS 3

/* Three pixels with four channels: 9 instructions for 12 products. */
#define BL_LANES_TAP(first, second)                                                                                    \
    "ldmia r5!, {r0, r1, r2}\n\t" first                                                                                \
    "mla r6, r0, r4, r6\n\tmla r7, r1, r4, r7\n\tmla r8, r2, r4, r8\n\t" second                                        \
    "mla r9, r0, r4, r9\n\tmla r10, r1, r4, r10\n\tmla r11, r2, r4, r11\n\t"
#define BL_LANES_TAP1(first, second)                                                                                   \
    "ldr r0, [r5], #4\n\t" first "mla r6, r0, r4, r6\n\t" second "mla r7, r0, r4, r7\n\t"
#define BL_LANES_FIELDS(by) "and r4, r12, r3, lsr #" by "\n\t"
#define BL_LANES_FIRST "and r4, r12, r3\n\t"
#define BL_LANES_LOAD "ldr r3, [lr], #4\n\t"
/* Adds the parts of a sum to the two sums at r5. */
#define BL_LANES_PARTED(sum)                                                                                           \
    "ldrd r0, r1, [r5]\n\tsxth r2, " sum "\n\tadd r0, r2\n\tsub r2, " sum ", r2\n\tadd r1, r1, r2, asr #16\n\t"        \
    "strd r0, r1, [r5], #8\n\t"
#define BL_LANES_LOOP_MUL(start, words, parted)                                                                        \
    __asm__ volatile("ldr r0, %[starts]\n\t" start "ldr lr, %[filter]\n\tldr r5, %[inputs]\n\tldr r12, %[field]\n"     \
                     "1:\n\t" words "ldr r0, %[end]\n\tcmp r5, r0\n\tbne 1b\n\tldr r5, %[sums]\n\t" parted             \
                     :                                                                                                 \
                     : [filter] "m"(filter), [inputs] "m"(inputs), [end] "m"(end), [field] "m"(field),                 \
                       [starts] "m"(starts), [sums] "m"(sums)                                                          \
                     : "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "lr", "cc",    \
                       "memory")
#define BL_LANES_STARTS "ldmia r0, {r6, r7, r8}\n\tmov r9, r6\n\tmov r10, r7\n\tmov r11, r8\n\t"
#define BL_LANES_STARTS1 "ldr r6, [r0]\n\tmov r7, r6\n\t"
#define BL_LANES_ALL_PARTED                                                                                            \
    BL_LANES_PARTED("r6") BL_LANES_PARTED("r7") BL_LANES_PARTED("r8") BL_LANES_PARTED("r9") BL_LANES_PARTED("r10")     \
    BL_LANES_PARTED("r11")
#define BL_LANES_ALL_PARTED1 BL_LANES_PARTED("r6") BL_LANES_PARTED("r7")

#else

#define BL_LANES_PIXELS 2

#endif

#if defined(BL_LANES_TAP)

#define BL_LANES_WORDS_4(tap)                                                                                          \
    BL_LANES_LOAD tap(BL_LANES_FIRST, BL_LANES_FIELDS("4")) tap(BL_LANES_FIELDS("8"), BL_LANES_FIELDS("12"))
#define BL_LANES_WORDS_2(tap)                                                                                          \
    BL_LANES_LOAD tap(BL_LANES_FIRST, BL_LANES_FIELDS("2")) tap(BL_LANES_FIELDS("4"), BL_LANES_FIELDS("6"))            \
    tap(BL_LANES_FIELDS("8"), BL_LANES_FIELDS("10")) tap(BL_LANES_FIELDS("12"), BL_LANES_FIELDS("14"))
#define BL_LANES_WORDS_1(tap)                                                                                          \
    BL_LANES_LOAD tap(BL_LANES_FIRST, BL_LANES_FIELDS("1")) tap(BL_LANES_FIELDS("2"), BL_LANES_FIELDS("3"))            \
    tap(BL_LANES_FIELDS("4"), BL_LANES_FIELDS("5")) tap(BL_LANES_FIELDS("6"), BL_LANES_FIELDS("7"))                    \
    tap(BL_LANES_FIELDS("8"), BL_LANES_FIELDS("9")) tap(BL_LANES_FIELDS("10"), BL_LANES_FIELDS("11"))                  \
    tap(BL_LANES_FIELDS("12"), BL_LANES_FIELDS("13")) tap(BL_LANES_FIELDS("14"), BL_LANES_FIELDS("15"))

#endif

/*
 * Adds the products of `words` words, an even number but for 1 bit and not 0, with the inputs of `pixels` pixels to the sums of
 * codes [2 pairs of channels][pixels][2], where `starts` has for each pixel what takes the codes' offset off.
 * `pixels`, BL_LANES_PIXELS or 1, and `bits` are literals.
 */
BL_INLINE void bl_dot_lanes_mul(int32_t *sums, const int32_t *starts, const int32_t *filter, const int32_t *inputs,
                                int32_t words, int32_t pixels, int32_t bits)
{
    int32_t field = BL_LANES_FIELD(bits);
    const int32_t *end = inputs + words * BL_LANES_TAPS(bits) * pixels;
#if defined(BL_LANES_TAP)
#define BL_LANES_MUL_OF(words)                                                                                         \
    do {                                                                                                               \
        if (pixels == 1)                                                                                               \
            BL_LANES_LOOP_MUL(BL_LANES_STARTS1, words(BL_LANES_TAP1), BL_LANES_ALL_PARTED1);                           \
        else                                                                                                           \
            BL_LANES_LOOP_MUL(BL_LANES_STARTS, words(BL_LANES_TAP), BL_LANES_ALL_PARTED);                              \
    } while (0)
#define BL_LANES_TWICE_4(tap) BL_LANES_WORDS_4(tap) BL_LANES_WORDS_4(tap)
#define BL_LANES_TWICE_2(tap) BL_LANES_WORDS_2(tap) BL_LANES_WORDS_2(tap)
    if (bits == 4)
        BL_LANES_MUL_OF(BL_LANES_TWICE_4);
    else if (bits == 2)
        BL_LANES_MUL_OF(BL_LANES_TWICE_2);
    else
        BL_LANES_MUL_OF(BL_LANES_WORDS_1);
#undef BL_LANES_MUL_OF
#else
    uint32_t acc[2 * BL_LANES_PIXELS];
    for (int32_t i = 0; i < 2 * pixels; i++)
        acc[i] = (uint32_t)starts[i % pixels];
    while (inputs != end) {
        uint32_t word = (uint32_t)*filter++;
        for (int32_t tap = 0; tap < BL_LANES_TAPS(bits); tap++, inputs += pixels) {
            for (int32_t i = 0; i < 2 * pixels; i++) {
                uint32_t codes = (word >> (2 * bits * tap + i / pixels * bits)) & (uint32_t)field;
                acc[i] += codes * (uint32_t)inputs[i % pixels];
            }
        }
    }
    for (int32_t i = 0; i < 2 * pixels; i++) {
        int32_t low = (int16_t)(uint16_t)acc[i];
        sums[2 * i] += low;
        sums[2 * i + 1] += (int32_t)(acc[i] - (uint32_t)low) >> 16;
    }
#endif
}

#endif
