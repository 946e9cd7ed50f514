/*
 * CONV_2D of one group, and FULLY_CONNECTED, on NEON, where activations have fewer than 8 bits, or sums end otherwise than by a multiplier
 * to int8: the products of dot_neon.h, whose weights are bytes, with the endings of ending_neon.h. Inputs become bytes in `scratch`, for each
 * pixel of a tile; those that are bytes of whole vectors are read in place. The output must not overlap the input.
 */
#ifndef BL_CONV_2D_NEON_ENDINGS_H
#define BL_CONV_2D_NEON_ENDINGS_H

#include "dot_neon.h"
#include "ending_neon.h"
#include "place_neon.h"

typedef struct {
    BL_CONV_2D_MEMBERS;
    int32_t padded;   /* some window leaves the image */
    int32_t in_place; /* windows are pixels of bytes in whole vectors */
    int32_t input_bits;
    int32_t input_zero;
    BL_ENDING_MEMBERS;
} bl_conv_2d_neon_endings_shape;

/* Sixteen codes of 8, 4, 2 or 1 bits from as many bytes of a pixel as they take, or as there are. */
BL_INLINE int8x16_t bl_load_codes_neon(const uint8_t *from, int32_t bytes, int32_t bits)
{
    uint64_t word = 0;
    __builtin_memcpy(&word, from, (uint32_t)bytes);
    uint8x8x2_t halves = {{vcreate_u8(word), vcreate_u8(0)}};
    BL_UNROLL_ALL
    for (int32_t width = 4; width >= bits; width /= 2) {
        uint8x8_t lower = vand_u8(halves.val[0], vdup_n_u8((uint8_t)((1 << width) - 1)));
        halves = vzip_u8(lower, vshl_u8(halves.val[0], vdup_n_s8((int8_t)-width)));
    }
    int8x16_t codes = vreinterpretq_s8_u8(vcombine_u8(halves.val[0], halves.val[1]));
    return bits == 1 ? vsubq_s8(vdupq_n_s8(1), vaddq_s8(codes, codes)) : codes;
}

/* The codes of a pixel of packed ones, a byte each. */
BL_INLINE void bl_unpack_pixel_neon(int8_t *to, const uint8_t *from, int32_t channels, int32_t bits)
{
    int32_t bytes = bl_row_bytes(channels, bits);
    for (int32_t c = 0; c < channels; c += BL_VECTOR_NEON, from += 2 * bits, bytes -= 2 * bits) {
        int8x16_t codes = bl_load_codes_neon(from, bl_min(bytes, 2 * bits), bits);
        if (channels - c >= BL_VECTOR_NEON) {
            vst1q_s8(to + c, codes);
        } else {
            int8_t last[BL_VECTOR_NEON];
            vst1q_s8(last, codes);
            __builtin_memcpy(to + c, last, (uint32_t)(channels - c));
        }
    }
}

/* Unpacks the window of a place; `bytes` is its size in whole vectors. */
BL_INLINE void bl_unpack_window_neon(int8_t *scratch, const int8_t *input, int32_t bytes, const bl_place_neon *at,
                                     const bl_places_neon *p, const bl_conv_2d_neon_endings_shape *s)
{
    bl_window_neon w = bl_window_of_neon(at, p);
    if (!w.whole)
        bl_fill_neon(scratch, s->input_zero, bytes);
    int32_t row = w.rows.element;
    for (int32_t ky = w.rows.tap; ky < w.rows.tap_end; ky++, row += s->dilation_height) {
        int32_t column = w.columns.element;
        for (int32_t kx = w.columns.tap; kx < w.columns.tap_end; kx++, column += s->dilation_width) {
            const int8_t *pixel = bl_input_place_neon(input, at->batch, row, column, p);
            bl_unpack_pixel_neon(scratch + (ky * s->filter_width + kx) * s->input_channels, (const uint8_t *)pixel,
                                 s->input_channels, s->input_bits);
        }
    }
}

/* As bl_dot_pixels_neon. */
BL_INLINE void bl_end_pixels_neon(int8_t *const *output, const int8_t *const *x, const int8_t *filter,
                                  const int32_t *values, int32_t vectors, int32_t pixels, const bl_ending *e)
{
    for (int32_t c = 0; c < e->channels; c += BL_BLOCK_NEON) {
        bl_sums_neon sums;
        bl_dot_neon(&sums, x, filter, values, vectors, pixels);
        BL_UNROLL_ALL
        for (int32_t i = 0; i < pixels; i++)
            bl_end_block_neon((uint8_t *)output[i], c, sums.low[i], sums.high[i], values, e);
        filter += vectors * 2 * BL_HALF_NEON;
        values += bl_ending_words_neon(e);
    }
}

/* In tiles as conv_2d_neon.h. */
BL_INLINE void bl_conv_2d_neon_endings(void *output, const void *input, int8_t *scratch, const int8_t *filter,
                                       const int32_t *ending, int32_t row_begin, int32_t row_end,
                                       const bl_conv_2d_neon_endings_shape *s)
{
    const bl_ending e = BL_ENDING_OF(ending, s);
    const bl_places_neon p = BL_PLACES_OF_NEON(s, bl_row_bytes(s->input_channels, s->input_bits),
                                               bl_row_bytes(s->output_channels, s->output_bits));
    int32_t pixels = s->batches * s->output_height * s->output_width == 1 ? 1 : BL_PIXELS_NEON;
    int32_t vectors =
        (s->filter_height * s->filter_width * s->input_channels + BL_VECTOR_NEON - 1) / BL_VECTOR_NEON;
    int32_t bytes = vectors * BL_VECTOR_NEON;
    bl_place_neon at = {0, row_begin, 0, 0, 0};
    int32_t more = row_begin < row_end;
    bl_begin_row_neon(&at, (int8_t *)output, (const int8_t *)input, &p);
    while (more) {
        int8_t *out[BL_PIXELS_NEON];
        const int8_t *x[BL_PIXELS_NEON];
        BL_UNROLL(1)
        for (int32_t i = 0; i < pixels; i++) {
            if (!more) {
                out[i] = out[i - 1];
                x[i] = x[i - 1];
                continue;
            }
            out[i] = at.output;
            x[i] = s->in_place ? at.input : scratch + i * bytes;
            if (!s->in_place && s->input_bits == 8)
                bl_gather_neon(scratch + i * bytes, (const int8_t *)input, s->input_zero, bytes, &at, &p);
            else if (!s->in_place)
                bl_unpack_window_neon(scratch + i * bytes, (const int8_t *)input, bytes, &at, &p, s);
            more = bl_next_place_neon(&at, (int8_t *)output, (const int8_t *)input, row_begin, row_end, &p);
        }
        bl_end_pixels_neon(out, x, filter, ending, vectors, pixels, &e);
    }
}

#endif
