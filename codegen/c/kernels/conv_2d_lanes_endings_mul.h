/*
 * As conv_2d_lanes_mul.h, for int8 or packed activations and any ending (ending.h).
 *  - scratch: words of the block, sums of its inputs by segment, then the bytes of one window
 */
#ifndef BL_CONV_2D_LANES_ENDINGS_MUL_H
#define BL_CONV_2D_LANES_ENDINGS_MUL_H

#include "conv_2d_lanes_mul.h"
#include "ending.h"
#include "gather_codes.h"

typedef struct {
    BL_CONV_2D_MEMBERS;
    int32_t several;    /* BL_LANES_PIXELS pixels at a time, not one */
    int32_t input_bits; /* 8, 4, 2 or 1 */
    BL_ENDING_MEMBERS;
} bl_conv_2d_lanes_endings_mul_shape;

/* All channels of `count` of `pixels` pixels, whose inputs are in `inputs` with room for sums behind them. */
BL_INLINE void bl_end_block_of_lanes_mul(uint8_t *output, int32_t *inputs, const bl_lanes_mul_filter *f, int32_t first,
                                         int32_t step, int32_t count, int32_t pixels, int32_t bits, const bl_ending *e,
                                         const bl_conv_2d_lanes_endings_mul_shape *s)
{
    int32_t *starts = inputs + f->words * BL_LANES_TAPS(bits) * pixels;
    bl_start_lanes_mul(starts, inputs, f, first, pixels, bits);
    const int32_t *least = starts + (f->words + f->segment - 1) / f->segment * pixels;
    const int32_t *filter = f->filter;
    int32_t output_bytes = bl_row_bytes(s->output_channels, s->output_bits);
    for (int32_t n = 0; n < s->output_channels; n += 4, filter += f->words) {
        int32_t sums[4 * BL_LANES_PIXELS];
        bl_sum_lanes_mul_of(bits, pixels)(sums, filter, inputs, starts, f);
        int32_t channels = bl_min(s->output_channels - n, 4);
        BL_UNROLL(1)
        for (int32_t c = 0; c < channels; c++) {
            const int32_t *sum = sums + (c >> 1) * 2 * pixels + (c & 1);
            uint8_t *pixel = output;
            BL_UNROLL(1)
            for (int32_t p = 0; p < count; p++, sum += 2, pixel += output_bytes) {
                int32_t total = (int32_t)((uint32_t)step * (uint32_t)*sum + (uint32_t)least[p]);
                bl_store_code(pixel, n + c, bl_end_sum(total, n + c, e), s->output_bits);
            }
        }
    }
}

BL_INLINE void bl_conv_2d_lanes_endings_mul(void *output, const void *input, int32_t *scratch,
                                            const bl_lanes_mul_filter *f, const int32_t *ending, int32_t row_begin,
                                            int32_t row_end, int32_t zero_point, int32_t first, int32_t step,
                                            const bl_conv_2d_lanes_endings_mul_shape *s, int32_t bits)
{
    bl_ending e = BL_ENDING_OF(ending, s);
    bl_window_source source = {s->input_height,  s->input_width,  s->input_channels,  s->input_ring_rows,
                               s->filter_height, s->filter_width, s->dilation_height, s->dilation_width,
                               zero_point};
    int32_t taps = s->filter_height * s->filter_width * s->input_channels;
    int32_t pixels = s->several ? BL_LANES_PIXELS : 1;
    int32_t segments = (f->words + f->segment - 1) / f->segment;
    int8_t *bytes = (int8_t *)(scratch + (f->words * BL_LANES_TAPS(bits) + segments + 1) * pixels);
    int32_t input_bytes = s->input_ring_rows * s->input_width * bl_row_bytes(s->input_channels, s->input_bits);
    int32_t output_bytes = bl_row_bytes(s->output_channels, s->output_bits);
    for (int32_t batch = 0; batch < s->batches; batch++) {
        const uint8_t *image = (const uint8_t *)input + batch * input_bytes;
        for (int32_t y = row_begin; y < row_end; y++) {
            int32_t row = batch * s->output_ring_rows + bl_ring_row(y, s->output_ring_rows, s->output_height);
            uint8_t *pixel = (uint8_t *)output + row * s->output_width * output_bytes;
            for (int32_t x = 0; x < s->output_width; x += pixels) {
                int32_t count = bl_min(s->output_width - x, pixels);
                for (int32_t p = 0; p < pixels; p++) {
                    /* Where a row ends within a block, its last pixel is taken again. */
                    if (p < count)
                        bl_gather_codes(bytes, image, y * s->stride_height - s->pad_top,
                                        (x + p) * s->stride_width - s->pad_left, s->input_bits, &source);
                    BL_UNROLL(4)
                    for (int32_t i = 0; i < taps; i++)
                        scratch[i * pixels + p] = bytes[i];
                }
                for (int32_t i = taps * pixels; i < f->words * BL_LANES_TAPS(bits) * pixels; i++)
                    scratch[i] = 0;
                bl_end_block_of_lanes_mul(pixel, scratch, f, first, step, count, pixels, bits, &e, s);
                pixel += count * output_bytes;
            }
        }
    }
}

#define BL_CONV_2D_LANES_ENDINGS_MUL(bits)                                                                             \
    typedef bl_conv_2d_lanes_endings_mul_shape bl_conv_2d_w##bits##_lanes_mul_shape;                                   \
    BL_INLINE void bl_conv_2d_w##bits##_lanes_mul(                                                                     \
        void *output, const void *input, void *scratch, const int32_t *filter, const int32_t *ending,                  \
        int32_t row_begin, int32_t row_end, int32_t zero_point, int32_t words, int32_t segment, int32_t first,         \
        int32_t step, const bl_conv_2d_lanes_endings_mul_shape *s)                                                     \
    {                                                                                                                  \
        const bl_lanes_mul_filter f = {filter, words, segment};                                                        \
        bl_conv_2d_lanes_endings_mul(output, input, (int32_t *)scratch, &f, ending, row_begin, row_end, zero_point,    \
                                     first, step, s, bits);                                                            \
    }

BL_CONV_2D_LANES_ENDINGS_MUL(1)
BL_CONV_2D_LANES_ENDINGS_MUL(2)
BL_CONV_2D_LANES_ENDINGS_MUL(4)

#endif
