/*
 * Planes: single channels of rows widened to halfwords, with zero points around the image, so that
 * two taps are a word wherever a window begins at an even column, and no window leaves its plane. `words` of a row's plane
 * lie together, then those of the block's next channel; four channels are a block.
 */
#ifndef BL_DEPTHWISE_PLANES_SIMD32_H
#define BL_DEPTHWISE_PLANES_SIMD32_H

#include "simd32_pairs.h"

/* Channels of a block. */
#define BL_PLANES 4

/* clang and -O0 keep a frame pointer, which leaves too few registers for the assembly; they take the C. */
#if defined(BL_DSP) && !defined(__clang__) && defined(__OPTIMIZE__)
#define BL_DSP_PLANES 1
#endif

/* How images become planes, which begin at column -pad. */
typedef struct {
    int32_t height;
    int32_t ring_rows;
    int32_t row_size;
    int32_t channels;
    int32_t words;
    int32_t before; /* words before the first that the image meets */
    int32_t odd;    /* whether the first column is the second half of a word */
    int32_t pairs;  /* words whose halves are both of the image */
    int32_t last;   /* whether the last column is the first half of one */
    uint32_t zero_points; /* what lies outside of the image, twice */
    uint32_t zero_bytes;
} bl_planes;

BL_INLINE bl_planes bl_planes_of(int32_t height, int32_t width, int32_t ring_rows, int32_t channels, int32_t pad,
                                 int32_t words, int32_t zero_point)
{
    int32_t odd = pad % 2;
    uint32_t byte = (uint32_t)zero_point & 0xffu;
    bl_planes planes = {height,  ring_rows, width * channels,  channels,
                        words,   pad / 2,   odd,               (width - odd) / 2,
                        (width - odd) % 2,  ((uint32_t)zero_point & 0xffffu) | (uint32_t)zero_point << 16,
                        byte * 0x01010101u};
    return planes;
}

/* Whether a row of the image leaves words of its planes as they are. */
BL_INLINE int32_t bl_plane_gaps(const bl_planes *planes)
{
    return planes->before + planes->odd + planes->pairs + planes->last < planes->words || planes->before > 0;
}

BL_INLINE void bl_plane_fill(uint32_t *plane, int32_t count, uint32_t value)
{
    for (int32_t i = 0; i < count; i++)
        plane[i] = value;
}

#if defined(BL_DSP_PLANES)

/* Stores the pixels a and b, four channels of each, as words of their planes. */
#define BL_PLANE_TAPS(a, b, next)                                                                                      \
    "pkhbt %[t], " a ", " b ", lsl #16\n\tpkhtb %[b], " b ", " a ", asr #16\n\t"                                     \
    "sxtb16 %[a], %[t]\n\tsxtb16 %[t], %[t], ror #8\n\tstr %[t], [%[q], %[p]]\n\t"                                  \
    "sxtb16 %[t], %[b]\n\tsxtb16 %[b], %[b], ror #8\n\tstr %[t], [%[q], %[p], lsl #1]\n\t"                          \
    "str %[b], [%[q], %[p3]]\n\tstr %[a], [%[q]]" next "\n\t"

/* Widens four channels of `rows` neighbouring rows, at least one. */
BL_INLINE void bl_plane_widen(uint32_t *plane, const int8_t *input, int32_t rows, const bl_planes *planes)
{
    int32_t pitch = BL_PLANES * planes->words;
    int32_t length = planes->odd + planes->pairs;
    struct {
        int32_t last;
        const uint32_t *end;
    } volatile m = {planes->last, plane + rows * pitch};
    const uint32_t *stop = plane + length;
    uint32_t a, b, t;
    __asm__ volatile("1:\n\t"
                     "mov %[a], %[zero]\n\tsub %[in], %[in], %[odd]\n\tcmp %[odd], #0\n\tbne 3f\n"
                     "2:\n\tldr %[a], [%[in]]\n"
                     "3:\n\tldr %[b], [%[in], %[c]]\n\tadd %[in], %[in], %[c], lsl #1\n\t"
                     BL_PLANE_TAPS("%[a]", "%[b]", ", #4")
                     "cmp %[q], %[stop]\n\tbne 2b\n\t"
                     "ldr %[t], %[last]\n\tcmp %[t], #0\n\tbeq 4f\n\t"
                     "ldr %[a], [%[in]]\n\tadd %[in], %[in], %[c]\n\t"
                     BL_PLANE_TAPS("%[a]", "%[zero]", "")
                     "4:\n\tadd %[q], %[q], %[skip]\n\tadd %[stop], %[stop], %[p], lsl #2\n\t"
                     "ldr %[t], %[end]\n\tcmp %[q], %[t]\n\tbne 1b"
                     : [in] "+r"(input), [q] "+r"(plane), [stop] "+r"(stop), [a] "=&r"(a), [b] "=&r"(b), [t] "=&r"(t)
                     : [c] "r"(planes->channels), [odd] "r"(planes->odd * planes->channels), [p] "r"(4 * planes->words),
                       [p3] "r"(12 * planes->words), [skip] "r"(4 * (pitch - length)), [zero] "r"(planes->zero_bytes),
                       [last] "m"(m.last), [end] "m"(m.end)
                     : "cc", "memory");
}

#else

BL_INLINE void bl_plane_taps(uint32_t *plane, int32_t words, uint32_t x, uint32_t y)
{
    uint32_t low = bl_pack_low(x, y);
    uint32_t high = bl_pack_high(x, y);
    plane[0] = bl_sxtb16(low);
    plane[words] = bl_sxtb16_odd(low);
    plane[2 * words] = bl_sxtb16(high);
    plane[3 * words] = bl_sxtb16_odd(high);
}

BL_INLINE void bl_plane_widen(uint32_t *plane, const int8_t *input, int32_t rows, const bl_planes *planes)
{
    int32_t words = planes->words;
    int32_t channels = planes->channels;
    for (int32_t y = 0; y < rows; y++, plane += BL_PLANES * words) {
        uint32_t *word = plane;
        if (planes->odd) {
            bl_plane_taps(word++, words, planes->zero_bytes, bl_load_word(input));
            input += channels;
        }
        for (int32_t i = 0; i < planes->pairs; i++, input += 2 * channels)
            bl_plane_taps(word++, words, bl_load_word(input), bl_load_word(input + channels));
        if (planes->last) {
            bl_plane_taps(word, words, bl_load_word(input), planes->zero_bytes);
            input += channels;
        }
    }
}

#endif

/*
 * Widens four channels of rows [begin, end), from `image`'s first on, to planes that are zero points where the image does
 * not reach. Rows outside of it are written if `fills`.
 */
BL_OUTLINE void bl_plane_rows(uint32_t *plane, const int8_t *image, int32_t begin, int32_t end, int32_t fills,
                              const bl_planes *planes)
{
    int32_t pitch = BL_PLANES * planes->words;
    int32_t y = bl_max(begin, 0);
    int32_t inside = bl_min(end, planes->height);
    if (fills) {
        bl_plane_fill(plane, (y - begin) * pitch, planes->zero_points);
        bl_plane_fill(plane + (inside - begin) * pitch, (end - inside) * pitch, planes->zero_points);
    }
    while (y < inside) {
        int32_t row = bl_ring_row(y, planes->ring_rows, planes->height);
        int32_t rows = bl_min(inside - y, planes->ring_rows - row);
        bl_plane_widen(plane + (y - begin) * pitch + planes->before, image + row * planes->row_size, rows, planes);
        y += rows;
    }
}

#endif
