/*
 * BATCH_MATMUL of two activations, or of one and a constant: each [.., rows, depth] or transposed, as the strides say.
 * Four columns share each element of a. Up to three leading dimensions broadcast.
 */
#ifndef BL_BATCH_MATMUL_H
#define BL_BATCH_MATMUL_H

#include "dot.h"

typedef struct {
    int32_t batches_0;
    int32_t batches_1;
    int32_t batches_2;
    int32_t a_batch_0; /* elements from one matrix to the next, 0 where a broadcasts */
    int32_t a_batch_1;
    int32_t a_batch_2;
    int32_t b_batch_0;
    int32_t b_batch_1;
    int32_t b_batch_2;
    int32_t rows;
    int32_t columns;
    int32_t depth;
    int32_t a_row; /* elements from one row of a to the next */
    int32_t a_depth;
    int32_t b_column;
    int32_t b_depth;
    int32_t right_shift; /* the shift is in -31..-1 */
} bl_batch_matmul_shape;

typedef bl_batch_matmul_shape bl_batch_matmul_s8_shape;
typedef bl_batch_matmul_shape bl_batch_matmul_s16_shape;

/* Four columns of a row, from `column` on; beyond the last column it repeats that. `b_offset`: see bl_store. */
BL_INLINE void bl_batch_matmul_block(bl_sums *sums, const void *a, int32_t a_index, const void *b, int32_t b_index,
                                     int32_t column, int32_t a_offset, const bl_batch_matmul_shape *s, bl_type type)
{
    int32_t last = s->columns - 1;
    int32_t c0 = b_index + column * s->b_column;
    int32_t c1 = b_index + bl_min(column + 1, last) * s->b_column;
    int32_t c2 = b_index + bl_min(column + 2, last) * s->b_column;
    int32_t c3 = b_index + bl_min(column + 3, last) * s->b_column;
    bl_sums local = {{0u, 0u, 0u, 0u}, 0u, {0, 0, 0, 0}};
    for (int32_t k = 0; k < s->depth; k++) {
        int32_t x = bl_read(a, a_index + k * s->a_depth, type) + (type == BL_S8 ? a_offset : 0);
        int32_t at = k * s->b_depth;
        if (type == BL_S16) {
            local.acc64[0] += x * bl_read(b, c0 + at, type);
            local.acc64[1] += x * bl_read(b, c1 + at, type);
            local.acc64[2] += x * bl_read(b, c2 + at, type);
            local.acc64[3] += x * bl_read(b, c3 + at, type);
        } else {
            local.acc[0] += (uint32_t)(x * bl_read(b, c0 + at, type));
            local.acc[1] += (uint32_t)(x * bl_read(b, c1 + at, type));
            local.acc[2] += (uint32_t)(x * bl_read(b, c2 + at, type));
            local.acc[3] += (uint32_t)(x * bl_read(b, c3 + at, type));
            local.inputs += (uint32_t)x;
        }
    }
    *sums = local;
}

BL_INLINE void bl_batch_matmul(void *output, const void *a, const void *b, int32_t a_offset, int32_t b_offset,
                               const bl_requantizer *r, const bl_batch_matmul_shape *s, bl_type type)
{
    int32_t index = 0;
    for (int32_t i = 0; i < s->batches_0; i++) {
        for (int32_t j = 0; j < s->batches_1; j++) {
            for (int32_t k = 0; k < s->batches_2; k++) {
                int32_t a_index = i * s->a_batch_0 + j * s->a_batch_1 + k * s->a_batch_2;
                int32_t b_index = i * s->b_batch_0 + j * s->b_batch_1 + k * s->b_batch_2;
                for (int32_t row = 0; row < s->rows; row++, a_index += s->a_row, index += s->columns) {
                    for (int32_t n = 0; n < s->columns; n += BL_BLOCK) {
                        bl_sums sums;
                        bl_batch_matmul_block(&sums, a, a_index, b, b_index, n, a_offset, s, type);
                        bl_store(output, index + n, &sums, n, bl_min(s->columns - n, BL_BLOCK), b_offset, r, type);
                    }
                }
            }
        }
    }
}

BL_INLINE void bl_batch_matmul_s8(int8_t *output, const int8_t *a, const int8_t *b, int32_t a_offset, int32_t b_offset,
                                  int32_t multiplier, int32_t shift, int32_t output_offset,
                                  const bl_batch_matmul_s8_shape *s)
{
    int8_t shift8 = (int8_t)shift;
    bl_requantizer r = {&multiplier, &shift8, output_offset, -128, 127, 0, s->right_shift};
    bl_batch_matmul(output, a, b, a_offset, b_offset, &r, s, BL_S8);
}

BL_INLINE void bl_batch_matmul_s16(int16_t *output, const int16_t *a, const int16_t *b, int32_t multiplier,
                                   int32_t shift, const bl_batch_matmul_s16_shape *s)
{
    int8_t shift8 = (int8_t)shift;
    bl_requantizer r = {&multiplier, &shift8, 0, -32768, 32767, 0, s->right_shift};
    bl_batch_matmul(output, a, b, 0, 0, &r, s, BL_S16);
}

#endif
