/*
 * CONV_2D of int8 in one group for Cortex-M with the DSP extension. The windows of a few neighbouring pixels are widened
 * to halfwords in scratch, once for all output channels; what lies outside of the image becomes the input's zero point.
 *  - filter: dot_simd32.h; its inputs are [height][width][channels], the bias includes input_offset * sum(filter)
 *  - a block of pixels is written after its last read: the plan lets `output` overlap `input` by that rule
 *  - scratch: pairs of the block, then, where channels are no whole words, the bytes of one window
 */
#ifndef BL_CONV_2D_SIMD32_H
#define BL_CONV_2D_SIMD32_H

#include "dot_simd32.h"
#include "output_simd32.h"

typedef struct {
    int32_t batches;
    int32_t input_height;
    int32_t input_width;
    int32_t input_channels;
    int32_t input_ring_rows;
    int32_t output_height;
    int32_t output_width;
    int32_t output_channels;
    int32_t output_ring_rows;
    int32_t filter_height;
    int32_t filter_width;
    int32_t stride_height;
    int32_t stride_width;
    int32_t dilation_height;
    int32_t dilation_width;
    int32_t pad_top;
    int32_t pad_left;
    int32_t padded;       /* some window leaves the image */
    int32_t block_pixels; /* pixels of a block: 4 or 2 */
    int32_t clamps;       /* the activation's bounds are not the ends of int8 */
    int32_t negative;     /* codes below the output's zero point survive them */
    int32_t long_shifts; /* some shift has more than 23 bits */
} bl_conv_2d_s8_simd32_shape;

/* Where a window goes: pairs of words, or bytes where channels are no whole words. */
typedef struct {
    uint32_t *pairs;
    int8_t *bytes;
    int32_t pixels;
} bl_window;

/* Appends `count` inputs. `words`: channels are whole words. */
BL_INLINE void bl_append(bl_window *window, const int8_t *input, int32_t count, int32_t words)
{
    if (words) {
        window->pairs = bl_widen(window->pairs, input, count / 4, window->pixels);
        return;
    }
    int32_t i = 0;
    for (; i + 4 <= count; i += 4)
        bl_store_word(window->bytes + i, bl_load_word(input + i));
    for (; i < count; i++)
        window->bytes[i] = input[i];
    window->bytes += count;
}

/* Appends `count` zero points. */
BL_INLINE void bl_append_padding(bl_window *window, int32_t zero_point, int32_t count, int32_t words)
{
    if (words) {
        uint32_t pair = ((uint32_t)zero_point & 0xffffu) | (uint32_t)zero_point << 16;
        for (int32_t i = 0; i < count / 2; i++, window->pairs += window->pixels)
            *window->pairs = pair;
        return;
    }
    for (int32_t i = 0; i < count; i++)
        *window->bytes++ = (int8_t)zero_point;
}

/* Appends `taps` neighbours of one row from column `x` on; `inside`, whether that row is in the image. */
BL_INLINE void bl_append_run(bl_window *window, const int8_t *row, int32_t inside, int32_t x, int32_t taps,
                             int32_t zero_point, int32_t words, const bl_conv_2d_s8_simd32_shape *s)
{
    int32_t channels = s->input_channels;
    if (!s->padded || (inside && x >= 0 && x + taps <= s->input_width)) {
        bl_append(window, row + x * channels, taps * channels, words);
        return;
    }
    int32_t left = inside ? bl_min(bl_max(-x, 0), taps) : taps;
    int32_t right = inside ? bl_min(bl_max(x + taps - s->input_width, 0), taps - left) : 0;
    int32_t middle = taps - left - right;
    bl_append_padding(window, zero_point, left * channels, words);
    if (middle > 0)
        bl_append(window, row + (x + left) * channels, middle * channels, words);
    bl_append_padding(window, zero_point, right * channels, words);
}

/* Widens the window at output (y, x) to every `pixels`-th pair. */
BL_INLINE void bl_gather_pixel(uint32_t *pairs, int32_t pixels, int8_t *bytes, const int8_t *input, int32_t y, int32_t x,
                         int32_t zero_point, const bl_conv_2d_s8_simd32_shape *s)
{
    int32_t words = s->input_channels % 4 == 0;
    int32_t neighbours = s->dilation_width == 1 ? s->filter_width : 1;
    bl_window window = {pairs, bytes, pixels};
    for (int32_t ky = 0; ky < s->filter_height; ky++) {
        int32_t iy = y * s->stride_height - s->pad_top + ky * s->dilation_height;
        int32_t inside = !s->padded || (iy >= 0 && iy < s->input_height);
        int32_t row = inside ? bl_ring_row(iy, s->input_ring_rows, s->input_height) : 0;
        for (int32_t kx = 0; kx < s->filter_width; kx += neighbours)
            bl_append_run(&window, input + row * s->input_width * s->input_channels, inside,
                          x * s->stride_width - s->pad_left + kx * s->dilation_width, neighbours, zero_point, words, s);
    }
    if (!words)
        bl_widen(pairs, bytes, (s->filter_height * s->filter_width * s->input_channels + 3) / 4, pixels);
}

/* All channels of the `pixels` pixels in `pairs`: block_pixels, or a single one. */
BL_INLINE void bl_convolve_block(int8_t *output, const uint32_t *pairs, int32_t pixels, const int8_t *filter,
                                 const int32_t *bias, const bl_requantizer_simd32 *r,
                                 const bl_conv_2d_s8_simd32_shape *s)
{
    int32_t steps = (s->filter_height * s->filter_width * s->input_channels + 3) / 4;
    int32_t block = pixels == 4 ? 2 : 4;
    for (int32_t n = 0; n < s->output_channels; n += block) {
        uint32_t acc[8];
        int32_t count = bl_min(block, s->output_channels - n);
        BL_UNROLL(8)
        for (int32_t i = 0; i < block * pixels; i++)
            acc[i] = i / pixels < count ? (uint32_t)bias[n + i / pixels] : 0u;
        if (pixels == 1)
            bl_dot_pixel(acc, filter, pairs, steps);
        else
            bl_dot_pixels(acc, filter, pairs, steps, pixels);
        BL_UNROLL(4)
        for (int32_t i = 0; i < block; i++) {
            if (i < count)
                bl_store_channel(output + n + i, s->output_channels, acc + i * pixels, pixels, n + i, r);
        }
        filter += block == 2 ? (n % 4 == 0 ? 8 : 16 * steps - 8) : 16 * steps;
    }
}

BL_INLINE void bl_conv_2d_s8_simd32(int8_t *output, const int8_t *input, void *scratch, const int8_t *filter,
                                    const int32_t *bias, const int32_t *multiplier, const int8_t *shift,
                                    int32_t row_begin, int32_t row_end, int32_t input_offset, int32_t output_offset,
                                    int32_t act_min, int32_t act_max, const bl_conv_2d_s8_simd32_shape *s)
{
    bl_requantizer_simd32 r = {multiplier, shift, output_offset, act_min, act_max, 1, s->clamps, s->negative,
                               s->long_shifts};
    uint32_t *pairs = (uint32_t *)scratch;
    int32_t steps = (s->filter_height * s->filter_width * s->input_channels + 3) / 4;
    int8_t *bytes = (int8_t *)(pairs + 2 * steps * s->block_pixels);
    /* Blocks run on from row to row where the output's rows are neighbours. */
    int32_t whole = s->output_ring_rows >= s->output_height;
    for (int32_t batch = 0; batch < s->batches; batch++) {
        int32_t y = row_begin;
        int32_t x = 0;
        while (y < row_end) {
            int32_t row = batch * s->output_ring_rows + bl_ring_row(y, s->output_ring_rows, s->output_height);
            int32_t left = (whole ? (row_end - y) : 1) * s->output_width - x;
            int32_t full = s->output_width % s->block_pixels == 0 || left >= s->block_pixels;
            int32_t pixels = full ? s->block_pixels : 1;
            int8_t *block = output + (row * s->output_width + x) * s->output_channels;
            for (int32_t p = 0; p < pixels; p++) {
                bl_gather_pixel(pairs + p, pixels, bytes, input, y, x, -input_offset, s);
                if (++x == s->output_width) {
                    x = 0;
                    y++;
                }
            }
            if (full)
                bl_convolve_block(block, pairs, s->block_pixels, filter, bias, &r, s);
            else
                bl_convolve_block(block, pairs, 1, filter, bias, &r, s);
        }
        input += s->input_ring_rows * s->input_width * s->input_channels;
    }
}

#endif
