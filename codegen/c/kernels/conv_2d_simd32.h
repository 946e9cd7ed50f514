/*
 * CONV_2D of int8 in one group for Cortex-M with the DSP extension. The windows of a few neighbouring pixels are widened
 * to halfwords in scratch, once for all output channels; what lies outside of the image becomes the input's zero point.
 *  - filter: dot_simd32.h; its inputs are [height][width][channels], the bias includes input_offset * sum(filter)
 *  - a block of pixels is written after its last read: the plan lets `output` overlap `input` by that rule
 *  - scratch: pairs of the block, then the bytes of one window where neighbouring taps are no whole words, or of one run of
 *    neighbours where channels are none
 */
#ifndef BL_CONV_2D_SIMD32_H
#define BL_CONV_2D_SIMD32_H

#include "block_simd32.h"
#include "span.h"

typedef struct {
    BL_CONV_2D_MEMBERS;
    int32_t padded;       /* some window leaves the image */
    int32_t block_pixels; /* pixels of a block: 4 or 2 */
    int32_t clamps;       /* the activation's bounds are not the ends of int8 */
    int32_t negative;     /* codes below the output's zero point survive them */
} bl_conv_2d_s8_simd32_shape;

/* Where a window goes: pairs of words, or bytes that will be widened. */
typedef struct {
    uint32_t *pairs;
    int8_t *bytes;
    int32_t pixels;
} bl_window;

/* Appends `count` inputs. `words`: they are whole words. */
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
                             int32_t zero_point, const bl_conv_2d_s8_simd32_shape *s)
{
    int32_t channels = s->input_channels;
    int32_t words = channels % 4 == 0;
    if (!s->padded || (inside && x >= 0 && x + taps <= s->input_width)) {
        bl_append(window, row + x * channels, taps * channels, taps * channels % 4 == 0);
        return;
    }
    int32_t left = inside ? bl_min(bl_max(-x, 0), taps) : taps;
    int32_t right = inside ? bl_min(bl_max(x + taps - s->input_width, 0), taps - left) : 0;
    int32_t middle = taps - left - right;
    int8_t *bytes = window->bytes;
    bl_append_padding(window, zero_point, left * channels, words);
    if (middle > 0)
        bl_append(window, row + (x + left) * channels, middle * channels, words);
    bl_append_padding(window, zero_point, right * channels, words);
    if (!words && taps * channels % 4 == 0) {
        window->bytes = bytes;
        window->pairs = bl_widen(window->pairs, bytes, taps * channels / 4, window->pixels);
    }
}

/* Widens the window at output (y, x) to every `pixels`-th pair. */
BL_INLINE void bl_gather_pixel(uint32_t *pairs, int32_t pixels, int8_t *bytes, const int8_t *input, int32_t y,
                               int32_t x, int32_t zero_point, const bl_conv_2d_s8_simd32_shape *s)
{
    int32_t neighbours = s->dilation_width == 1 ? s->filter_width : 1;
    bl_window window = {pairs, bytes, pixels};
    for (int32_t ky = 0; ky < s->filter_height; ky++) {
        int32_t iy = y * s->stride_height - s->pad_top + ky * s->dilation_height;
        int32_t inside = !s->padded || (iy >= 0 && iy < s->input_height);
        int32_t row = inside ? bl_ring_row(iy, s->input_ring_rows, s->input_height) : 0;
        for (int32_t kx = 0; kx < s->filter_width; kx += neighbours)
            bl_append_run(&window, input + row * s->input_width * s->input_channels, inside,
                          x * s->stride_width - s->pad_left + kx * s->dilation_width, neighbours, zero_point, s);
    }
    if (neighbours * s->input_channels % 4 != 0)
        bl_widen(pairs, bytes, (s->filter_height * s->filter_width * s->input_channels + 3) / 4, pixels);
}

BL_INLINE void bl_conv_2d_s8_simd32(int8_t *output, const int8_t *input, void *scratch, const int8_t *filter,
                                    const int32_t *channels, int32_t row_begin, int32_t row_end, int32_t input_offset,
                                    int32_t output_offset,
                                    int32_t act_min, int32_t act_max, const bl_conv_2d_s8_simd32_shape *s)
{
    int32_t steps = (s->filter_height * s->filter_width * s->input_channels + 3) / 4;
    bl_layer_simd32 layer = {filter, channels, steps, s->output_channels, output_offset, act_min,
                             act_max};
    uint32_t *pairs = (uint32_t *)scratch;
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
                bl_block_of(s->block_pixels, s->clamps, s->negative)(block, pairs, &layer);
            else
                bl_block_of(1, s->clamps, s->negative)(block, pairs, &layer);
        }
        input += s->input_ring_rows * s->input_width * s->input_channels;
    }
}

#endif
