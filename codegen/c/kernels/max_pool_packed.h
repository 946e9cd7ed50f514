/* MAX_POOL_2D of packed codes, a word at a time. */
#ifndef BL_MAX_POOL_PACKED_H
#define BL_MAX_POOL_PACKED_H

#include "pool.h"

typedef struct {
    int32_t batches, words;
    int32_t bits;         /* of an element */
    int32_t high, tail;   /* a word full of the greatest code; bits of a row's last word that hold elements */
    int32_t input_height, input_width, input_ring_rows;
    int32_t output_height, output_width, output_ring_rows;
    int32_t filter_height, filter_width;
    int32_t stride_height, stride_width;
    int32_t pad_top, pad_left;
    int32_t act_min, act_max; /* words full of the bounds */
} bl_max_pool_packed_shape;

/* The greater of each two unsigned fields of `bits` bits, of which `high` has the highest ones. A bit that is set stands for -1. */
BL_INLINE uint32_t bl_max_fields(uint32_t a, uint32_t b, int32_t bits, uint32_t high)
{
    if (bits == 1)
        return a & b;
    uint32_t lower = (a | high) - (b & ~high);
    uint32_t reaches = ((a & ~b) | (~(a ^ b) & lower)) & high;
    uint32_t mask = (reaches - (reaches >> (bits - 1))) | reaches;
    return (a & mask) | (b & ~mask);
}

BL_INLINE void bl_max_pool_packed(uint32_t *output, const uint32_t *input, int32_t row_begin, int32_t row_end,
                                  const bl_max_pool_packed_shape *s)
{
    int32_t row_size = s->input_width * s->words;
    uint32_t high = (uint32_t)s->high;
    uint32_t most = (uint32_t)s->act_max;
    for (int32_t batch = 0; batch < s->batches; batch++) {
        const uint32_t *image = input + batch * s->input_ring_rows * row_size;
        for (int32_t y = row_begin; y < row_end; y++) {
            bl_taps rows = bl_taps_inside(y, s->output_height, s->stride_height, s->pad_top, s->filter_height,
                                          s->input_height);
            int32_t out_row = batch * s->output_ring_rows + bl_ring_row(y, s->output_ring_rows, s->output_height);
            uint32_t *out = output + out_row * s->output_width * s->words;
            for (int32_t x = 0; x < s->output_width; x++) {
                bl_taps columns = bl_taps_inside(x, s->output_width, s->stride_width, s->pad_left, s->filter_width,
                                                 s->input_width);
                for (int32_t w = 0; w < s->words; w++) {
                    uint32_t largest = (uint32_t)s->act_min;
                    for (int32_t ky = rows.from; ky < rows.to; ky++) {
                        int32_t in_row = bl_ring_row(rows.origin + ky, s->input_ring_rows, s->input_height);
                        const uint32_t *tap = image + in_row * row_size + (columns.origin + columns.from) * s->words + w;
                        for (int32_t kx = columns.from; kx < columns.to; kx++, tap += s->words)
                            largest = bl_max_fields(largest, *tap, s->bits, high);
                    }
                    if (s->bits > 1)
                        largest ^= most ^ bl_max_fields(largest, most, s->bits, high);
                    *out++ = w + 1 == s->words ? largest & (uint32_t)s->tail : largest;
                }
            }
        }
    }
}

#endif
