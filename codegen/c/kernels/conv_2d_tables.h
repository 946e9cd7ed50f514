/*
 * int8 CONV_2D and FULLY_CONNECTED with weights of two or three values, by tables of sums (octet_tables.h), eight pixels at a
 * time. Windows of more than one tap are gathered in `scratch`, zero points where they leave the image. Pixels are written after the
 * last read of their eight.
 */
#ifndef BL_CONV_2D_TABLES_H
#define BL_CONV_2D_TABLES_H

#include "gather_window.h"
#include "octet_codes.h"
#include "span.h"

typedef struct {
    BL_CONV_2D_MEMBERS;
    int32_t gathers;     /* windows are not single pixels inside of the image */
    int32_t flush;       /* bl_octet_layer */
    int32_t requantizer; /* bl_octet_form */
    int32_t per_channel;
    int32_t short_bias;
} bl_conv_2d_tables_shape;

BL_INLINE void bl_conv_2d_tables(int8_t *output, const int8_t *input, uint32_t *scratch, const bl_octet_layer *layer,
                                 const bl_octet_output *o, int32_t zero_point, int32_t row_begin, int32_t row_end,
                                 const bl_conv_2d_tables_shape *s)
{
    bl_window_source source = {s->input_height,    s->input_width,     s->input_channels, s->input_ring_rows, s->filter_height,
                               s->filter_width,    s->dilation_height, s->dilation_width, zero_point};
    bl_octet_scratch parts = bl_divide_octet(scratch, layer);
    int8_t *windows = (int8_t *)(parts.totals + (s->flush ? layer->channels * BL_OCTET_PIXELS : 0));
    const int8_t *from[BL_OCTET_PIXELS];
    int8_t *to[BL_OCTET_PIXELS];
    int32_t count = 0;
    for (int32_t batch = 0; batch < s->batches; batch++) {
        const int8_t *image = input + batch * s->input_ring_rows * s->input_width * s->input_channels;
        for (int32_t y = row_begin; y < row_end; y++) {
            int32_t row = batch * s->output_ring_rows + bl_ring_row(y, s->output_ring_rows, s->output_height);
            int8_t *pixel = output + row * s->output_width * s->output_channels;
            int32_t top = y * s->stride_height - s->pad_top;
            for (int32_t x = 0; x < s->output_width; x++, pixel += s->output_channels) {
                int32_t left = x * s->stride_width - s->pad_left;
                if (s->gathers) {
                    from[count] = windows + count * layer->taps;
                    bl_gather_source(windows + count * layer->taps, image, top, left, &source);
                } else {
                    int32_t above = bl_ring_row(top, s->input_ring_rows, s->input_height);
                    from[count] = image + (above * s->input_width + left) * s->input_channels;
                }
                to[count++] = pixel;
                int32_t more = batch + 1 < s->batches || y + 1 < row_end || x + 1 < s->output_width;
                if (count < BL_OCTET_PIXELS && more)
                    continue;
                /* What the last octet lacks is its last pixel once more. */
                for (; count < BL_OCTET_PIXELS; count++) {
                    from[count] = from[count - 1];
                    to[count] = to[count - 1];
                }
                bl_sum_octet(from, &parts, layer);
                bl_octet_codes_of(s->requantizer)(to, &parts, layer->channels, o);
                count = 0;
            }
        }
    }
}

/* By how weights lie in bytes, and by form of the constants that requantize. */
#define BL_CONV_2D_TABLES(packing, levels, group, block)                                                               \
    typedef bl_conv_2d_tables_shape bl_conv_2d_s8_##packing##_tables_shape;                                            \
    typedef bl_conv_2d_tables_shape bl_conv_2d_s8_##packing##_tables_simd32_shape;                                     \
    typedef bl_conv_2d_tables_shape bl_conv_2d_s8_##packing##_tables_armv6m_shape;                                     \
    BL_CONV_2D_TABLES_SCALED(packing##_tables, levels, group, block)                                                   \
    BL_CONV_2D_TABLES_SCALED(packing##_tables_simd32, levels, group, block)                                            \
    BL_INLINE void bl_conv_2d_s8_##packing##_tables_armv6m(                                                            \
        int8_t *output, const int8_t *input, void *scratch, const uint8_t *filter, const void *bias,                   \
        const int16_t *scale, int32_t row_begin, int32_t row_end, int32_t zero_point, int32_t first, int32_t step,     \
        int32_t unit, int32_t output_offset, int32_t act_min, int32_t act_max, const bl_conv_2d_tables_shape *s)       \
    {                                                                                                                  \
        BL_CONV_2D_TABLES_BODY(levels, group, block, scale, 0)                                                         \
    }

#define BL_CONV_2D_TABLES_SCALED(name, levels, group, block)                                                           \
    BL_INLINE void bl_conv_2d_s8_##name(int8_t *output, const int8_t *input, void *scratch, const uint8_t *filter,     \
                                        const void *bias, const int32_t *multiplier, const int8_t *shift,              \
                                        int32_t row_begin, int32_t row_end, int32_t zero_point, int32_t first,         \
                                        int32_t step, int32_t unit, int32_t output_offset, int32_t act_min,            \
                                        int32_t act_max, const bl_conv_2d_tables_shape *s)                             \
    {                                                                                                                  \
        BL_CONV_2D_TABLES_BODY(levels, group, block, multiplier, shift)                                                \
    }

#define BL_CONV_2D_TABLES_BODY(levels, group, block, scale, shift)                                                     \
    bl_octet_layer layer = {filter, s->output_channels, s->filter_height * s->filter_width * s->input_channels,        \
                            levels, group, BL_ENTRIES_##levels##_##group, block, s->flush, first, step};               \
    bl_octet_output o = {bias, scale, shift, s->short_bias, s->per_channel, unit, s->flush, output_offset, act_min,    \
                         act_max};                                                                                     \
    bl_conv_2d_tables(output, input, (uint32_t *)scratch, &layer, &o, zero_point, row_begin, row_end, s);

#define BL_ENTRIES_3_4 81
#define BL_ENTRIES_3_5 243
#define BL_ENTRIES_2_8 256

BL_CONV_2D_TABLES(trits4, 3, 4, 3)
BL_CONV_2D_TABLES(trits5, 3, 5, 2)
BL_CONV_2D_TABLES(signs8, 2, 8, 2)

#endif
