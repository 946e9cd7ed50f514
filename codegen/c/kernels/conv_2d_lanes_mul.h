/*
 * CONV_2D of int8 in one group, with weights of 1, 2 or 4 bits, for Cortex-M without the DSP extension (dot_lanes_mul.h). The windows
 * of a few neighbouring pixels are widened to words in scratch, once for all output channels; what lies outside of the image
 * becomes the input's zero point, and what the filter's last words have beyond the window is 0.
 *  - filter [channels / 4, rounded up][words]; biases include input_offset * sum(filter) and are filled up to whole blocks
 *  - a weight is first + step * (code - 2^(bits - 1))
 *  - scratch: words of the block, then sums of its inputs by segment
 *  - a block of pixels is written after its last read: the plan lets `output` overlap `input` by that rule
 */
#ifndef BL_CONV_2D_LANES_MUL_H
#define BL_CONV_2D_LANES_MUL_H

#include "dot_lanes_mul.h"
#include "requantize_digits.h"
#include "span.h"

typedef struct {
    BL_CONV_2D_MEMBERS;
    int32_t padded;      /* some window leaves the image */
    int32_t several;     /* BL_LANES_PIXELS pixels at a time, not one */
    int32_t per_channel; /* each channel has a multiplier of its own */
    int32_t narrow;      /* all sums are below 2^20 and all shifts negative */
    int32_t output_offset;
    int32_t act_min;
    int32_t act_max;
} bl_conv_2d_lanes_mul_shape;

typedef struct {
    const int32_t *filter;
    int32_t words;
    int32_t segment; /* words after which sums are parted */
} bl_lanes_mul_filter;

/* Widens the window of output (y, x), of the image at `input`, to every `pixels`-th word. */
BL_INLINE void bl_widen_window(int32_t *words, int32_t pixels, const int8_t *input, int32_t y, int32_t x,
                               int32_t zero_point, const bl_conv_2d_lanes_mul_shape *s)
{
    for (int32_t ky = 0; ky < s->filter_height; ky++) {
        int32_t row = y * s->stride_height - s->pad_top + ky * s->dilation_height;
        int32_t inside = !s->padded || (row >= 0 && row < s->input_height);
        int32_t from = inside ? bl_ring_row(row, s->input_ring_rows, s->input_height) : 0;
        for (int32_t kx = 0; kx < s->filter_width; kx++) {
            int32_t column = x * s->stride_width - s->pad_left + kx * s->dilation_width;
            const int8_t *tap = input + (from * s->input_width + column) * s->input_channels;
            if (!inside || (s->padded && (column < 0 || column >= s->input_width))) {
                BL_UNROLL(1)
                for (int32_t c = 0; c < s->input_channels; c++, words += pixels)
                    *words = zero_point;
                continue;
            }
            BL_UNROLL(4)
            for (int32_t c = 0; c < s->input_channels; c++, words += pixels)
                *words = tap[c];
        }
    }
}

/* What sums of each segment start with, [segments][pixels], and the sums of all inputs times `first`, [pixels]. */
BL_INLINE void bl_start_lanes_mul(int32_t *sums, const int32_t *inputs, const bl_lanes_mul_filter *f, int32_t first,
                                  int32_t pixels, int32_t bits)
{
    int32_t total[BL_LANES_PIXELS] = {0};
    for (int32_t left = f->words; left > 0; left -= f->segment) {
        int32_t sum[BL_LANES_PIXELS] = {0};
        for (int32_t i = bl_min(left, f->segment) * BL_LANES_TAPS(bits); i > 0; i--) {
            BL_UNROLL(3)
            for (int32_t p = 0; p < pixels; p++)
                sum[p] += *inputs++;
        }
        BL_UNROLL(3)
        for (int32_t p = 0; p < pixels; p++) {
            *sums++ = (int32_t)(((uint32_t)sum[p] << (bits - 1)) * 0xfffeffffu);
            total[p] += sum[p];
        }
    }
    BL_UNROLL(3)
    for (int32_t p = 0; p < pixels; p++)
        *sums++ = total[p] * first;
}

/* Sums of four channels' codes, [2 pairs of channels][pixels][2]. */
BL_INLINE void bl_sum_lanes_mul(int32_t sums[4 * BL_LANES_PIXELS], const int32_t *filter, const int32_t *inputs,
                                const int32_t *starts, const bl_lanes_mul_filter *f, int32_t pixels, int32_t bits)
{
    BL_UNROLL(12)
    for (int32_t i = 0; i < 4 * pixels; i++)
        sums[i] = 0;
    for (int32_t left = f->words; left > 0; left -= f->segment) {
        int32_t words = bl_min(left, f->segment);
        bl_dot_lanes_mul(sums, starts, filter, inputs, words, pixels, bits);
        filter += words;
        inputs += words * BL_LANES_TAPS(bits) * pixels;
        starts += pixels;
    }
}

/* Layers share these. */
#define BL_LANES_MUL_FUNCTION(name, pixels, bits)                                                                      \
    BL_OUTLINE void name(int32_t sums[4 * BL_LANES_PIXELS], const int32_t *filter, const int32_t *inputs,              \
                         const int32_t *starts, const bl_lanes_mul_filter *f)                                          \
    {                                                                                                                  \
        bl_sum_lanes_mul(sums, filter, inputs, starts, f, pixels, bits);                                               \
    }
BL_LANES_MUL_FUNCTION(bl_sum_lanes_mul_1, 1, 1)
BL_LANES_MUL_FUNCTION(bl_sum_lanes_mul_2, 1, 2)
BL_LANES_MUL_FUNCTION(bl_sum_lanes_mul_4, 1, 4)
BL_LANES_MUL_FUNCTION(bl_sum_lanes_mul_1_several, BL_LANES_PIXELS, 1)
BL_LANES_MUL_FUNCTION(bl_sum_lanes_mul_2_several, BL_LANES_PIXELS, 2)
BL_LANES_MUL_FUNCTION(bl_sum_lanes_mul_4_several, BL_LANES_PIXELS, 4)

typedef void (*bl_sum_lanes_mul_function)(int32_t sums[4 * BL_LANES_PIXELS], const int32_t *filter, const int32_t *inputs,
                                          const int32_t *starts, const bl_lanes_mul_filter *f);

/* The function for literals. */
BL_INLINE bl_sum_lanes_mul_function bl_sum_lanes_mul_of(int32_t bits, int32_t pixels)
{
    if (pixels == 1)
        return bits == 1 ? bl_sum_lanes_mul_1 : bits == 2 ? bl_sum_lanes_mul_2 : bl_sum_lanes_mul_4;
    return bits == 1 ? bl_sum_lanes_mul_1_several : bits == 2 ? bl_sum_lanes_mul_2_several : bl_sum_lanes_mul_4_several;
}

/* All channels of `count` of `pixels` pixels, whose inputs are in `inputs` with room for sums behind them. */
BL_INLINE void bl_block_of_lanes_mul(int8_t *output, int32_t *inputs, const bl_lanes_mul_filter *f,
                                     const int32_t *biases, const int16_t *scale, int32_t first, int32_t step,
                                     int32_t count, int32_t pixels, int32_t bits, const bl_conv_2d_lanes_mul_shape *s)
{
    int32_t *starts = inputs + f->words * BL_LANES_TAPS(bits) * pixels;
    bl_start_lanes_mul(starts, inputs, f, first, pixels, bits);
    const int32_t *least = starts + (f->words + f->segment - 1) / f->segment * pixels;
    const int32_t *filter = f->filter;
    int32_t outputs = s->output_channels;
    for (int32_t n = 0; n < outputs; n += 4, filter += f->words) {
        int32_t sums[4 * BL_LANES_PIXELS];
        bl_sum_lanes_mul_of(bits, pixels)(sums, filter, inputs, starts, f);
        int32_t channels = outputs % 4 == 0 ? 4 : bl_min(outputs - n, 4);
        BL_UNROLL(1)
        for (int32_t c = 0; c < channels; c++) {
            const int32_t *sum = sums + (c >> 1) * 2 * pixels + (c & 1);
            int8_t *code = output + n + c;
            int32_t bias = biases[n + c];
            const int16_t *channel = scale + (s->per_channel ? 4 * (n + c) : 0);
            BL_UNROLL(1)
            for (int32_t p = 0; p < count; p++, sum += 2, code += outputs) {
                uint32_t total = (uint32_t)step * (uint32_t)*sum + (uint32_t)least[p] + (uint32_t)bias;
                *code = (int8_t)bl_requantize_channel((int32_t)total, channel, s->narrow, s->output_offset, s->act_min,
                                                      s->act_max);
            }
        }
    }
}

BL_INLINE void bl_conv_2d_lanes_mul(int8_t *output, const int8_t *input, int32_t *scratch, const bl_lanes_mul_filter *f,
                                    const int32_t *biases, const int16_t *scale, int32_t row_begin, int32_t row_end,
                                    int32_t zero_point, int32_t first, int32_t step,
                                    const bl_conv_2d_lanes_mul_shape *s, int32_t bits)
{
    int32_t taps = s->filter_height * s->filter_width * s->input_channels;
    int32_t pixels = s->several ? BL_LANES_PIXELS : 1;
    for (int32_t batch = 0; batch < s->batches; batch++) {
        for (int32_t y = row_begin; y < row_end; y++) {
            int32_t row = batch * s->output_ring_rows + bl_ring_row(y, s->output_ring_rows, s->output_height);
            int8_t *block = output + row * s->output_width * s->output_channels;
            for (int32_t x = 0; x < s->output_width; x += pixels) {
                int32_t count = bl_min(s->output_width - x, pixels);
                /* Where a row ends within a block, its last pixel is taken again. */
                for (int32_t p = 0; p < pixels; p++)
                    bl_widen_window(scratch + p, pixels, input, y, x + bl_min(p, count - 1), zero_point, s);
                for (int32_t i = taps * pixels; i < f->words * BL_LANES_TAPS(bits) * pixels; i++)
                    scratch[i] = 0;
                bl_block_of_lanes_mul(block, scratch, f, biases, scale, first, step, count, pixels, bits, s);
                block += count * s->output_channels;
            }
        }
        input += s->input_ring_rows * s->input_width * s->input_channels;
    }
}

#define BL_CONV_2D_LANES_MUL(bits)                                                                                     \
    typedef bl_conv_2d_lanes_mul_shape bl_conv_2d_s8_w##bits##_lanes_mul_shape;                                        \
                                                                                                                       \
    BL_INLINE void bl_conv_2d_s8_w##bits##_lanes_mul(                                                                  \
        int8_t *output, const int8_t *input, void *scratch, const int32_t *filter, const int32_t *biases,              \
        const int16_t *scale, int32_t row_begin, int32_t row_end, int32_t zero_point, int32_t words, int32_t segment,  \
        int32_t first, int32_t step, const bl_conv_2d_lanes_mul_shape *s)                                              \
    {                                                                                                                  \
        const bl_lanes_mul_filter f = {filter, words, segment};                                                        \
        bl_conv_2d_lanes_mul(output, input, (int32_t *)scratch, &f, biases, scale, row_begin, row_end, zero_point,     \
                             first, step, s, bits);                                                                    \
    }

BL_CONV_2D_LANES_MUL(1)
BL_CONV_2D_LANES_MUL(2)
BL_CONV_2D_LANES_MUL(4)

#endif
