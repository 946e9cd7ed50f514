/*
 * Sums of products looked up by bytes of weights (octet_tables.h) for a single pixel. A word holds entries of two neighbouring
 * groups, low + 65536 * high, so that two tables are built at once; each is read as a halfword. Low ones have an offset by which they
 * are never negative, and take nothing from the high ones; the plan subtracts it from where sums start.
 */
#ifndef BL_WORD_TABLES_H
#define BL_WORD_TABLES_H

#include "word_tables_thumb.h"

/* A layer, as codes and tables see it. */
typedef struct {
    const uint8_t *filter; /* [blocks][channels][bytes]: blocks of 2 * `block` bytes, then of 2; groups are filled up to pairs */
    int32_t channels;
    int32_t taps;
    int32_t levels; /* values of a weight, first + step * code: 2 or 3 */
    int32_t group;  /* weights of a byte */
    int32_t entries;
    int32_t block; /* tables of a block */
    int32_t first;
    int32_t step;
    int32_t offset; /* of low entries */
    int32_t start;  /* of sums */
} bl_word_layer;

#ifndef BL_OCTET_ASSEMBLY
/* Adds to each of `sums` up to `end` what its bytes select of `count` tables, two bytes a table. */
BL_INLINE void bl_add_word_tables(int32_t *sums, const uint8_t *codes, const int32_t *end, const uint32_t *tables,
                                  int32_t bytes, int32_t count)
{
    for (; sums != end; sums++)
        for (int32_t t = 0; t < count; t++, codes += 2) {
            const uint32_t *table = tables + t * (bytes / 4);
            *sums += (int32_t)(table[codes[0]] & 0xffffu) + ((int32_t)table[codes[1]] >> 16);
        }
}

BL_OUTLINE void bl_add_words_1(int32_t *sums, const uint8_t *codes, const int32_t *end, const uint32_t *tables,
                               int32_t bytes)
{
    bl_add_word_tables(sums, codes, end, tables, bytes, 1);
}
#endif

/* Those of a whole block. */
BL_INLINE void bl_add_block(int32_t *sums, const uint8_t *codes, const int32_t *end, const uint32_t *tables, int32_t bytes,
                            int32_t block)
{
#ifdef BL_OCTET_ASSEMBLY
    (void)block;
    bl_add_words(sums, codes, end, tables, bytes);
#else
    bl_add_word_tables(sums, codes, end, tables, bytes, block);
#endif
}

/* Words `size` and on of a table: those before, with codes that are `steps[0]`, then `steps[1]`, ... higher. */
BL_INLINE void bl_extend_by(uint32_t *table, const uint32_t *steps, int32_t size, int32_t count, int32_t levels)
{
    for (int32_t j = 0; j < count; j++, size *= levels) {
        BL_UNROLL(4)
        for (int32_t i = 0; i < size; i++) {
            uint32_t word = table[i] + steps[j];
            table[size + i] = word;
            if (levels == 3)
                table[2 * size + i] = word + steps[j];
        }
    }
}

/* The word of tables for inputs `low` and `high` on; literal: `levels`. */
BL_INLINE void bl_build_words(uint32_t *table, const int8_t *input, int32_t low, int32_t levels, const bl_word_layer *layer)
{
    uint32_t steps[8];
    uint32_t sum = 0;
    for (int32_t i = 0; i < layer->group; i++) {
        int32_t high = low + layer->group + i;
        uint32_t both = low + i < layer->taps ? (uint32_t)input[low + i] : 0;
        both += high < layer->taps ? (uint32_t)input[high] << 16 : 0;
        sum += both;
        steps[i] = both * (uint32_t)layer->step;
    }
    table[0] = sum * (uint32_t)layer->first + (uint32_t)layer->offset;
#ifdef BL_OCTET_ASSEMBLY
    if (levels == 3) {
        bl_extend_by(table, steps, 1, 2, 3);
        bl_extend_words(table, steps + 2, table + 9, layer->group - 2);
        return;
    }
#endif
    bl_extend_by(table, steps, 1, layer->group, levels);
}

/* Sums of all channels for the inputs of a pixel. `tables`: those of a block. */
BL_OUTLINE void bl_sum_words(int32_t *sums, uint32_t *tables, const int8_t *input, const bl_word_layer *layer)
{
    const uint8_t *filter = layer->filter;
    const int32_t *end = sums + layer->channels;
    int32_t bytes = layer->entries * (int32_t)sizeof(uint32_t);
    BL_UNROLL(1)
    for (int32_t n = 0; n < layer->channels; n++)
        sums[n] = layer->start;
    for (int32_t from = 0; from < layer->taps;) {
        int32_t left = (layer->taps - from + 2 * layer->group - 1) / (2 * layer->group);
        int32_t count = left >= layer->block ? layer->block : 1;
        for (int32_t t = 0; t < count; t++, from += 2 * layer->group) {
            if (layer->levels == 3)
                bl_build_words(tables + t * layer->entries, input, from, 3, layer);
            else
                bl_build_words(tables + t * layer->entries, input, from, 2, layer);
        }
        if (count == 1)
            bl_add_words_1(sums, filter, end, tables, bytes);
        else
            bl_add_block(sums, filter, end, tables, bytes, layer->block);
        filter += 2 * count * layer->channels;
    }
}

#endif
