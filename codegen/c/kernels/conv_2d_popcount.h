/*
 * CONV_2D and FULLY_CONNECTED of signs by signs, which are bits of words: a set bit is -1, so that words that differ in n bits have
 * the product (bits - n) - n. Of a window only the
 * part inside of the image is read, so that padding contributes nothing. Constraints:
 *  - filter [output channels][height][width][words of a pixel]; bits that hold no element are zero, as in the input
 *  - a pixel is written while it is read: `output` overlaps `input` by that rule
 */
#ifndef BL_CONV_2D_POPCOUNT_H
#define BL_CONV_2D_POPCOUNT_H

#include "bit_counts.h"
#include "ending.h"
#include "span.h"

typedef struct {
    BL_CONV_2D_MEMBERS;
    int32_t padded;        /* some window leaves the image */
    int32_t offset_weight; /* magnitude of the weights */
    BL_ENDING_MEMBERS;
} bl_conv_2d_b1_popcount_shape;

/* The part of a window inside of the image: runs of words that lie together in the input and in a filter. */
typedef struct {
    const uint32_t *input; /* the window's first column of the image */
    int32_t row;           /* its first row */
    int32_t filter;        /* where the first run lies in a channel's filter */
    int32_t runs;
    int32_t words;         /* of a run */
    int32_t elements;      /* of the whole part */
} bl_sign_window;

/* Adds to each byte of `counts` how many bits of it differ in two runs of words; all at once at most BL_COUNTED_WORDS. */
BL_INLINE uint32_t bl_count_differing(uint32_t counts, const uint32_t *a, const uint32_t *b, int32_t words,
                                      const bl_count_masks *m)
{
    BL_UNROLL(1)
    for (; words >= 3; words -= 3, a += 3, b += 3)
        counts = bl_add_nibbles(counts, bl_nibble_counts(a[0] ^ b[0], m) + bl_nibble_counts(a[1] ^ b[1], m) +
                                            bl_nibble_counts(a[2] ^ b[2], m), m);
    if (words > 0) {
        uint32_t n = bl_nibble_counts(a[0] ^ b[0], m);
        if (words > 1)
            n += bl_nibble_counts(a[1] ^ b[1], m);
        counts = bl_add_nibbles(counts, n, m);
    }
    return counts;
}

/*
 * How many elements differ in a window and a channel's filter of `full` words a row; `words` as in the window, or the literal that
 * it is equal to.
 */
BL_INLINE uint32_t bl_differing_signs(const bl_sign_window *w, const uint32_t *filter, int32_t words, int32_t full,
                                      const bl_conv_2d_b1_popcount_shape *s, const bl_count_masks *m)
{
    int32_t row_words = s->input_width * ((s->input_channels + 31) >> 5);
    const uint32_t *b = filter + w->filter;
    int32_t y = w->row;
    uint32_t counts = 0;
    uint32_t sum = 0;
    BL_UNROLL(1)
    for (int32_t run = 0; run < w->runs; run++, y += s->dilation_height, b += full) {
        const uint32_t *a = w->input + bl_ring_row(y, s->input_ring_rows, s->input_height) * row_words;
        if (s->filter_height * full <= BL_COUNTED_WORDS) {
            counts = bl_count_differing(counts, a, b, words, m);
        } else {
            for (int32_t at = 0; at < words; at += BL_COUNTED_WORDS)
                sum += bl_sum_bytes(bl_count_differing(0, a + at, b + at, bl_min(words - at, BL_COUNTED_WORDS), m));
        }
    }
    return s->filter_height * full <= BL_COUNTED_WORDS ? bl_sum_bytes(counts) : sum;
}

/* The codes of a pixel; `words` as in bl_differing_signs. */
BL_INLINE void bl_popcount_pixel(void *pixel, const bl_sign_window *w, const uint32_t *filter, int32_t words, int32_t full,
                                 const bl_ending *e, const bl_conv_2d_b1_popcount_shape *s, const bl_count_masks *m)
{
    bl_row_writer writer = {pixel, 0};
    BL_UNROLL(1)
    for (int32_t c = 0; c < s->output_channels; c++, filter += s->filter_height * full) {
        int32_t differing = (int32_t)bl_differing_signs(w, filter, words, full, s, m);
        int32_t sum = (w->elements - 2 * differing) * s->offset_weight;
        bl_write_code(&writer, c, bl_end_sum(sum, c, e), s->output_bits);
    }
    bl_finish_row(&writer, s->output_channels, s->output_bits);
}

BL_INLINE void bl_conv_2d_b1_popcount(void *output, const uint32_t *input, const int32_t *filter, const int32_t *ending,
                                      int32_t row_begin, int32_t row_end, const bl_conv_2d_b1_popcount_shape *s)
{
    bl_ending e = BL_ENDING_OF(ending, s);
    int32_t pixel_words = (s->input_channels + 31) >> 5;
    int32_t output_bytes = bl_row_bytes(s->output_channels, s->output_bits);
    int32_t full = s->filter_width * pixel_words; /* words of a whole run */
    bl_count_masks m = bl_masks_of_counts();
    for (int32_t batch = 0; batch < s->batches; batch++) {
        const uint32_t *image = input + batch * s->input_ring_rows * s->input_width * pixel_words;
        for (int32_t y = row_begin; y < row_end; y++) {
            int32_t row = batch * s->output_ring_rows + bl_ring_row(y, s->output_ring_rows, s->output_height);
            uint8_t *pixel = (uint8_t *)output + row * s->output_width * output_bytes;
            bl_span rows = bl_conv_span(y, s->filter_height, s->stride_height, s->dilation_height, s->pad_top,
                                        s->input_height, s->padded);
            for (int32_t x = 0; x < s->output_width; x++, pixel += output_bytes) {
                bl_span columns = bl_conv_span(x, s->filter_width, s->stride_width, 1, s->pad_left, s->input_width,
                                               s->padded);
                int32_t height = bl_max(0, rows.tap_end - rows.tap);
                int32_t width = bl_max(0, columns.tap_end - columns.tap);
                bl_sign_window w = {image + columns.element * pixel_words, rows.element,
                                    (rows.tap * s->filter_width + columns.tap) * pixel_words, height,
                                    width * pixel_words, height * width * s->input_channels};
                if (w.words == full)
                    bl_popcount_pixel(pixel, &w, (const uint32_t *)filter, full, full, &e, s, &m);
                else
                    bl_popcount_pixel(pixel, &w, (const uint32_t *)filter, w.words, full, &e, s, &m);
            }
        }
    }
}

#endif
