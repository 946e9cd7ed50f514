/*
 * CONV_2D and FULLY_CONNECTED of signs by signs on NEON: as conv_2d_popcount.h, with 128 products by an exclusive or, a count of bits by
 * byte (CNT) and a sum (UADALP).
 *  - filter [channels / 8, rounded up][units of 64 bits of a window][8]: each channel's bits, zeros where there is no element
 *  - scratch: a window in whole vectors; where some leaves the image as much again, whose bits tell what is inside. Windows that are pixels
 *    of whole units are read in place
 *  - windows are copied before their pixel is written, and pixels are written in order, but the output must not overlap the input
 */
#ifndef BL_CONV_2D_B1_POPCOUNT_NEON_H
#define BL_CONV_2D_B1_POPCOUNT_NEON_H

#include "ending_neon.h"
#include "place_neon.h"

/* Bytes of a unit, and of a block's units. */
#define BL_UNIT_NEON 8
#define BL_UNITS_NEON 64

typedef struct {
    BL_CONV_2D_MEMBERS;
    int32_t padded;        /* some window leaves the image */
    int32_t in_place;      /* windows are pixels of whole units */
    int32_t offset_weight; /* magnitude of the weights */
    BL_ENDING_MEMBERS;
} bl_conv_2d_b1_popcount_neon_shape;

/* The sums of neighbouring lanes of both, which all fit. */
BL_INLINE uint16x8_t bl_add_pairs_neon(uint16x8_t a, uint16x8_t b)
{
#if defined(__aarch64__)
    return vpaddq_u16(a, b);
#else
    return vcombine_u16(vpadd_u16(vget_low_u16(a), vget_high_u16(a)), vpadd_u16(vget_low_u16(b), vget_high_u16(b)));
#endif
}

/* How many bits of a window differ from those of eight channels; where `inside` is not null, of its set bits only. */
BL_INLINE uint16x8_t bl_differing8_neon(const uint8_t *x, const uint8_t *filter, const uint8_t *inside, int32_t units)
{
    uint16x8_t counts[4];
    BL_UNROLL_ALL
    for (int32_t i = 0; i < 4; i++)
        counts[i] = vdupq_n_u16(0);
    BL_UNROLL(4)
    for (int32_t u = 0; u < units; u++, filter += BL_UNITS_NEON) {
        uint8x8_t half = vld1_u8(x + u * BL_UNIT_NEON);
        uint8x16_t bits = vcombine_u8(half, half);
        uint8x16_t mask = bits;
        if (inside) {
            uint8x8_t part = vld1_u8(inside + u * BL_UNIT_NEON);
            mask = vcombine_u8(part, part);
        }
        BL_UNROLL_ALL
        for (int32_t i = 0; i < 4; i++) {
            uint8x16_t differing = veorq_u8(vld1q_u8(filter + 16 * i), bits);
            if (inside)
                differing = vandq_u8(differing, mask);
            counts[i] = vpadalq_u8(counts[i], vcntq_u8(differing));
        }
    }
    return bl_add_pairs_neon(bl_add_pairs_neon(counts[0], counts[1]), bl_add_pairs_neon(counts[2], counts[3]));
}

/* The codes of a pixel, of whose window `elements` lie in the image. */
BL_INLINE void bl_popcount_pixel_neon(uint8_t *pixel, const uint8_t *x, const uint8_t *filter, const uint8_t *inside,
                                      int32_t units, int32_t elements, const bl_conv_2d_b1_popcount_neon_shape *s,
                                      const bl_ending *e)
{
    const int32_t *values = e->values;
    BL_UNROLL(1)
    for (int32_t c = 0; c < e->channels; c += BL_BLOCK_NEON) {
        uint16x8_t differing = bl_differing8_neon(x, filter, inside, units);
        int32x4_t low = vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(differing)));
        int32x4_t high = vreinterpretq_s32_u32(vmovl_u16(vget_high_u16(differing)));
        /* weight * (elements - 2 * differing) */
        int32x4_t all = vdupq_n_s32(s->offset_weight * elements);
        low = vmlsq_n_s32(vaddq_s32(all, vld1q_s32(values)), low, 2 * s->offset_weight);
        high = vmlsq_n_s32(vaddq_s32(all, vld1q_s32(values + 4)), high, 2 * s->offset_weight);
        bl_end_block_neon(pixel, c, low, high, values, e);
        filter += units * BL_UNITS_NEON;
        values += bl_ending_words_neon(e);
    }
}

/* Sets the bits of what lies in the image; `bytes` is the window's size in whole vectors. */
BL_INLINE void bl_mark_window_neon(uint8_t *inside, const bl_window_neon *w, int32_t bytes, const bl_places_neon *p)
{
    bl_fill_neon((int8_t *)inside, 0, bytes);
    int32_t columns = bl_max(0, w->columns.tap_end - w->columns.tap);
    for (int32_t ky = w->rows.tap; ky < w->rows.tap_end; ky++)
        __builtin_memset(inside + (ky * p->filter_width + w->columns.tap) * p->input_channels, 255,
                         (uint32_t)(columns * p->input_channels));
}

BL_INLINE void bl_conv_2d_b1_popcount_neon(void *output, const uint32_t *input, void *scratch, const int32_t *filter,
                                           const int32_t *ending, int32_t row_begin, int32_t row_end,
                                           const bl_conv_2d_b1_popcount_neon_shape *s)
{
    const bl_ending e = BL_ENDING_OF(ending, s);
    const bl_places_neon p = BL_PLACES_OF_NEON(s, bl_row_bytes(s->input_channels, 1),
                                               bl_row_bytes(s->output_channels, s->output_bits));
    int32_t window = s->filter_height * s->filter_width * p.input_channels;
    int32_t units = (window + BL_UNIT_NEON - 1) / BL_UNIT_NEON;
    int32_t bytes = (units + 1) / 2 * 16;
    int32_t all = s->filter_height * s->filter_width * s->input_channels;
    const uint8_t *weights = (const uint8_t *)filter;
    uint8_t *x = (uint8_t *)scratch;
    uint8_t *inside = x + bytes;
    /* What a window has beyond its last word is no element. */
    if (!s->in_place)
        bl_fill_neon((int8_t *)x, 0, bytes);
    bl_place_neon at = {0, row_begin, 0, 0, 0};
    bl_begin_row_neon(&at, (int8_t *)output, (const int8_t *)input, &p);
    BL_UNROLL(1)
    for (int32_t more = row_begin < row_end; more;
         more = bl_next_place_neon(&at, (int8_t *)output, (const int8_t *)input, row_begin, row_end, &p)) {
        uint8_t *pixel = (uint8_t *)at.output;
        if (s->in_place) {
            bl_popcount_pixel_neon(pixel, (const uint8_t *)at.input, weights, 0, units, all, s, &e);
            continue;
        }
        bl_gather_neon((int8_t *)x, (const int8_t *)input, 0, bytes, &at, &p);
        bl_window_neon w = bl_window_of_neon(&at, &p);
        if (w.whole) {
            bl_popcount_pixel_neon(pixel, x, weights, 0, units, all, s, &e);
            continue;
        }
        bl_mark_window_neon(inside, &w, bytes, &p);
        int32_t height = bl_max(0, w.rows.tap_end - w.rows.tap), width = bl_max(0, w.columns.tap_end - w.columns.tap);
        bl_popcount_pixel_neon(pixel, x, weights, inside, units, height * width * s->input_channels, s, &e);
    }
}

#endif
