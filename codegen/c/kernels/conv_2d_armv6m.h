/*
 * int8 CONV_2D and FULLY_CONNECTED on ARMv6-M: no groups, no dilation, no zero point of the filter.
 *  - products take inputs as they are: bias includes -zero point * sum(filter)
 *  - a window of more than one pixel is gathered in `scratch`, zero points where it leaves the image
 *  - pixels are written in order, by blocks of four channels, each after its last read
 */
#ifndef BL_CONV_2D_ARMV6M_H
#define BL_CONV_2D_ARMV6M_H

#include "dot_pairs.h"
#include "dot_rows.h"
#include "requantize_digits.h"

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
    int32_t pad_top;
    int32_t pad_left;
    int32_t zero_point;  /* of the input */
    int32_t per_channel; /* each channel has a multiplier of its own */
    int32_t narrow;      /* all sums are below 2^20 and all shifts negative */
    int32_t output_offset;
    int32_t act_min;
    int32_t act_max;
} bl_conv_2d_armv6m_shape;

/* Copies the window that begins at row `y` and column `x` of `image`, perhaps outside of it. */
BL_INLINE void bl_gather_window(int8_t *window, const int8_t *image, int32_t y, int32_t x,
                                const bl_conv_2d_armv6m_shape *s)
{
    int32_t before = bl_min(bl_max(-x, 0), s->filter_width);
    int32_t after = bl_max(bl_min(s->filter_width, s->input_width - x), before);
    for (int32_t ky = 0; ky < s->filter_height; ky++, y++) {
        int32_t outside = y < 0 || y >= s->input_height;
        int32_t from = (outside ? s->filter_width : before) * s->input_channels;
        int32_t to = (outside ? s->filter_width : after) * s->input_channels;
        int32_t row = bl_ring_row(outside ? 0 : y, s->input_ring_rows, s->input_height);
        int32_t pixel = (row * s->input_width + x) * s->input_channels;
        int32_t i = 0;
        BL_UNROLL(1)
        for (; i < from; i++)
            window[i] = (int8_t)s->zero_point;
        if (s->input_channels % 4 == 0) {
            for (; i < to; i += 4) {
                window[i] = image[pixel + i];
                window[i + 1] = image[pixel + i + 1];
                window[i + 2] = image[pixel + i + 2];
                window[i + 3] = image[pixel + i + 3];
            }
        } else {
            BL_UNROLL(1)
            for (; i < to; i++)
                window[i] = image[pixel + i];
        }
        BL_UNROLL(1)
        for (; i < s->filter_width * s->input_channels; i++)
            window[i] = (int8_t)s->zero_point;
        window += s->filter_width * s->input_channels;
    }
}

/*
 * The sums of `rows` channels from `n` on by their rows of the filter, [output channels][taps], which begin at `filter`.
 * Returns where those of the next channels begin.
 */
BL_INLINE const int8_t *bl_sum_rows(uint32_t acc[BL_ROWS], const int8_t *window, const int8_t *filter,
                                    const int32_t *bias, int32_t n, int32_t rows, int32_t taps)
{
    /* Not `acc`, whose address is given away: these stay in registers. */
    uint32_t sums[BL_ROWS];
    BL_UNROLL(4)
    for (int32_t i = 0; i < BL_ROWS; i++)
        sums[i] = (uint32_t)bias[n + bl_min(i, rows - 1)];
    const int8_t *next = bl_dot_rows(sums, window, filter, taps, rows);
    BL_UNROLL(4)
    for (int32_t i = 0; i < BL_ROWS; i++)
        acc[i] = sums[i];
    return next;
}

/*
 * The same by pairs, [output channels / 4, rounded up][taps, rounded up to even][2]. `bias` holds by block the initial
 * sums: all[0], high[0], all[1], high[1].
 */
BL_INLINE void bl_sum_pairs(uint32_t acc[BL_ROWS], const int8_t *window, const void *filter, const int32_t *bias,
                            int32_t n, int32_t taps)
{
    int32_t even = (taps + 1) / 2 * 2;
    bl_pair_sums sums = {{(uint32_t)bias[n], (uint32_t)bias[n + 2]}, {(uint32_t)bias[n + 1], (uint32_t)bias[n + 3]}};
    bl_dot_pairs(&sums, window, (const int32_t *)filter + n / 2 * even, even);
    acc[0] = sums.all[0] - (sums.high[0] << 16);
    acc[1] = sums.high[0];
    acc[2] = sums.all[1] - (sums.high[1] << 16);
    acc[3] = sums.high[1];
}

typedef enum { BL_BY_ROWS, BL_BY_PAIRS } bl_armv6m_form;

BL_INLINE void bl_conv_2d_armv6m(int8_t *output, const int8_t *input, int8_t *scratch, const void *filter,
                                 const int32_t *bias, const int16_t *scale, int32_t row_begin, int32_t row_end,
                                 const bl_conv_2d_armv6m_shape *s, bl_armv6m_form form)
{
    int32_t taps = s->filter_height * s->filter_width * s->input_channels;
    for (int32_t batch = 0; batch < s->batches; batch++) {
        const int8_t *image = input + batch * s->input_ring_rows * s->input_width * s->input_channels;
        for (int32_t y = row_begin; y < row_end; y++) {
            int32_t row = batch * s->output_ring_rows + bl_ring_row(y, s->output_ring_rows, s->output_height);
            int8_t *pixel = output + row * s->output_width * s->output_channels;
            int32_t top = y * s->stride_height - s->pad_top;
            for (int32_t x = 0; x < s->output_width; x++, pixel += s->output_channels) {
                int32_t left = x * s->stride_width - s->pad_left;
                const int8_t *window = scratch;
                if (scratch)
                    bl_gather_window(scratch, image, top, left, s);
                else
                    window = image + (bl_ring_row(top, s->input_ring_rows, s->input_height) * s->input_width + left) *
                                         s->input_channels;
                const int8_t *rows = (const int8_t *)filter;
                for (int32_t n = 0; n < s->output_channels; n += BL_ROWS) {
                    uint32_t acc[BL_ROWS];
                    int32_t count = s->output_channels % BL_ROWS == 0 ? BL_ROWS : bl_min(s->output_channels - n, BL_ROWS);
                    if (form == BL_BY_PAIRS)
                        bl_sum_pairs(acc, window, filter, bias, n, taps);
                    else
                        rows = bl_sum_rows(acc, window, rows, bias, n, count, taps);
                    bl_requantize_channels(pixel + n, acc, scale + (s->per_channel ? 4 * n : 0), s->per_channel ? 4 : 0,
                                           count, s->narrow, s->output_offset, s->act_min, s->act_max);
                }
            }
        }
    }
}

/* Variants of the filter, of the window and of the requantization. */
#define BL_CONV_2D_ARMV6M(form, kind, type)                                                                            \
    typedef bl_conv_2d_armv6m_shape bl_conv_2d_##form##_point_s8_shape;                                                \
    typedef bl_conv_2d_armv6m_shape bl_conv_2d_##form##_s8_shape;                                                      \
                                                                                                                       \
    BL_INLINE void bl_conv_2d_##form##_point_s8(int8_t *output, const int8_t *input, const type *filter,               \
                                                const int32_t *bias, const int16_t *scale, int32_t row_begin,          \
                                                int32_t row_end, const bl_conv_2d_armv6m_shape *s)                     \
    {                                                                                                                  \
        bl_conv_2d_armv6m(output, input, 0, filter, bias, scale, row_begin, row_end, s, kind);                         \
    }                                                                                                                  \
                                                                                                                       \
    BL_INLINE void bl_conv_2d_##form##_s8(int8_t *output, const int8_t *input, void *scratch, const type *filter,      \
                                          const int32_t *bias, const int16_t *scale, int32_t row_begin,                \
                                          int32_t row_end, const bl_conv_2d_armv6m_shape *s)                           \
    {                                                                                                                  \
        bl_conv_2d_armv6m(output, input, scratch, filter, bias, scale, row_begin, row_end, s, kind);                   \
    }

BL_CONV_2D_ARMV6M(rows, BL_BY_ROWS, int8_t)
BL_CONV_2D_ARMV6M(pairs, BL_BY_PAIRS, int32_t)

#endif
