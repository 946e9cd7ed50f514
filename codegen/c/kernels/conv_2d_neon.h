/*
 * CONV_2D of one group, and FULLY_CONNECTED, on NEON, several pixels and eight output channels at a time (layouts: dot_neon.h). Two
 * ways to the inputs of a window:
 *  - pixels: 1x1 windows of whole vectors, which are read in place;
 *  - gathered: all others are first copied to `scratch`, for each pixel of a tile in whole vectors. Where a window leaves the image,
 *    there are zero points, so that biases always include input_offset * sum(filter); behind a window is anything.
 * Pixels and channels are written in no order that would let the output overlap the input.
 */
#ifndef BL_CONV_2D_NEON_H
#define BL_CONV_2D_NEON_H

#include "dot64_neon.h"
#include "dot_neon.h"
#include "span.h"

/* Pixels whose windows scratch memory has room for, where these have 17 to 64 inputs. */
#define BL_GATHERED64_NEON 32

typedef struct {
    BL_CONV_2D_MEMBERS;
    int32_t padded;  /* some window leaves the image */
    int32_t away;    /* some code is below the output's zero point */
    int32_t clamped; /* the clamp is narrower than int8 */
} bl_conv_2d_neon_shape;

typedef bl_conv_2d_neon_shape bl_conv_2d_s8_neon_pixels_shape;
typedef bl_conv_2d_neon_shape bl_conv_2d_s8_neon_gathered_shape;

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
                                            const bl_conv_2d_neon_shape *s)
{
    int32_t row = batch * s->input_ring_rows + bl_ring_row(y, s->input_ring_rows, s->input_height);
    return input + (row * s->input_width + x) * s->input_channels;
}

/* Begins a row. */
BL_INLINE void bl_begin_row_neon(bl_place_neon *at, int8_t *output, const int8_t *input, const bl_conv_2d_neon_shape *s)
{
    int32_t row = at->batch * s->output_ring_rows + bl_ring_row(at->y, s->output_ring_rows, s->output_height);
    at->x = 0;
    at->output = output + row * s->output_width * s->output_channels;
    at->input = bl_input_place_neon(input, at->batch, at->y * s->stride_height, 0, s);
}

/* Moves on; false behind the last row. */
BL_INLINE int32_t bl_next_place_neon(bl_place_neon *at, int8_t *output, const int8_t *input, int32_t row_begin,
                                     int32_t row_end, const bl_conv_2d_neon_shape *s)
{
    at->output += s->output_channels;
    at->input += s->stride_width * s->input_channels;
    if (++at->x < s->output_width)
        return 1;
    if (++at->y == row_end) {
        at->y = row_begin;
        if (++at->batch == s->batches)
            return 0;
    }
    bl_begin_row_neon(at, output, input, s);
    return 1;
}

/* Copies the window of the place; `bytes` is its size in whole vectors. */
BL_INLINE void bl_gather_neon(int8_t *scratch, const int8_t *input, int32_t zero, int32_t bytes,
                              const bl_place_neon *at, const bl_conv_2d_neon_shape *s)
{
    bl_span rows = bl_conv_span(at->y, s->filter_height, s->stride_height, s->dilation_height, s->pad_top,
                                s->input_height, s->padded);
    bl_span columns = bl_conv_span(at->x, s->filter_width, s->stride_width, s->dilation_width, s->pad_left,
                                   s->input_width, s->padded);
    int32_t whole = columns.tap == 0 && columns.tap_end == s->filter_width;
    if (s->padded && (rows.tap > 0 || rows.tap_end < s->filter_height || !whole)) {
        for (int32_t i = 0; i < bytes; i += BL_VECTOR_NEON)
            vst1q_s8(scratch + i, vdupq_n_s8((int8_t)zero));
    }
    int32_t row = rows.element;
    for (int32_t ky = rows.tap; ky < rows.tap_end; ky++, row += s->dilation_height) {
        int8_t *to = scratch + (ky * s->filter_width + columns.tap) * s->input_channels;
        if (s->dilation_width == 1 && whole) {
            __builtin_memcpy(to, bl_input_place_neon(input, at->batch, row, columns.element, s),
                             (uint32_t)(s->filter_width * s->input_channels));
            continue;
        }
        int32_t column = columns.element;
        for (int32_t kx = columns.tap; kx < columns.tap_end; kx++, column += s->dilation_width) {
            __builtin_memcpy(to, bl_input_place_neon(input, at->batch, row, column, s), (uint32_t)s->input_channels);
            to += s->input_channels;
        }
    }
}

#if defined(BL_HAS_DOT64_NEON)
/* A run of any number of pixels. */
BL_INLINE void bl_whole_run_neon(bl_run_neon run, const int8_t *filter, const int8_t *groups, const int32_t *parameters,
                                 int32_t vectors, int32_t channels, const bl_neon_ending *ending)
{
    if (run.pixels & 1) {
        const int8_t *x = run.input;
        bl_dot_pixels_neon(&run.output, &x, filter, parameters, vectors, channels, 1, ending);
        run.input += run.input_step;
        run.output += run.output_step;
        run.pixels--;
    }
    if (run.pixels > 0)
        bl_run_channels64_neon(run, filter, groups, parameters, vectors, channels, ending);
}

/*
 * In runs of pixels whose windows, of 17 to 64 inputs, lie at even distances. Gathered: as many as scratch memory has room for. In
 * place: those of a row, or of all rows where these follow one another in input and output.
 */
BL_INLINE void bl_conv_2d_runs_neon(int8_t *output, const int8_t *input, int8_t *scratch, const int8_t *filter,
                                    const int8_t *groups, const int32_t *parameters, int32_t row_begin, int32_t row_end,
                                    int32_t input_zero, const bl_neon_ending *ending, int32_t vectors,
                                    const bl_conv_2d_neon_shape *s, int32_t gathered)
{
    int32_t bytes = vectors * BL_VECTOR_NEON;
    int32_t channels = s->output_channels;
    bl_place_neon at = {0, row_begin, 0, 0, 0};
    int32_t more = row_begin < row_end;
    bl_begin_row_neon(&at, output, input, s);
    BL_UNROLL(1)
    while (gathered && more) {
        bl_run_neon run = {at.output, scratch, channels, bytes, 0};
        do {
            bl_gather_neon(scratch + run.pixels++ * bytes, input, input_zero, bytes, &at, s);
            more = bl_next_place_neon(&at, output, input, row_begin, row_end, s);
        } while (more && run.pixels < BL_GATHERED64_NEON && at.output == run.output + run.pixels * channels);
        bl_whole_run_neon(run, filter, groups, parameters, vectors, channels, ending);
    }
    if (gathered)
        return;
    int32_t joined = s->stride_height == 1 && s->stride_width == 1 && s->input_ring_rows >= s->input_height &&
                     s->output_ring_rows >= s->output_height;
    int32_t rows = joined ? row_end - row_begin : 1;
    for (at.batch = 0; at.batch < s->batches; at.batch++) {
        BL_UNROLL(1)
        for (at.y = row_begin; at.y < row_end; at.y += rows) {
            bl_begin_row_neon(&at, output, input, s);
            bl_run_neon run = {at.output, at.input, channels, s->stride_width * s->input_channels, 0};
            BL_UNROLL(1)
            for (int32_t left = rows * s->output_width; left > 0; left -= run.pixels) {
                run.input += run.pixels * run.input_step;
                run.output += run.pixels * channels;
                run.pixels = bl_min(left, BL_RUN64_NEON);
                bl_whole_run_neon(run, filter, groups, parameters, vectors, channels, ending);
            }
        }
    }
}
#endif

/* In tiles of as many pixels as there are, one, or as registers have room for; a last tile computes its last pixel again. */
BL_INLINE void bl_conv_2d_neon(int8_t *output, const int8_t *input, int8_t *scratch, const int8_t *filter,
                               const int8_t *groups, const int32_t *parameters, int32_t row_begin, int32_t row_end,
                               int32_t input_zero, int32_t output_offset, int32_t act_min, int32_t act_max,
                               const bl_conv_2d_neon_shape *s, int32_t gathered)
{
    const bl_neon_ending ending = {output_offset, act_min, act_max, s->away, s->clamped};
    int32_t pixels = s->batches * s->output_height * s->output_width == 1 ? 1 : BL_PIXELS_NEON;
    int32_t vectors =
        (s->filter_height * s->filter_width * s->input_channels + BL_VECTOR_NEON - 1) / BL_VECTOR_NEON;
#if defined(BL_HAS_DOT64_NEON)
    if (pixels > 1 && vectors > 1 && vectors <= BL_VECTORS64_NEON) {
        bl_conv_2d_runs_neon(output, input, scratch, filter, groups, parameters, row_begin, row_end, input_zero, &ending,
                             vectors, s, gathered);
        return;
    }
#endif
    (void)groups;
    int32_t bytes = vectors * BL_VECTOR_NEON;
    bl_place_neon at = {0, row_begin, 0, 0, 0};
    int32_t more = row_begin < row_end;
    bl_begin_row_neon(&at, output, input, s);
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
            if (gathered) {
                bl_gather_neon(scratch + i * bytes, input, input_zero, bytes, &at, s);
                x[i] = scratch + i * bytes;
            } else
                x[i] = at.input;
            more = bl_next_place_neon(&at, output, input, row_begin, row_end, s);
        }
        bl_dot_pixels_neon(out, x, filter, parameters, vectors, s->output_channels, pixels, &ending);
    }
}

BL_INLINE void bl_conv_2d_s8_neon_pixels(int8_t *output, const int8_t *input, const int8_t *filter,
                                         const int8_t *groups, const int32_t *parameters, int32_t row_begin, int32_t row_end,
                                         int32_t output_offset, int32_t act_min, int32_t act_max,
                                         const bl_conv_2d_s8_neon_pixels_shape *s)
{
    bl_conv_2d_neon(output, input, 0, filter, groups, parameters, row_begin, row_end, 0, output_offset, act_min, act_max, s, 0);
}

BL_INLINE void bl_conv_2d_s8_neon_gathered(int8_t *output, const int8_t *input, int8_t *scratch, const int8_t *filter,
                                           const int8_t *groups, const int32_t *parameters, int32_t row_begin, int32_t row_end,
                                           int32_t input_zero, int32_t output_offset, int32_t act_min, int32_t act_max,
                                           const bl_conv_2d_s8_neon_gathered_shape *s)
{
    bl_conv_2d_neon(output, input, scratch, filter, groups, parameters, row_begin, row_end, input_zero, output_offset, act_min,
                    act_max, s, 1);
}

#endif
