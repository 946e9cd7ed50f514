/* ADD of codes of any width by weights of their own, which ends by thresholds. */
#ifndef BL_ADD_THRESHOLDS_H
#define BL_ADD_THRESHOLDS_H

#include "ending.h"

typedef struct {
    int32_t rows, depth;
    int32_t a_bits, b_bits, bits; /* of an element */
    int32_t channels;             /* of `filter` and `thresholds`: 1 for all, or `depth` */
    int32_t thresholds;           /* of a channel: 2^n - 1 */
    int32_t act_min;
} bl_add_thresholds_shape;

/* What is stored of elements `i` is compared in sum: filter[0] * a + filter[1] * b; zero points are in the thresholds. */
BL_INLINE void bl_add_thresholds(void *output, const void *a, const void *b, const int16_t *filter,
                                 const int32_t *thresholds, const bl_add_thresholds_shape *s)
{
    uint8_t *out = output;
    const uint8_t *a_row = a;
    const uint8_t *b_row = b;
    for (int32_t row = 0; row < s->rows; row++) {
        bl_row_writer writer = {out, 0};
        for (int32_t i = 0; i < s->depth; i++) {
            int32_t c = s->channels > 1 ? i : 0;
            int32_t x = bl_code_of(bl_load_code(a_row, i, s->a_bits), s->a_bits);
            int32_t y = bl_code_of(bl_load_code(b_row, i, s->b_bits), s->b_bits);
            int32_t sum = filter[2 * c] * x + filter[2 * c + 1] * y;
            int32_t reached = bl_reached(sum, thresholds + c * s->thresholds, s->thresholds);
            bl_write_code(&writer, i, s->bits == 1 ? 1 - reached : s->act_min + reached, s->bits);
        }
        bl_finish_row(&writer, s->depth, s->bits);
        out += bl_row_bytes(s->depth, s->bits);
        a_row += bl_row_bytes(s->depth, s->a_bits);
        b_row += bl_row_bytes(s->depth, s->b_bits);
    }
}

typedef struct {
    int32_t rows, depth;
    int32_t a_bits, b_bits, bits;
} bl_add_pairs_shape;

/* Of packed operands; `table` has what memory holds of the code for each pair, a in the lower bits. */
BL_INLINE void bl_add_pairs(void *output, const void *a, const void *b, const int8_t *table,
                            const bl_add_pairs_shape *s)
{
    uint8_t *out = output;
    const uint8_t *a_row = a;
    const uint8_t *b_row = b;
    for (int32_t row = 0; row < s->rows; row++) {
        bl_row_writer writer = {out, 0};
        BL_UNROLL(8)
        for (int32_t i = 0; i < s->depth; i++) {
            int32_t pair = bl_load_code(a_row, i, s->a_bits) | bl_load_code(b_row, i, s->b_bits) << s->a_bits;
            bl_write_code(&writer, i, table[pair], s->bits);
        }
        bl_finish_row(&writer, s->depth, s->bits);
        out += bl_row_bytes(s->depth, s->bits);
        a_row += bl_row_bytes(s->depth, s->a_bits);
        b_row += bl_row_bytes(s->depth, s->b_bits);
    }
}

#endif
