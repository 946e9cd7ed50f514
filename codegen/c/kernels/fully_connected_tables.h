/*
 * int8 FULLY_CONNECTED with weights of two or three values, by tables of sums (word_tables.h), row by row: to codes, or to int32
 * sums.
 */
#ifndef BL_FULLY_CONNECTED_TABLES_H
#define BL_FULLY_CONNECTED_TABLES_H

#include "output.h"
#include "word_tables.h"

typedef struct {
    int32_t rows;
    int32_t inputs;
    int32_t outputs;
    int32_t per_channel;
    int32_t right_shift;
    int32_t short_bias; /* of int16, not int32; includes -zero point * sum(weights) */
} bl_fully_connected_tables_shape;

/* Without a requantizer, which is a literal, the sums are the output. */
BL_INLINE void bl_fully_connected_tables(void *output, const int8_t *input, uint32_t *scratch, const bl_word_layer *layer,
                                         const void *bias, int32_t unit, const bl_requantizer *r,
                                         const bl_fully_connected_tables_shape *s)
{
    int32_t *sums = (int32_t *)(scratch + layer->block * layer->entries);
    for (int32_t row = 0; row < s->rows; row++, input += s->inputs) {
        bl_sum_words(sums, scratch, input, layer);
        BL_UNROLL(1)
        for (int32_t n = 0; n < s->outputs; n++) {
            int32_t constant = s->short_bias ? ((const int16_t *)bias)[n] : ((const int32_t *)bias)[n];
            int32_t sum = sums[n] * unit + constant;
            if (r)
                ((int8_t *)output)[row * s->outputs + n] = (int8_t)bl_requantize32(sum, n, r);
            else
                ((int32_t *)output)[row * s->outputs + n] = sum;
        }
    }
}

#define BL_FULLY_CONNECTED_TABLES(packing, levels, group, entries, block)                                              \
    typedef bl_fully_connected_tables_shape bl_fully_connected_s8_##packing##_shape;                                   \
    typedef bl_fully_connected_tables_shape bl_fully_connected_s8_s32_##packing##_shape;                               \
                                                                                                                       \
    BL_INLINE void bl_fully_connected_s8_##packing(                                                                    \
        int8_t *output, const int8_t *input, void *scratch, const uint8_t *filter, const void *bias,                   \
        const int32_t *multiplier, const int8_t *shift, int32_t first, int32_t step, int32_t unit, int32_t offset,     \
        int32_t start, int32_t output_offset, int32_t act_min, int32_t act_max,                                        \
        const bl_fully_connected_tables_shape *s)                                                                      \
    {                                                                                                                  \
        bl_word_layer layer = {filter, s->outputs, s->inputs, levels, group, entries, block, first, step, offset,      \
                               start};                                                                                 \
        bl_requantizer r = {multiplier, shift,          output_offset, act_min, act_max, s->per_channel,               \
                            s->right_shift};                                                                           \
        bl_fully_connected_tables(output, input, (uint32_t *)scratch, &layer, bias, unit, &r, s);                      \
    }                                                                                                                  \
                                                                                                                       \
    BL_INLINE void bl_fully_connected_s8_s32_##packing(                                                                \
        int32_t *output, const int8_t *input, void *scratch, const uint8_t *filter, const void *bias, int32_t first,   \
        int32_t step, int32_t unit, int32_t offset, int32_t start, const bl_fully_connected_tables_shape *s)           \
    {                                                                                                                  \
        bl_word_layer layer = {filter, s->outputs, s->inputs, levels, group, entries, block, first, step, offset,      \
                               start};                                                                                 \
        bl_fully_connected_tables(output, input, (uint32_t *)scratch, &layer, bias, unit, (const bl_requantizer *)0,   \
                                  s);                                                                                  \
    }

/* ARMv6-M has registers for fewer tables. */
BL_FULLY_CONNECTED_TABLES(trits5_tables, 3, 5, 243, 4)
BL_FULLY_CONNECTED_TABLES(trits5_tables_armv6m, 3, 5, 243, 2)
BL_FULLY_CONNECTED_TABLES(signs8_tables, 2, 8, 256, 4)
BL_FULLY_CONNECTED_TABLES(signs8_tables_armv6m, 2, 8, 256, 2)

#endif
