/* Pixel after pixel of a convolution for NEON: where they lie, and the windows that they see. */
#ifndef BL_PLACE_NEON_H
#define BL_PLACE_NEON_H

#include <arm_neon.h>

#include "span.h"

/* A convolution's sizes, those of pixels (`input_channels`, `output_channels`) in bytes. */
typedef struct {
    BL_CONV_2D_MEMBERS;
    int32_t padded; /* some window leaves the image */
} bl_places_neon;

/* Of a shape with BL_CONV_2D_MEMBERS and `padded`. */
#define BL_PLACES_OF_NEON(s, input_bytes, output_bytes)                                                                \
    {                                                                                                                  \
        (s)->batches, (s)->input_height, (s)->input_width, input_bytes, (s)->input_ring_rows, (s)->output_height,      \
            (s)->output_width, output_bytes, (s)->output_ring_rows, (s)->filter_height, (s)->filter_width,             \
            (s)->stride_height, (s)->stride_width, (s)->dilation_height, (s)->dilation_width, (s)->pad_top,            \
            (s)->pad_left, (s)->padded                                                                                 \
    }

/* A pixel of the output, in the order of rows from `row_begin` on, and where it lies. */
typedef struct {
    int32_t batch;
    int32_t y;
    int32_t x;
    int8_t *output;
    const int8_t *input; /* of a window that is one pixel */
} bl_place_neon;

/* The input pixel (y, x), which must lie in the image. */
BL_INLINE const int8_t *bl_input_place_neon(const int8_t *input, int32_t batch, int32_t y, int32_t x,
                                            const bl_places_neon *p)
{
    int32_t row = batch * p->input_ring_rows + bl_ring_row(y, p->input_ring_rows, p->input_height);
    return input + (row * p->input_width + x) * p->input_channels;
}

/* Begins a row. */
BL_INLINE void bl_begin_row_neon(bl_place_neon *at, int8_t *output, const int8_t *input, const bl_places_neon *p)
{
    int32_t row = at->batch * p->output_ring_rows + bl_ring_row(at->y, p->output_ring_rows, p->output_height);
    at->x = 0;
    at->output = output + row * p->output_width * p->output_channels;
    at->input = bl_input_place_neon(input, at->batch, at->y * p->stride_height, 0, p);
}

/* Moves on; false behind the last row. */
BL_INLINE int32_t bl_next_place_neon(bl_place_neon *at, int8_t *output, const int8_t *input, int32_t row_begin,
                                     int32_t row_end, const bl_places_neon *p)
{
    at->output += p->output_channels;
    at->input += p->stride_width * p->input_channels;
    if (++at->x < p->output_width)
        return 1;
    if (++at->y == row_end) {
        at->y = row_begin;
        if (++at->batch == p->batches)
            return 0;
    }
    bl_begin_row_neon(at, output, input, p);
    return 1;
}

/* The part of a place's window that lies in the image; `whole` if all of it does. */
typedef struct {
    bl_span rows;
    bl_span columns;
    int32_t whole;
} bl_window_neon;

BL_INLINE bl_window_neon bl_window_of_neon(const bl_place_neon *at, const bl_places_neon *p)
{
    bl_window_neon w = {bl_conv_span(at->y, p->filter_height, p->stride_height, p->dilation_height, p->pad_top,
                                     p->input_height, p->padded),
                        bl_conv_span(at->x, p->filter_width, p->stride_width, p->dilation_width, p->pad_left,
                                     p->input_width, p->padded),
                        1};
    if (p->padded)
        w.whole = w.rows.tap == 0 && w.rows.tap_end >= p->filter_height && w.columns.tap == 0 &&
                  w.columns.tap_end >= p->filter_width;
    return w;
}

/* Fills whole vectors. */
BL_INLINE void bl_fill_neon(int8_t *scratch, int32_t byte, int32_t bytes)
{
    for (int32_t i = 0; i < bytes; i += 16)
        vst1q_s8(scratch + i, vdupq_n_s8((int8_t)byte));
}

/* Copies the window of the place; `bytes` is its size in whole vectors. What leaves the image is `zero`. */
BL_INLINE void bl_gather_neon(int8_t *scratch, const int8_t *input, int32_t zero, int32_t bytes,
                              const bl_place_neon *at, const bl_places_neon *p)
{
    bl_window_neon w = bl_window_of_neon(at, p);
    if (!w.whole)
        bl_fill_neon(scratch, zero, bytes);
    int32_t row = w.rows.element;
    for (int32_t ky = w.rows.tap; ky < w.rows.tap_end; ky++, row += p->dilation_height) {
        int8_t *to = scratch + (ky * p->filter_width + w.columns.tap) * p->input_channels;
        /* Not ==, by which clang would put what it does not know in place of the literal that is copied. */
        if (p->dilation_width == 1 && w.columns.tap == 0 && w.columns.tap_end >= p->filter_width) {
            __builtin_memcpy(to, bl_input_place_neon(input, at->batch, row, w.columns.element, p),
                             (uint32_t)(p->filter_width * p->input_channels));
            continue;
        }
        int32_t column = w.columns.element;
        for (int32_t kx = w.columns.tap; kx < w.columns.tap_end; kx++, column += p->dilation_width) {
            __builtin_memcpy(to, bl_input_place_neon(input, at->batch, row, column, p), (uint32_t)p->input_channels);
            to += p->input_channels;
        }
    }
}

#endif
