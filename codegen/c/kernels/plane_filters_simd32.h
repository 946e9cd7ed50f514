/* Depthwise filters over planes (depthwise_planes_simd32.h): one channel after the other, two neighbouring outputs at a time. */
#ifndef BL_PLANE_FILTERS_SIMD32_H
#define BL_PLANE_FILTERS_SIMD32_H

#include "depthwise_planes_simd32.h"

/* Words of a channel's constants that are no weights. */
#define BL_PLANE_ENDS 5

/*
 * What one channel's filter makes of rows of outputs. A channel's constants are weights by row of the filter, then the bias
 * twice, multiplier, addend and right shift. For a stride of 1 a row of weights a, b, c, d, e is the pairs ab, cd for
 * outputs in even columns, then bc, de for those in odd ones; for a stride of 2 it is ab, cd, e0.
 */
typedef struct {
    int32_t width;
    int32_t pitch;    /* words between rows of planes */
    int32_t channels; /* bytes between outputs */
} bl_plane_filter;

/* Words of one channel's weights, where filters are square. */
BL_INLINE int32_t bl_plane_weights(int32_t size, int32_t stride)
{
    return size * (stride == 1 ? size - 1 : (size + 1) / 2);
}

#if defined(BL_DSP_PLANES)

/* What does not fit into registers: volatile so that it is on the stack. Pairs are moved by LDRD and STRD. */
typedef struct {
    int32_t bias[2];
    int32_t multiply[2];
    int32_t shift_channels[2];
    int32_t even_odd[2]; /* bytes of the outputs that are computed two by two, and whether there is one more */
    uint32_t skip_end[2]; /* from the end of a row to the next, and where the rows end */
    const int32_t *weights;
    const int8_t *end;
    uint32_t pitch;
    uint32_t back;
} bl_plane_memory;

BL_INLINE bl_plane_memory bl_plane_remember(const bl_plane_filter *f, int32_t size, int32_t stride)
{
    uint32_t pitch = 4 * (uint32_t)f->pitch;
    uint32_t skip = (uint32_t)stride * (pitch - (uint32_t)f->width / 2 * 4);
    bl_plane_memory m = {{0, 0},
                         {0, 0},
                         {0, f->channels},
                         {f->width / 2 * 2 * f->channels, f->width % 2},
                         {skip, 0},
                         0,
                         0,
                         pitch,
                         (uint32_t)size * pitch};
    return m;
}

#define BL_PLANE_MEMORY(m)                                                                                             \
    [bias] "m"((m)->bias), [multiply] "m"((m)->multiply), [shift_channels] "m"((m)->shift_channels),                   \
        [even_odd] "m"((m)->even_odd), [skip_end] "m"((m)->skip_end), [weights] "m"((m)->weights),                     \
        [pitch] "m"((m)->pitch), [back] "m"((m)->back), [end] "m"((m)->end)

/* Keeps what follows `ends` bytes of weights at w. */
#define BL_PLANE_ENDS_OF(w, ends)                                                                                      \
    "ldrd %[a], %[b], [" w ", #" ends "]\n\tstrd %[a], %[b], %[bias]\n\t"                                              \
    "ldrd %[a], %[b], [" w ", #" ends "+8]\n\tstrd %[a], %[b], %[multiply]\n\t"                                        \
    "ldr %[a], [" w ", #" ends "+16]\n\tstr %[a], %[shift_channels]\n\t"
/* Around the rows, by two registers x and y: where the outputs of a row end; codes of the sums a and b; of the last sum. */
#define BL_PLANE_BEGIN(x, y)                                                                                           \
    "1:\n\tldrd " x ", " y ", %[even_odd]\n\tadd " x ", " x ", %[out]\n\tstr " x ", %[end]\n"
#define BL_PLANE_PAIR(x, y)                                                                                            \
    "ldrd " x ", " y ", %[multiply]\n\t"                                                                              \
    "smmlar %[a], %[a], " x ", " y "\n\tsmmlar %[b], %[b], " x ", " y "\n\t"                                         \
    "ldrd " x ", " y ", %[shift_channels]\n\t"                                                                        \
    "asr %[a], %[a], " x "\n\tasr %[b], %[b], " x "\n\tldr " x ", %[end]\n\t"                                       \
    "ssat %[a], #8, %[a]\n\tssat %[b], #8, %[b]\n\t"                                                                 \
    "strb %[a], [%[out]]\n\tstrb %[b], [%[out], " y "]\n\tadd %[out], %[out], " y ", lsl #1\n\t"                    \
    "cmp %[out], " x "\n\tbne 2b\n\t"                                                                                \
    "ldrd " x ", " y ", %[even_odd]\n\tcmp " y ", #0\n\tbeq 3f\n\t"
#define BL_PLANE_LAST(x, y)                                                                                            \
    "ldrd " x ", " y ", %[multiply]\n\tsmmlar %[a], %[a], " x ", " y "\n\t"                                          \
    "ldrd " x ", " y ", %[shift_channels]\n\tasr %[a], %[a], " x "\n\tssat %[a], #8, %[a]\n\t"                      \
    "strb %[a], [%[out]]\n\tadd %[out], %[out], " y "\n"                                                             \
    "3:\n\tldrd " x ", " y ", %[skip_end]\n\t"

/* Adds a row of three taps to the sums a and b of neighbouring columns, or to a alone. */
#define BL_TWO_OF_3(p, ab, bc)                                                                                         \
    "ldrd %[x], %[y], [" p "], #4\n\t"                                                                                \
    "smlad %[a], %[x], " ab ", %[a]\n\tsmlatb %[b], %[x], " ab ", %[b]\n\t"                                          \
    "smlabt %[a], %[y], " bc ", %[a]\n\tsmlad %[b], %[y], " bc ", %[b]\n\t"
#define BL_ONE_OF_3(p, ab, bc)                                                                                         \
    "ldrd %[x], %[y], [" p "]\n\tsmlad %[a], %[x], " ab ", %[a]\n\tsmlabt %[a], %[y], " bc ", %[a]\n\t"

/* 3x3 with a stride of 1: all weights stay in registers. */
BL_INLINE void bl_plane_filter_3x3(volatile bl_plane_memory *m, const uint32_t *p0, int8_t *out, const int32_t *weights)
{
    const uint32_t *p1, *p2;
    uint32_t x = (uint32_t)weights;
    uint32_t y, a, b, w0, w1, w2, w3, w4, w5;
    __asm__ volatile(
        BL_PLANE_ENDS_OF("%[x]", "24")
        "ldrd %[w0], %[w1], [%[x]]\n\tldrd %[w2], %[w3], [%[x], #8]\n\tldrd %[w4], %[w5], [%[x], #16]\n\t"
        "ldr %[x], %[pitch]\n\tadd %[p1], %[p0], %[x]\n\tadd %[p2], %[p1], %[x]\n"
        BL_PLANE_BEGIN("%[x]", "%[y]")
        "2:\n\tldrd %[a], %[b], %[bias]\n\t"
        BL_TWO_OF_3("%[p0]", "%[w0]", "%[w1]")
        BL_TWO_OF_3("%[p1]", "%[w2]", "%[w3]")
        BL_TWO_OF_3("%[p2]", "%[w4]", "%[w5]")
        BL_PLANE_PAIR("%[x]", "%[y]")
        "ldr %[a], %[bias]\n\t"
        BL_ONE_OF_3("%[p0]", "%[w0]", "%[w1]")
        BL_ONE_OF_3("%[p1]", "%[w2]", "%[w3]")
        BL_ONE_OF_3("%[p2]", "%[w4]", "%[w5]")
        BL_PLANE_LAST("%[x]", "%[y]")
        "add %[p0], %[p0], %[x]\n\tadd %[p1], %[p1], %[x]\n\tadd %[p2], %[p2], %[x]\n\t"
        "cmp %[p0], %[y]\n\tbne 1b"
        : [p0] "+r"(p0), [out] "+r"(out), [p1] "=&r"(p1), [p2] "=&r"(p2), [x] "+r"(x), [y] "=&r"(y), [a] "=&r"(a),
          [b] "=&r"(b), [w0] "=&r"(w0), [w1] "=&r"(w1), [w2] "=&r"(w2), [w3] "=&r"(w3), [w4] "=&r"(w4), [w5] "=&r"(w5)
        : BL_PLANE_MEMORY(m)
        : "cc", "memory");
}

/* Rows of larger filters, whose weights are read again for each two outputs: for a and b, and for a alone. */
#define BL_TWO_OF_5                                                                                                    \
    "ldm %[w]!, {r4, r5, r6, r8}\n\tldm %[p], {r9, r10, r11}\n\tadd %[p], %[p], %[pitch_of]\n\t"                     \
    "smlad %[a], r9, r4, %[a]\n\tsmlatb %[b], r9, r4, %[b]\n\t"                                                      \
    "smlad %[a], r10, r5, %[a]\n\tsmlad %[b], r10, r6, %[b]\n\t"                                                     \
    "smlabt %[a], r11, r8, %[a]\n\tsmlad %[b], r11, r8, %[b]\n\t"
#define BL_ONE_OF_5                                                                                                    \
    "ldm %[w]!, {r4, r5, r6, r8}\n\tldm %[p], {r9, r10, r11}\n\tadd %[p], %[p], %[pitch_of]\n\t"                     \
    "smlad %[a], r9, r4, %[a]\n\tsmlad %[a], r10, r5, %[a]\n\tsmlabt %[a], r11, r8, %[a]\n\t"
#define BL_TWO_OF_7                                                                                                    \
    "ldm %[w]!, {r4, r5, r6}\n\tldm %[p], {r8, r9, r10, r11}\n\tadd %[p], %[p], %[pitch_of]\n\t"                     \
    "smlad %[a], r8, r4, %[a]\n\tsmlatb %[b], r8, r4, %[b]\n\t"                                                      \
    "smlad %[a], r9, r5, %[a]\n\tsmlad %[a], r10, r6, %[a]\n\t"                                                      \
    "ldm %[w]!, {r4, r5, r6}\n\t"                                                                                     \
    "smlad %[b], r9, r4, %[b]\n\tsmlad %[b], r10, r5, %[b]\n\t"                                                      \
    "smlabt %[a], r11, r6, %[a]\n\tsmlad %[b], r11, r6, %[b]\n\t"
#define BL_ONE_OF_7                                                                                                    \
    "ldm %[w]!, {r4, r5, r6}\n\tldm %[p], {r8, r9, r10, r11}\n\tadd %[p], %[p], %[pitch_of]\n\t"                     \
    "smlad %[a], r8, r4, %[a]\n\tsmlad %[a], r9, r5, %[a]\n\tsmlad %[a], r10, r6, %[a]\n\t"                         \
    "ldm %[w]!, {r4, r5, r6}\n\tsmlabt %[a], r11, r6, %[a]\n\t"
#define BL_TWO_OF_5_BY_2                                                                                               \
    "ldm %[w]!, {r4, r5, r6}\n\tldm %[p], {r8, r9, r10, r11}\n\tadd %[p], %[p], %[pitch_of]\n\t"                     \
    "smlad %[a], r8, r4, %[a]\n\tsmlad %[b], r9, r4, %[b]\n\t"                                                       \
    "smlad %[a], r9, r5, %[a]\n\tsmlad %[b], r10, r5, %[b]\n\t"                                                      \
    "smlad %[a], r10, r6, %[a]\n\tsmlad %[b], r11, r6, %[b]\n\t"
#define BL_ONE_OF_5_BY_2                                                                                               \
    "ldm %[w]!, {r4, r5, r6}\n\tldm %[p], {r8, r9, r10}\n\tadd %[p], %[p], %[pitch_of]\n\t"                          \
    "smlad %[a], r8, r4, %[a]\n\tsmlad %[a], r9, r5, %[a]\n\tsmlad %[a], r10, r6, %[a]\n\t"
#define BL_TWO_OF_7_BY_2                                                                                               \
    "ldm %[w]!, {r4, r5}\n\tldm %[p], {r8, r9, r10, r11}\n\t"                                                        \
    "smlad %[a], r8, r4, %[a]\n\tsmlad %[b], r9, r4, %[b]\n\t"                                                       \
    "smlad %[a], r9, r5, %[a]\n\tsmlad %[b], r10, r5, %[b]\n\t"                                                      \
    "ldm %[w]!, {r4, r5}\n\tldr r8, [%[p], #16]\n\tadd %[p], %[p], %[pitch_of]\n\t"                                  \
    "smlad %[a], r10, r4, %[a]\n\tsmlad %[b], r11, r4, %[b]\n\t"                                                     \
    "smlad %[a], r11, r5, %[a]\n\tsmlad %[b], r8, r5, %[b]\n\t"
#define BL_ONE_OF_7_BY_2                                                                                               \
    "ldm %[w]!, {r4, r5}\n\tldm %[p], {r8, r9, r10, r11}\n\tadd %[p], %[p], %[pitch_of]\n\t"                         \
    "smlad %[a], r8, r4, %[a]\n\tsmlad %[a], r9, r5, %[a]\n\t"                                                       \
    "ldm %[w]!, {r4, r5}\n\tsmlad %[a], r10, r4, %[a]\n\tsmlad %[a], r11, r5, %[a]\n\t"

#define BL_REPEAT(n, text) ".rept " n "\n\t" text ".endr\n\t"

#define BL_PLANE_FILTER(name, digit, ends, advance, two, one)                                                          \
    BL_INLINE void name(volatile bl_plane_memory *m, const uint32_t *p, int8_t *out, const int32_t *w,                 \
                        uint32_t pitch)                                                                                \
    {                                                                                                                  \
        uint32_t a, b;                                                                                                 \
        __asm__ volatile(                                                                                              \
            BL_PLANE_ENDS_OF("%[w]", ends) "str %[w], %[weights]\n"                                                    \
            BL_PLANE_BEGIN("r4", "r5")                                                                                 \
            "2:\n\tldrd %[a], %[b], %[bias]\n\tldr %[w], %[weights]\n\t"                                             \
            BL_REPEAT(digit, two)                                                                                      \
            "ldr r4, %[back]\n\tsub %[p], %[p], r4\n\tadd %[p], %[p], #" advance "\n\t"                              \
            BL_PLANE_PAIR("r4", "r5")                                                                                  \
            "ldr %[a], %[bias]\n\tldr %[w], %[weights]\n\t"                                                          \
            BL_REPEAT(digit, one)                                                                                      \
            "ldr r4, %[back]\n\tsub %[p], %[p], r4\n\t"                                                              \
            BL_PLANE_LAST("r4", "r5")                                                                                  \
            "add %[p], %[p], r4\n\tcmp %[p], r5\n\tbne 1b"                                                           \
            : [p] "+r"(p), [out] "+r"(out), [w] "+r"(w), [a] "=&r"(a), [b] "=&r"(b)                                    \
            : [pitch_of] "r"(pitch), BL_PLANE_MEMORY(m)                                                                \
            : "r4", "r5", "r6", "r8", "r9", "r10", "r11", "cc", "memory");                                             \
    }

BL_PLANE_FILTER(bl_plane_filter_5x5, "5", "80", "4", BL_TWO_OF_5, BL_ONE_OF_5)
BL_PLANE_FILTER(bl_plane_filter_7x7, "7", "168", "4", BL_TWO_OF_7, BL_ONE_OF_7)
BL_PLANE_FILTER(bl_plane_filter_5x5_by_2, "5", "60", "8", BL_TWO_OF_5_BY_2, BL_ONE_OF_5_BY_2)
BL_PLANE_FILTER(bl_plane_filter_7x7_by_2, "7", "112", "8", BL_TWO_OF_7_BY_2, BL_ONE_OF_7_BY_2)

/* `count` rows of a block's outputs. `size` and `stride` are literals. */
BL_INLINE void bl_plane_filters(int8_t *out, const uint32_t *planes, int32_t words, int32_t count,
                                const int32_t *weights, const bl_plane_filter *f, volatile bl_plane_memory *m,
                                int32_t size, int32_t stride)
{
    uint32_t pitch = 4 * (uint32_t)f->pitch;
    uint32_t end = (uint32_t)planes + (uint32_t)(count * stride) * pitch;
    for (int32_t i = 0; i < BL_PLANES; i++, out++, planes += words) {
        m->skip_end[1] = end;
        if (size == 3)
            bl_plane_filter_3x3(m, planes, out, weights);
        else if (size == 5 && stride == 1)
            bl_plane_filter_5x5(m, planes, out, weights, pitch);
        else if (size == 5)
            bl_plane_filter_5x5_by_2(m, planes, out, weights, pitch);
        else if (stride == 1)
            bl_plane_filter_7x7(m, planes, out, weights, pitch);
        else
            bl_plane_filter_7x7_by_2(m, planes, out, weights, pitch);
        weights += bl_plane_weights(size, stride) + BL_PLANE_ENDS;
        end += 4 * (uint32_t)words;
    }
}

#else

typedef bl_plane_filter bl_plane_memory;

BL_INLINE bl_plane_memory bl_plane_remember(const bl_plane_filter *f, int32_t size, int32_t stride)
{
    (void)size;
    (void)stride;
    return *f;
}

/* Half of a word: the low one for i even. */
BL_INLINE int32_t bl_plane_half(const uint32_t *words, int32_t i)
{
    return (int16_t)(uint16_t)(i % 2 == 0 ? words[i / 2] : words[i / 2] >> 16);
}

BL_INLINE void bl_plane_filters(int8_t *output, const uint32_t *planes, int32_t words, int32_t count,
                                const int32_t *weights, const bl_plane_filter *f, volatile bl_plane_memory *m,
                                int32_t size, int32_t stride)
{
    (void)m;
    int32_t row_words = bl_plane_weights(size, stride) / size;
    for (int32_t i = 0; i < BL_PLANES; i++, output++, planes += words) {
        const int32_t *ends = weights + size * row_words;
        for (int32_t at = 0; at < count * f->width; at++) {
            uint32_t acc = (uint32_t)ends[0];
            for (int32_t ky = 0; ky < size; ky++) {
                const uint32_t *row = planes + (at / f->width * stride + ky) * f->pitch;
                const uint32_t *pairs = (const uint32_t *)weights + ky * row_words;
                for (int32_t kx = 0; kx < size; kx++) {
                    /* With a stride of 1 the last weight is the last half of the row. */
                    int32_t half = stride == 1 && kx == size - 1 ? 2 * row_words - 1 : kx;
                    acc += (uint32_t)(bl_plane_half(row, at % f->width * stride + kx) * bl_plane_half(pairs, half));
                }
            }
            int32_t code = bl_smmlar((int32_t)acc, ends[2], ends[3]) >> ends[4];
            output[at * f->channels] = (int8_t)bl_clamp(code, INT8_MIN, INT8_MAX);
        }
        weights = ends + BL_PLANE_ENDS;
    }
}

#endif

#endif
