/*
 * DEPTHWISE_CONV_2D of int8, one output channel to an input channel, by the DSP extension: four channels of a pixel at
 * a time, and two taps to a SMLAD. Constraints:
 *  - at least four channels; where their number is no multiple of four, the last block overlaps the one before
 *  - `blocks`: for each block of four channels all that it needs, in the order of use: biases; for every two taps a, b
 *    and each channel the pair of weights a, b; for an odd last tap the pairs of weights of channels 0, 2 and 1, 3; and
 *    how sums become codes (bl_depthwise_multiply). Biases include the input's zero point
 *  - `border`: the input's zero point, once for each channel, if a window leaves the image (padded)
 *  - pixels are written in order, each block after its last read: the plan lets `output` overlap `input` by that rule
 */
#ifndef BL_DEPTHWISE_CONV_2D_SIMD32_H
#define BL_DEPTHWISE_CONV_2D_SIMD32_H

#include "simd32_pairs.h"

/* Taps of the largest filter. */
#define BL_DEPTHWISE_TAPS 50

typedef struct {
    int32_t batches;
    int32_t input_height;
    int32_t input_width;
    int32_t input_ring_rows;
    int32_t output_height;
    int32_t output_width;
    int32_t output_ring_rows;
    int32_t channels;
    int32_t filter_height;
    int32_t filter_width;
    int32_t stride_height;
    int32_t stride_width;
    int32_t dilation_height;
    int32_t dilation_width;
    int32_t pad_top;
    int32_t pad_left;
    int32_t common_shift; /* the right shift of all channels, for which weights are scaled; 0: a shift by channel */
    int32_t uniform;      /* one multiplier and addend for all channels, before the first block, instead of in each */
    int32_t rectified;    /* codes below the output's zero point do not survive the clamp */
    int32_t saturates;    /* min and max are those of int8 */
} bl_depthwise_conv_2d_s8_simd32_shape;

/* At -O0 the frame pointer leaves too few registers for the assembly; it takes the C. */
#if defined(BL_DSP) && defined(__OPTIMIZE__)
#define BL_DSP_TAPS 1
#endif

#if defined(BL_DSP_TAPS)
/* From the words x and y of two taps to eight products, with weights in registers that `load_low` and `load_high` fill. */
#define BL_TWO_TAPS(load_low, w0, w1, load_high, w2, w3)                                                               \
    "\n\t" load_low "\n\t"                                                                                             \
    "pkhbt %[low], %[x], %[y], lsl #16\n\tpkhtb %[y], %[y], %[x], asr #16\n\t"                                         \
    "sxtb16 %[x], %[low]\n\tsxtb16 %[low], %[low], ror #8\n\t"                                                         \
    "smlad %[acc0], %[x], " w0 ", %[acc0]\n\tsmlad %[acc1], %[low], " w1 ", %[acc1]\n\t"                               \
    load_high "sxtb16 %[x], %[y]\n\tsxtb16 %[y], %[y], ror #8\n\t"                                                     \
    "smlad %[acc2], %[x], " w2 ", %[acc2]\n\tsmlad %[acc3], %[y], " w3 ", %[acc3]"
#define BL_SUMS(acc)                                                                                                   \
    [acc0] "+r"(acc[0]), [acc1] "+r"(acc[1]), [acc2] "+r"(acc[2]), [acc3] "+r"(acc[3]), [block] "+r"(*block)
#endif

/* The products of two taps and four channels: the words x and y. */
BL_INLINE void bl_depthwise_two_words(uint32_t acc[4], uint32_t x, uint32_t y, const int32_t **block)
{
#if defined(BL_DSP_TAPS)
    uint32_t low;
    __asm__ volatile(BL_TWO_TAPS("ldm %[block]!, {r4, r5, r6, r8}", "r4", "r5", "", "r6", "r8")
                     : BL_SUMS(acc), [x] "+r"(x), [y] "+r"(y), [low] "=&r"(low)
                     :
                     : "r4", "r5", "r6", "r8", "memory");
#else
    uint32_t low = bl_pack_low(x, y);
    uint32_t high = bl_pack_high(x, y);
    acc[0] = bl_smlad(bl_sxtb16(low), (uint32_t)(*block)[0], acc[0]);
    acc[1] = bl_smlad(bl_sxtb16_odd(low), (uint32_t)(*block)[1], acc[1]);
    acc[2] = bl_smlad(bl_sxtb16(high), (uint32_t)(*block)[2], acc[2]);
    acc[3] = bl_smlad(bl_sxtb16_odd(high), (uint32_t)(*block)[3], acc[3]);
    *block += 4;
#endif
}

/*
 * The same of words `c` bytes after the next two of `taps`. As one piece of assembly, because GCC would begin all taps at
 * once and run out of registers.
 */
BL_INLINE void bl_depthwise_two_taps(uint32_t acc[4], const int8_t *const **taps, int32_t c, const int32_t **block)
{
#if defined(BL_DSP_TAPS)
    uint32_t x, y, low, w0, w1;
    __asm__ volatile("ldrd %[x], %[y], [%[taps]], #8\n\tldr %[x], [%[x], %[c]]\n\tldr %[y], [%[y], %[c]]"
                     BL_TWO_TAPS("ldrd %[w0], %[w1], [%[block]], #8", "%[w0]", "%[w1]",
                                 "ldrd %[w0], %[w1], [%[block]], #8\n\t", "%[w0]", "%[w1]")
                     : BL_SUMS(acc), [taps] "+r"(*taps), [x] "=&r"(x), [y] "=&r"(y), [low] "=&r"(low),
                       [w0] "=&r"(w0), [w1] "=&r"(w1)
                     : [c] "r"(c)
                     : "memory");
#else
    const int8_t *x = *(*taps)++;
    const int8_t *y = *(*taps)++;
    bl_depthwise_two_words(acc, bl_load_word(x + c), bl_load_word(y + c), block);
#endif
}

/* The same of window[i] and window[j], where i and j are literals below 4096. */
BL_INLINE void bl_depthwise_two_offsets(uint32_t acc[4], const int8_t *window, int32_t i, int32_t j,
                                        const int32_t **block)
{
#if defined(BL_DSP_TAPS)
    if (__builtin_constant_p(i) && __builtin_constant_p(j)) {
        uint32_t x, y, low;
        __asm__ volatile("ldr %[x], [%[a], %[i]]\n\tldr %[y], [%[a], %[j]]"
                         BL_TWO_TAPS("ldm %[block]!, {r4, r5, r6, r8}", "r4", "r5", "", "r6", "r8")
                         : BL_SUMS(acc), [x] "=&r"(x), [y] "=&r"(y), [low] "=&r"(low)
                         : [a] "r"(window), [i] "i"(i), [j] "i"(j)
                         : "r4", "r5", "r6", "r8", "memory");
        return;
    }
#endif
    bl_depthwise_two_words(acc, bl_load_word(window + i), bl_load_word(window + j), block);
}

BL_INLINE void bl_depthwise_last_tap(uint32_t acc[4], const int8_t *a, const int32_t **block)
{
    uint32_t x = bl_load_word(a);
    uint32_t even = bl_sxtb16(x);
    uint32_t odd = bl_sxtb16_odd(x);
    uint32_t first, second;
    bl_next_two(&first, &second, block);
    acc[0] = bl_smla_low(even, first, acc[0]);
    acc[1] = bl_smla_low(odd, second, acc[1]);
    acc[2] = bl_smla_high(even, first, acc[2]);
    acc[3] = bl_smla_high(odd, second, acc[3]);
}

/*
 * Requantization to the bit as by bl_mbqm, but for the last shift: for each channel by a multiplier and an addend, which
 * holds the output's zero point and half of the last shift's divisor. With weights scaled for a common shift it holds
 * the other rounding's half as well, and SMMLA suffices.
 */
BL_INLINE void bl_depthwise_multiply(uint32_t acc[4], const int32_t *blocks, const int32_t **block,
                                     const bl_depthwise_conv_2d_s8_simd32_shape *s)
{
    if (s->uniform) {
        BL_UNROLL(4)
        for (int32_t i = 0; i < 4; i++)
            acc[i] = (uint32_t)bl_smmla((int32_t)acc[i], blocks[0], blocks[1]);
        return;
    }
#if defined(BL_DSP_TAPS)
    if (s->common_shift > 0) {
        __asm__ volatile("ldm %[block]!, {r4, r5, r6, r8}\n\t"
                         "smmla %[acc0], %[acc0], r4, r5\n\tsmmla %[acc1], %[acc1], r6, r8\n\t"
                         "ldm %[block]!, {r4, r5, r6, r8}\n\t"
                         "smmla %[acc2], %[acc2], r4, r5\n\tsmmla %[acc3], %[acc3], r6, r8"
                         : BL_SUMS(acc)
                         :
                         : "r4", "r5", "r6", "r8");
        return;
    }
#endif
    BL_UNROLL(4)
    for (int32_t i = 0; i < 4; i++) {
        int32_t sum = (int32_t)acc[i];
        uint32_t multiplier, addend;
        bl_next_two(&multiplier, &addend, block);
        if (s->common_shift > 0)
            acc[i] = (uint32_t)bl_smmla(sum, (int32_t)multiplier, (int32_t)addend);
        else
            acc[i] = (uint32_t)bl_smmlar(sum, (int32_t)multiplier,
                                         (int32_t)addend + (s->rectified ? 0 : sum >> 31));
    }
}

BL_INLINE int32_t bl_depthwise_code(int32_t code, int32_t min, int32_t max,
                                    const bl_depthwise_conv_2d_s8_simd32_shape *s)
{
    code = s->common_shift > 0 ? bl_ssat8(code, s->common_shift) : bl_clamp(code, INT8_MIN, INT8_MAX);
    return s->saturates ? code : bl_clamp(code, min, max);
}

BL_INLINE void bl_depthwise_start(uint32_t acc[4], const int32_t **block)
{
    bl_next_two(&acc[0], &acc[1], block);
    bl_next_two(&acc[2], &acc[3], block);
}

BL_INLINE void bl_depthwise_finish(int8_t *output, uint32_t acc[4], const int32_t *blocks, const int32_t **block,
                                   int32_t min, int32_t max, const bl_depthwise_conv_2d_s8_simd32_shape *s)
{
    bl_depthwise_multiply(acc, blocks, block, s);
    if (s->common_shift == 0) {
        BL_UNROLL(4)
        for (int32_t i = 0; i < 4; i++)
            acc[i] = (uint32_t)((int32_t)acc[i] >> *(*block)++);
    }
    uint32_t word = (uint32_t)bl_depthwise_code((int32_t)acc[0], min, max, s);
    word = bl_insert_byte(word, bl_depthwise_code((int32_t)acc[1], min, max, s), 1);
    word = bl_insert_byte(word, bl_depthwise_code((int32_t)acc[2], min, max, s), 2);
    word = bl_insert_byte(word, bl_depthwise_code((int32_t)acc[3], min, max, s), 3);
    bl_store_word(output, word);
}

/* Where the block at channel `c` begins: the last one ends with the last channel. */
BL_INLINE int32_t bl_depthwise_block(int32_t c, int32_t channels)
{
    return channels % 4 == 0 ? c : bl_min(c, channels - 4);
}

/* A pixel whose `count` taps lie anywhere: each at a pointer to its first channel. */
BL_INLINE void bl_depthwise_pixel(int8_t *output, const int8_t *const *taps, int32_t count, const int32_t *blocks,
                                  int32_t min, int32_t max, const bl_depthwise_conv_2d_s8_simd32_shape *s)
{
    const int32_t *block = blocks + (s->uniform ? 2 : 0);
    for (int32_t first = 0; first < s->channels; first += 4) {
        int32_t c = bl_depthwise_block(first, s->channels);
        uint32_t acc[4];
        bl_depthwise_start(acc, &block);
        const int8_t *const *tap = taps;
        BL_UNROLL(4)
        for (int32_t t = 0; t < count - 1; t += 2)
            bl_depthwise_two_taps(acc, &tap, c, &block);
        if (count % 2 != 0)
            bl_depthwise_last_tap(acc, *tap + c, &block);
        bl_depthwise_finish(output + c, acc, blocks, &block, min, max, s);
    }
}

BL_INLINE void bl_depthwise_pixel_of(int8_t *output, const int8_t *const *taps, int32_t count, const int32_t *blocks,
                                     int32_t min, int32_t max, const bl_depthwise_conv_2d_s8_simd32_shape *s)
{
    if (count == 9)
        bl_depthwise_pixel(output, taps, 9, blocks, min, max, s);
    else
        bl_depthwise_pixel(output, taps, count, blocks, min, max, s);
}

/* Fills `taps` with those of the window at output (y, x), of an image of so many bytes a pixel; returns their number. */
BL_INLINE int32_t bl_depthwise_window_taps(const int8_t **taps, const int8_t *image, const int8_t *border, int32_t y,
                                           int32_t x, int32_t pixel_bytes,
                                           const bl_depthwise_conv_2d_s8_simd32_shape *s)
{
    const int8_t **tap = taps;
    int32_t row = y * s->stride_height - s->pad_top;
    for (int32_t ky = 0; ky < s->filter_height; ky++, row += s->dilation_height) {
        int32_t inside = row >= 0 && row < s->input_height;
        int32_t ring_row = inside ? bl_ring_row(row, s->input_ring_rows, s->input_height) : 0;
        int32_t column = x * s->stride_width - s->pad_left;
        int32_t at = (ring_row * s->input_width + column) * pixel_bytes;
        for (int32_t kx = 0; kx < s->filter_width; kx++, column += s->dilation_width) {
            *tap++ = inside && column >= 0 && column < s->input_width ? image + at : border;
            at += s->dilation_width * pixel_bytes;
        }
    }
    return (int32_t)(tap - taps);
}

/*
 * Pixels [begin, end) of row `y`; where windows `leave` the image their taps are found anew for each, else they move on.
 * Not specialised: layers share it, and the shape is no literal.
 */
BL_OUTLINE void bl_depthwise_pixels(int8_t *output, const int8_t *image, const int32_t *blocks, const int8_t *border,
                                    int32_t y, int32_t begin, int32_t end, int32_t leave, int32_t min, int32_t max,
                                    const bl_depthwise_conv_2d_s8_simd32_shape *s)
{
    const int8_t *taps[BL_DEPTHWISE_TAPS];
    int32_t step = s->stride_width * s->channels;
    int32_t count = 0;
    for (int32_t x = begin; x < end; x++) {
        if (leave || x == begin)
            count = bl_depthwise_window_taps(taps, image, border, y, x, s->channels, s);
        else
            for (int32_t t = 0; t < count; t++)
                taps[t] += step;
        bl_depthwise_pixel_of(output + x * s->channels, taps, count, blocks, min, max, s);
    }
}

/* How far the taps of a 3x3 window lie from its first one, in bytes. */
typedef struct {
    int32_t second; /* row */
    int32_t third;
    int32_t column;
    int32_t near; /* literal: whether the others are, and a load can add them */
} bl_depthwise_steps;

/* Of a window whose first row is `row` of the image. */
BL_INLINE bl_depthwise_steps bl_depthwise_steps_of(int32_t row, const bl_depthwise_conv_2d_s8_simd32_shape *s)
{
    int32_t row_size = s->input_width * s->channels;
    int32_t down = s->dilation_height * row_size;
    int32_t column = s->dilation_width * s->channels;
    bl_depthwise_steps steps = {down, 2 * down, column, 2 * (down + column) < 4096};
    if (s->input_ring_rows < s->input_height) {
        int32_t from = bl_ring_row(row, s->input_ring_rows, s->input_height);
        int32_t second = bl_ring_row(row + s->dilation_height, s->input_ring_rows, s->input_height);
        int32_t third = bl_ring_row(row + 2 * s->dilation_height, s->input_ring_rows, s->input_height);
        steps.second = (second - from) * row_size;
        steps.third = (third - from) * row_size;
        steps.near = 0;
    }
    return steps;
}

/* Four channels of a 3x3 window. */
BL_INLINE void bl_depthwise_taps_3x3(uint32_t acc[4], const int8_t *first, const bl_depthwise_steps *steps,
                                     const int32_t **block)
{
    int32_t column = steps->column;
    if (steps->near) {
        BL_UNROLL(4)
        for (int32_t t = 0; t < 8; t += 2)
            bl_depthwise_two_offsets(acc, first, t / 3 * steps->second + t % 3 * column,
                                     (t + 1) / 3 * steps->second + (t + 1) % 3 * column, block);
    } else {
        const int8_t *second = first + steps->second;
        const int8_t *third = first + steps->third;
        bl_depthwise_two_words(acc, bl_load_word(first), bl_load_word(first + column), block);
        bl_depthwise_two_words(acc, bl_load_word(first + 2 * column), bl_load_word(second), block);
        bl_depthwise_two_words(acc, bl_load_word(second + column), bl_load_word(second + 2 * column), block);
        bl_depthwise_two_words(acc, bl_load_word(third), bl_load_word(third + column), block);
    }
    bl_depthwise_last_tap(acc, first + steps->third + 2 * column, block);
}

/* A pixel whose 3x3 window begins at `window`. */
BL_INLINE void bl_depthwise_pixel_3x3(int8_t *output, const int8_t *window, const bl_depthwise_steps *steps,
                                      const int32_t *blocks, int32_t min, int32_t max,
                                      const bl_depthwise_conv_2d_s8_simd32_shape *s)
{
    const int32_t *block = blocks + (s->uniform ? 2 : 0);
    for (int32_t first = 0; first < s->channels; first += 4) {
        int32_t c = bl_depthwise_block(first, s->channels);
        uint32_t acc[4];
        bl_depthwise_start(acc, &block);
        bl_depthwise_taps_3x3(acc, window + c, steps, &block);
        bl_depthwise_finish(output + c, acc, blocks, &block, min, max, s);
    }
}

/* The outputs from `begin` on, below `end`, whose windows lie in the image along an axis. */
typedef struct {
    int32_t begin;
    int32_t end;
} bl_interior;

BL_INLINE bl_interior bl_interior_of(int32_t outputs, int32_t taps, int32_t stride, int32_t dilation, int32_t pad,
                                     int32_t size)
{
    int32_t room = size + pad - (taps - 1) * dilation - 1;
    bl_interior inside = {bl_min(outputs, (pad + stride - 1) / stride), 0};
    inside.end = bl_max(inside.begin, room < 0 ? 0 : bl_min(outputs, room / stride + 1));
    return inside;
}

BL_INLINE void bl_depthwise_conv_2d_s8_simd32(int8_t *output, const int8_t *input, const int32_t *blocks,
                                              const int8_t *border, int32_t row_begin, int32_t row_end, int32_t act_min,
                                              int32_t act_max, const bl_depthwise_conv_2d_s8_simd32_shape *s)
{
    int32_t row_size = s->input_width * s->channels;
    bl_interior rows = bl_interior_of(s->output_height, s->filter_height, s->stride_height, s->dilation_height,
                                      s->pad_top, s->input_height);
    bl_interior columns = bl_interior_of(s->output_width, s->filter_width, s->stride_width, s->dilation_width,
                                         s->pad_left, s->input_width);
    for (int32_t batch = 0; batch < s->batches; batch++) {
        const int8_t *image = input + batch * s->input_ring_rows * row_size;
        int8_t *plane = output + batch * s->output_ring_rows * s->output_width * s->channels;
        for (int32_t y = row_begin; y < row_end; y++) {
            int8_t *row =
                plane + bl_ring_row(y, s->output_ring_rows, s->output_height) * s->output_width * s->channels;
            int32_t next = 0;
            if (y >= rows.begin && y < rows.end && columns.begin < columns.end) {
                if (columns.begin > 0)
                    bl_depthwise_pixels(row, image, blocks, border, y, 0, columns.begin, 1, act_min, act_max, s);
                next = columns.end;
                if (s->filter_height == 3 && s->filter_width == 3) {
                    int32_t first = y * s->stride_height - s->pad_top;
                    bl_depthwise_steps steps = bl_depthwise_steps_of(first, s);
                    const int8_t *window =
                        image + bl_ring_row(first, s->input_ring_rows, s->input_height) * row_size +
                        (columns.begin * s->stride_width - s->pad_left) * s->channels;
                    for (int32_t x = columns.begin; x < next; x++, window += s->stride_width * s->channels)
                        bl_depthwise_pixel_3x3(row + x * s->channels, window, &steps, blocks, act_min, act_max, s);
                } else {
                    bl_depthwise_pixels(row, image, blocks, border, y, columns.begin, next, 0, act_min, act_max, s);
                }
            }
            if (next < s->output_width)
                bl_depthwise_pixels(row, image, blocks, border, y, next, s->output_width, 1, act_min, act_max, s);
        }
    }
}

#endif
