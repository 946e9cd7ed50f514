/* DEPTHWISE_CONV_2D by vectors of channels, with one output channel for each input channel: where each tap of a window is read. */
#ifndef BL_DEPTHWISE_TAPS_H
#define BL_DEPTHWISE_TAPS_H

#include "kernel.h"

/* Taps of a window at most. */
#define BL_LISTED_TAPS 25

typedef struct {
    int32_t batches;
    int32_t input_height;
    int32_t input_width;
    int32_t channels;
    int32_t input_ring_rows;
    int32_t output_height;
    int32_t output_width;
    int32_t output_ring_rows;
    int32_t filter_height;
    int32_t filter_width;
    int32_t stride_height;
    int32_t stride_width;
    int32_t dilation_height;
    int32_t dilation_width;
    int32_t pad_top;
    int32_t pad_left;
    int32_t padded;  /* some window leaves the image */
    int32_t group;   /* consecutive taps whose products sum in 16 bits */
    int32_t away;    /* some code is below the output's zero point */
    int32_t clamped; /* the clamp is narrower than int8 */
} bl_depthwise_taps_shape;

/* Where each tap of the window of output (y, x) of the image `input` reads its first channel. */
BL_INLINE void bl_depthwise_taps(const int8_t **taps, const int8_t *input, const int8_t *padding, int32_t y, int32_t x,
                                 const bl_depthwise_taps_shape *s)
{
    int32_t row = y * s->stride_height - s->pad_top;
    int32_t left = x * s->stride_width - s->pad_left;
    int32_t columns = (s->filter_width - 1) * s->dilation_width;
    int32_t whole = !s->padded || (left >= 0 && left + columns < s->input_width);
    for (int32_t ky = 0; ky < s->filter_height; ky++, row += s->dilation_height) {
        int32_t inside = !s->padded || (uint32_t)row < (uint32_t)s->input_height;
        int32_t ring_row = inside ? bl_ring_row(row, s->input_ring_rows, s->input_height) : 0;
        const int8_t *tap = input + (ring_row * s->input_width + left) * s->channels;
        if (inside && whole) {
            BL_UNROLL(5)
            for (int32_t kx = 0; kx < s->filter_width; kx++, tap += s->dilation_width * s->channels)
                *taps++ = tap;
            continue;
        }
        int32_t column = left;
        BL_UNROLL(1)
        for (int32_t kx = 0; kx < s->filter_width; kx++, column += s->dilation_width) {
            int32_t meets = inside && (uint32_t)column < (uint32_t)s->input_width;
            *taps++ = meets ? tap + kx * s->dilation_width * s->channels : padding;
        }
    }
}

#endif
