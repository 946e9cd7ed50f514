/*
 * DEPTHWISE_CONV_2D of int8, one output channel to an input channel, by the DSP extension: four channels after the other
 * over the whole image, from planes in scratch (depthwise_planes_simd32.h). Constraints:
 *  - square filters of 3 (with a stride of 1), 5 or 7, at least two outputs a row, channels in fours; codes below the
 *    output's zero point do not survive the clamp, which is that of int8
 *  - `blocks`: by channel weights and what follows them; biases include the input's zero point
 *  - scratch: the rows of windows of `band_rows` rows of outputs
 *  - `output` is apart from `input` or, where both have the same size, at the same place
 */
#ifndef BL_DEPTHWISE_CONV_2D_SIMD32_PLANES_H
#define BL_DEPTHWISE_CONV_2D_SIMD32_PLANES_H

#include "plane_filters_simd32.h"

typedef struct {
    int32_t batches;
    int32_t input_height;
    int32_t input_width;
    int32_t input_ring_rows;
    int32_t output_height;
    int32_t output_width;
    int32_t output_ring_rows;
    int32_t channels;
    int32_t filter_size;
    int32_t stride;
    int32_t pad_top;
    int32_t pad_left;
    int32_t plane_words; /* words of a row's plane */
    int32_t band_rows;   /* rows of outputs that scratch has room for */
} bl_depthwise_conv_2d_s8_simd32_planes_shape;

/* Four channels of an image: what `output`, `image` and `block` begin with. */
BL_INLINE void bl_plane_block(int8_t *output, const int8_t *image, uint32_t *rows, const int32_t *block,
                              int32_t row_begin, int32_t row_end, const bl_planes *planes,
                              const bl_plane_filter *filter, volatile bl_plane_memory *memory, int32_t size,
                              int32_t stride, const bl_depthwise_conv_2d_s8_simd32_planes_shape *s)
{
    int32_t pitch = filter->pitch;
    int32_t kept = 0;
    int32_t before_end = s->output_ring_rows - bl_ring_row(row_begin, s->output_ring_rows, s->output_height);
    int32_t fills = bl_min(s->band_rows, before_end) < row_end - row_begin;
    for (int32_t y = row_begin; y < row_end;) {
        int32_t out_row = bl_ring_row(y, s->output_ring_rows, s->output_height);
        int32_t count = bl_min(bl_min(s->band_rows, row_end - y), s->output_ring_rows - out_row);
        int32_t first = y * stride - s->pad_top;
        bl_plane_rows(rows + kept * pitch, image, first + kept, first + (count - 1) * stride + size, fills, planes);
        bl_plane_filters(output + out_row * filter->width * filter->channels, rows, planes->words, count, block, filter,
                         memory, size, stride);
        y += count;
        kept = size - stride;
        if (y < row_end) {
            const uint32_t *from = rows + count * stride * pitch;
            BL_UNROLL(4)
            for (int32_t i = 0; i < kept * pitch; i++)
                rows[i] = from[i];
        }
    }
}

/* Not specialised: layers of one filter share it, and the shape is no literal. */
#define BL_DEPTHWISE_PLANES(name, size, stride)                                                                        \
    BL_OUTLINE void name(int8_t *output, const int8_t *input, uint32_t *rows, const int32_t *blocks,                   \
                         int32_t row_begin, int32_t row_end, int32_t zero_point,                                       \
                         const bl_depthwise_conv_2d_s8_simd32_planes_shape *s)                                         \
    {                                                                                                                  \
        bl_planes planes = bl_planes_of(s->input_height, s->input_width, s->input_ring_rows, s->channels, s->pad_left, \
                                        s->plane_words, zero_point);                                                   \
        bl_plane_filter filter = {s->output_width, BL_PLANES * s->plane_words, s->channels};                           \
        volatile bl_plane_memory memory = bl_plane_remember(&filter, size, stride);                                    \
        int32_t words = BL_PLANES * (bl_plane_weights(size, stride) + BL_PLANE_ENDS);                                  \
        if (bl_plane_gaps(&planes) || row_begin * (stride) < s->pad_top || row_end == s->output_height)                \
            bl_plane_fill(rows, ((s->band_rows - 1) * (stride) + (size)) * filter.pitch, planes.zero_points);          \
        for (int32_t batch = 0; batch < s->batches; batch++) {                                                         \
            const int32_t *block = blocks;                                                                             \
            for (int32_t c = 0; c < s->channels; c += BL_PLANES, block += words)                                       \
                bl_plane_block(output + c, input + c, rows, block, row_begin, row_end, &planes, &filter, &memory,      \
                               size, stride, s);                                                                       \
            input += s->input_ring_rows * s->input_width * s->channels;                                                \
            output += s->output_ring_rows * s->output_width * s->channels;                                             \
        }                                                                                                              \
    }

BL_DEPTHWISE_PLANES(bl_depthwise_planes_3x3, 3, 1)
BL_DEPTHWISE_PLANES(bl_depthwise_planes_5x5, 5, 1)
BL_DEPTHWISE_PLANES(bl_depthwise_planes_7x7, 7, 1)
BL_DEPTHWISE_PLANES(bl_depthwise_planes_5x5_by_2, 5, 2)
BL_DEPTHWISE_PLANES(bl_depthwise_planes_7x7_by_2, 7, 2)

BL_INLINE void bl_depthwise_conv_2d_s8_simd32_planes(int8_t *output, const int8_t *input, void *scratch,
                                                     const int32_t *blocks, int32_t row_begin, int32_t row_end,
                                                     int32_t zero_point,
                                                     const bl_depthwise_conv_2d_s8_simd32_planes_shape *s)
{
    uint32_t *rows = (uint32_t *)scratch;
    if (s->filter_size == 3)
        bl_depthwise_planes_3x3(output, input, rows, blocks, row_begin, row_end, zero_point, s);
    else if (s->filter_size == 5 && s->stride == 1)
        bl_depthwise_planes_5x5(output, input, rows, blocks, row_begin, row_end, zero_point, s);
    else if (s->filter_size == 5)
        bl_depthwise_planes_5x5_by_2(output, input, rows, blocks, row_begin, row_end, zero_point, s);
    else if (s->stride == 1)
        bl_depthwise_planes_7x7(output, input, rows, blocks, row_begin, row_end, zero_point, s);
    else
        bl_depthwise_planes_7x7_by_2(output, input, rows, blocks, row_begin, row_end, zero_point, s);
}

#endif
