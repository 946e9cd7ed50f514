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
#include "place_neon.h"

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
                                    const bl_places_neon *p, int32_t gathered)
{
    int32_t bytes = vectors * BL_VECTOR_NEON;
    int32_t channels = p->output_channels;
    bl_place_neon at = {0, row_begin, 0, 0, 0};
    int32_t more = row_begin < row_end;
    bl_begin_row_neon(&at, output, input, p);
    BL_UNROLL(1)
    while (gathered && more) {
        bl_run_neon run = {at.output, scratch, channels, bytes, 0};
        do {
            bl_gather_neon(scratch + run.pixels++ * bytes, input, input_zero, bytes, &at, p);
            more = bl_next_place_neon(&at, output, input, row_begin, row_end, p);
        } while (more && run.pixels < BL_GATHERED64_NEON && at.output == run.output + run.pixels * channels);
        bl_whole_run_neon(run, filter, groups, parameters, vectors, channels, ending);
    }
    if (gathered)
        return;
    int32_t joined = p->stride_height == 1 && p->stride_width == 1 && p->input_ring_rows >= p->input_height &&
                     p->output_ring_rows >= p->output_height;
    int32_t rows = joined ? row_end - row_begin : 1;
    for (at.batch = 0; at.batch < p->batches; at.batch++) {
        BL_UNROLL(1)
        for (at.y = row_begin; at.y < row_end; at.y += rows) {
            bl_begin_row_neon(&at, output, input, p);
            bl_run_neon run = {at.output, at.input, channels, p->stride_width * p->input_channels, 0};
            BL_UNROLL(1)
            for (int32_t left = rows * p->output_width; left > 0; left -= run.pixels) {
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
    const bl_places_neon places = BL_PLACES_OF_NEON(s, s->input_channels, s->output_channels), *p = &places;
    int32_t pixels = s->batches * s->output_height * s->output_width == 1 ? 1 : BL_PIXELS_NEON;
    int32_t vectors =
        (s->filter_height * s->filter_width * s->input_channels + BL_VECTOR_NEON - 1) / BL_VECTOR_NEON;
#if defined(BL_HAS_DOT64_NEON)
    if (pixels > 1 && vectors > 1 && vectors <= BL_VECTORS64_NEON) {
        bl_conv_2d_runs_neon(output, input, scratch, filter, groups, parameters, row_begin, row_end, input_zero, &ending,
                             vectors, p, gathered);
        return;
    }
#endif
    (void)groups;
    int32_t bytes = vectors * BL_VECTOR_NEON;
    bl_place_neon at = {0, row_begin, 0, 0, 0};
    int32_t more = row_begin < row_end;
    bl_begin_row_neon(&at, output, input, p);
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
                bl_gather_neon(scratch + i * bytes, input, input_zero, bytes, &at, p);
                x[i] = scratch + i * bytes;
            } else
                x[i] = at.input;
            more = bl_next_place_neon(&at, output, input, row_begin, row_end, p);
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
