/*
 * DEPTHWISE_CONV_2D of packed codes to int8, as depthwise_conv_2d_simd32.h does it of int8: four channels of a pixel at a time, two taps to
 * a SMLAD. Codes of two taps become pairs by a mask. Constraints, beside those there:
 *  - channels in fours; `border` is packed as a pixel is
 */
#ifndef BL_DEPTHWISE_CONV_2D_PACKED_SIMD32_H
#define BL_DEPTHWISE_CONV_2D_PACKED_SIMD32_H

#include "depthwise_conv_2d_simd32.h"
#include "packed.h"

/* Four codes, from the byte at `p` on. */
BL_INLINE uint32_t bl_load_four_codes(const int8_t *p, int32_t bits)
{
    const uint8_t *bytes = (const uint8_t *)p;
    return bits == 4 ? bytes[0] | (uint32_t)bytes[1] << 8 : bytes[0];
}

#if defined(BL_DSP_TAPS)
/* Two taps: their codes in one register, of which masks take pairs. */
#define BL_TWO_PACKED_TAPS(load, bits)                                                                                 \
    __asm__ volatile("ldrd %[x], %[y], [%[taps]], #8\n\t" load " %[x], [%[x], %[c]]\n\t" load " %[y], [%[y], %[c]]\n\t" \
                     "ldrd %[w0], %[w1], [%[block]], #8\n\torr %[x], %[x], %[y], lsl #16\n\t"                          \
                     "and %[y], %[mask], %[x]\n\tsmlad %[acc0], %[y], %[w0], %[acc0]\n\t"                              \
                     "and %[y], %[mask], %[x], lsr #" bits "\n\tsmlad %[acc1], %[y], %[w1], %[acc1]\n\t"               \
                     "ldrd %[w0], %[w1], [%[block]], #8\n\t"                                                           \
                     "and %[y], %[mask], %[x], lsr #2*" bits "\n\tsmlad %[acc2], %[y], %[w0], %[acc2]\n\t"             \
                     "and %[y], %[mask], %[x], lsr #3*" bits "\n\tsmlad %[acc3], %[y], %[w1], %[acc3]"                 \
                     : BL_SUMS(acc), [taps] "+r"(*taps), [x] "=&r"(x), [y] "=&r"(y), [w0] "=&r"(w0), [w1] "=&r"(w1)    \
                     : [c] "r"(c), [mask] "r"(mask)                                                                    \
                     : "memory")
#endif

/* As bl_depthwise_two_taps, of codes at byte `c` of pixels. */
BL_INLINE void bl_depthwise_two_packed_taps(uint32_t acc[4], const int8_t *const **taps, int32_t c,
                                            const int32_t **block, int32_t bits)
{
    uint32_t mask = bits == 4 ? 0x000f000fu : 0x00030003u;
#if defined(BL_DSP_TAPS)
    uint32_t x, y, w0, w1;
    if (bits == 4)
        BL_TWO_PACKED_TAPS("ldrh", "4");
    else
        BL_TWO_PACKED_TAPS("ldrb", "2");
#else
    uint32_t codes = bl_load_four_codes(*(*taps)++ + c, bits);
    codes |= bl_load_four_codes(*(*taps)++ + c, bits) << 16;
    BL_UNROLL(4)
    for (int32_t i = 0; i < 4; i++)
        acc[i] = bl_smlad(codes >> (i * bits) & mask, (uint32_t)*(*block)++, acc[i]);
#endif
}

/* As bl_depthwise_last_tap. */
BL_INLINE void bl_depthwise_last_packed_tap(uint32_t acc[4], const int8_t *a, const int32_t **block, int32_t bits)
{
    uint32_t mask = bits == 4 ? 0x000f000fu : 0x00030003u;
    uint32_t codes = bl_load_four_codes(a, bits);
    codes |= codes << (16 - 2 * bits);
    uint32_t even = codes & mask;
    uint32_t odd = codes >> bits & mask;
    uint32_t first, second;
    bl_next_two(&first, &second, block);
    acc[0] = bl_smla_low(even, first, acc[0]);
    acc[1] = bl_smla_low(odd, second, acc[1]);
    acc[2] = bl_smla_high(even, first, acc[2]);
    acc[3] = bl_smla_high(odd, second, acc[3]);
}

BL_INLINE void bl_depthwise_packed_pixel(int8_t *output, const int8_t *const *taps, int32_t count,
                                         const int32_t *blocks, int32_t min, int32_t max, int32_t bits,
                                         const bl_depthwise_conv_2d_s8_simd32_shape *s)
{
    const int32_t *block = blocks + (s->uniform ? 2 : 0);
    for (int32_t c = 0; c < s->channels; c += 4) {
        uint32_t acc[4];
        bl_depthwise_start(acc, &block);
        const int8_t *const *tap = taps;
        BL_UNROLL(4)
        for (int32_t t = 0; t < count - 1; t += 2)
            bl_depthwise_two_packed_taps(acc, &tap, c * bits >> 3, &block, bits);
        if (count % 2 != 0)
            bl_depthwise_last_packed_tap(acc, *tap + (c * bits >> 3), &block, bits);
        bl_depthwise_finish(output + c, acc, blocks, &block, min, max, s);
    }
}

/* As bl_depthwise_pixels: layers of as many bits share it, and the shape is no literal. */
#define BL_DEPTHWISE_PACKED_PIXELS(name, bits)                                                                         \
    BL_OUTLINE void name(int8_t *output, const int8_t *image, const int32_t *blocks, const int8_t *border, int32_t y,  \
                         int32_t begin, int32_t end, int32_t leave, int32_t min, int32_t max,                          \
                         const bl_depthwise_conv_2d_s8_simd32_shape *s)                                                \
    {                                                                                                                  \
        const int8_t *taps[BL_DEPTHWISE_TAPS];                                                                         \
        int32_t pixel_bytes = bl_row_bytes(s->channels, bits);                                                         \
        int32_t step = s->stride_width * pixel_bytes;                                                                  \
        int32_t count = 0;                                                                                             \
        for (int32_t x = begin; x < end; x++) {                                                                        \
            if (leave || x == begin)                                                                                   \
                count = bl_depthwise_window_taps(taps, image, border, y, x, pixel_bytes, s);                               \
            else                                                                                                       \
                for (int32_t t = 0; t < count; t++)                                                                    \
                    taps[t] += step;                                                                                   \
            if (count == 9)                                                                                            \
                bl_depthwise_packed_pixel(output + x * s->channels, taps, 9, blocks, min, max, bits, s);               \
            else                                                                                                       \
                bl_depthwise_packed_pixel(output + x * s->channels, taps, count, blocks, min, max, bits, s);           \
        }                                                                                                              \
    }

BL_DEPTHWISE_PACKED_PIXELS(bl_depthwise_pixels_u4, 4)
BL_DEPTHWISE_PACKED_PIXELS(bl_depthwise_pixels_u2, 2)

/* The rows by one of these functions. */
#define BL_DEPTHWISE_PACKED(name, bits)                                                                                \
    typedef bl_depthwise_conv_2d_s8_simd32_shape bl_##name##_shape;                                                    \
                                                                                                                       \
    BL_INLINE void bl_##name(int8_t *output, const void *input, const int32_t *blocks, const int8_t *border,           \
                             int32_t row_begin, int32_t row_end, int32_t act_min, int32_t act_max,                     \
                             const bl_##name##_shape *s)                                                               \
    {                                                                                                                  \
        bl_interior rows = bl_interior_of(s->output_height, s->filter_height, s->stride_height, s->dilation_height,    \
                                          s->pad_top, s->input_height);                                                \
        bl_interior columns = bl_interior_of(s->output_width, s->filter_width, s->stride_width, s->dilation_width,     \
                                             s->pad_left, s->input_width);                                             \
        int32_t image_bytes = s->input_ring_rows * s->input_width * bl_row_bytes(s->channels, bits);                   \
        int32_t row_bytes = s->output_width * s->channels;                                                             \
        for (int32_t batch = 0; batch < s->batches; batch++) {                                                         \
            const int8_t *image = (const int8_t *)input + batch * image_bytes;                                         \
            for (int32_t y = row_begin; y < row_end; y++) {                                                            \
                int32_t at = batch * s->output_ring_rows + bl_ring_row(y, s->output_ring_rows, s->output_height);      \
                int8_t *row = output + at * row_bytes;                                                                 \
                int32_t inside = y >= rows.begin && y < rows.end && columns.begin < columns.end;                       \
                int32_t begin = inside ? columns.begin : 0;                                                            \
                int32_t end = inside ? columns.end : 0;                                                                \
                if (begin > 0)                                                                                         \
                    bl_depthwise_pixels_u##bits(row, image, blocks, border, y, 0, begin, 1, act_min, act_max, s);      \
                if (begin < end)                                                                                       \
                    bl_depthwise_pixels_u##bits(row, image, blocks, border, y, begin, end, 0, act_min, act_max, s);    \
                if (end < s->output_width)                                                                             \
                    bl_depthwise_pixels_u##bits(row, image, blocks, border, y, end, s->output_width, 1, act_min,       \
                                                act_max, s);                                                           \
            }                                                                                                          \
        }                                                                                                              \
    }

BL_DEPTHWISE_PACKED(depthwise_conv_2d_u4_simd32, 4)
BL_DEPTHWISE_PACKED(depthwise_conv_2d_u2_simd32, 2)

#endif
