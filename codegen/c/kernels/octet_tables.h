/*
 * Sums of products looked up by bytes of weights, for eight pixels at once. A byte holds the codes of a group of weights, which
 * have two or three values; a table holds, for each byte, the sums of the group's activations times these weights. No
 * multiplication is left, and a byte of weights is read once for eight pixels.
 *  - an entry is four words with the sums of two pixels each, low + 65536 * high, modulo 2^32. Such words add up as they are:
 *    both sums come out as long as they fit in 16 bits, which the plan has proved for every stretch of groups
 *  - sums stay in memory, an entry a channel, while groups pass: tables of a few groups are built, and then used by all channels
 */
#ifndef BL_OCTET_TABLES_H
#define BL_OCTET_TABLES_H

#include "octet_tables_thumb.h"

#define BL_OCTET_PIXELS 8
#define BL_OCTET_WORDS 4

/* A layer, as codes and tables see it. */
typedef struct {
    const uint8_t *filter; /* [blocks of groups][channels][groups of the block] */
    int32_t channels;
    int32_t taps;
    int32_t levels;  /* values of a weight, first + step * code: 2 or 3 */
    int32_t group;   /* weights of a byte */
    int32_t entries; /* levels^group */
    int32_t block;   /* groups of a block, 3 at most; the last one may have fewer */
    int32_t flush;   /* blocks after which sums leave their 16 bits; 0: only at the end */
    int32_t first;
    int32_t step;
} bl_octet_layer;

#ifndef BL_OCTET_ASSEMBLY
/*
 * Completes a table: with each of `count` steps, entries of the sums with codes that are 1 higher, and 2 where weights have three
 * values, follow all that there are up to `end`.
 */
BL_INLINE void bl_extend(uint32_t *table, const uint32_t *steps, uint32_t *end, int32_t count, int32_t levels)
{
    for (int32_t size = (int32_t)(end - table); count > 0; count--, steps += BL_OCTET_WORDS, size *= levels)
        for (int32_t i = 0; i < (levels - 1) * size; i++)
            table[size + i] = table[i] + steps[i % BL_OCTET_WORDS];
}

BL_OUTLINE void bl_extend_pairs(uint32_t *table, const uint32_t *steps, uint32_t *end, int32_t count)
{
    bl_extend(table, steps, end, count, 2);
}

BL_OUTLINE void bl_extend_triples(uint32_t *table, const uint32_t *steps, uint32_t *end, int32_t count)
{
    bl_extend(table, steps, end, count, 3);
}

/* Adds to each entry of `sums` up to `end` those that its bytes select of tables `bytes` apart, one a table. */
BL_INLINE void bl_add_entries(uint32_t *sums, const uint8_t *codes, const uint32_t *end, const uint32_t *tables,
                              int32_t bytes, int32_t groups)
{
    for (; sums != end; sums += BL_OCTET_WORDS)
        for (int32_t g = 0; g < groups; g++, codes++)
            for (int32_t i = 0; i < BL_OCTET_WORDS; i++)
                sums[i] += tables[g * (bytes / 4) + *codes * BL_OCTET_WORDS + i];
}

#define BL_ADD_ENTRIES(groups)                                                                                            \
    BL_OUTLINE void bl_add_entries_##groups(uint32_t *sums, const uint8_t *codes, const uint32_t *end,                 \
                                            const uint32_t *tables, int32_t bytes)                                     \
    {                                                                                                                  \
        bl_add_entries(sums, codes, end, tables, bytes, groups);                                                       \
    }

BL_ADD_ENTRIES(1)
BL_ADD_ENTRIES(2)
BL_ADD_ENTRIES(3)
#endif

/* Writes inputs `from` to `from + count - 1` of eight pixels as entries; 0 from `taps` on, where the filter has ended. */
BL_INLINE void bl_pack_octet(uint32_t *columns, const int8_t *const *pixels, int32_t from, int32_t count, int32_t taps)
{
    int32_t inside = bl_min(count, taps - from);
    for (int32_t w = 0; w < BL_OCTET_WORDS; w++, columns++) {
        const int8_t *low = pixels[2 * w] + from;
        const int8_t *high = pixels[2 * w + 1] + from;
        int32_t i = 0;
        BL_UNROLL(4)
        for (; i < inside; i++)
            columns[BL_OCTET_WORDS * i] = (uint32_t)low[i] + ((uint32_t)high[i] << 16);
        BL_UNROLL(1)
        for (; i < count; i++)
            columns[BL_OCTET_WORDS * i] = 0;
    }
}

/* Builds the table of a group of inputs, and leaves the steps between entries in their place. */
BL_INLINE void bl_build_octet(uint32_t *table, uint32_t *columns, const bl_octet_layer *layer)
{
    uint32_t first = (uint32_t)layer->first;
    uint32_t step = (uint32_t)layer->step;
    uint32_t *end = columns + BL_OCTET_WORDS * layer->group;
    for (int32_t w = 0; w < BL_OCTET_WORDS; w++) {
        uint32_t sum = 0;
        BL_UNROLL(1)
        for (uint32_t *column = columns + w; column < end; column += BL_OCTET_WORDS)
            sum += *column;
        sum *= first;
        if (step != 1) {
            BL_UNROLL(1)
            for (uint32_t *column = columns + w; column < end; column += BL_OCTET_WORDS)
                *column *= step;
        }
        table[w] = sum;
        sum += columns[w];
        table[BL_OCTET_WORDS + w] = sum;
        if (layer->levels == 3)
            table[2 * BL_OCTET_WORDS + w] = sum + columns[w];
    }
    uint32_t *rest = table + layer->levels * BL_OCTET_WORDS;
    if (layer->levels == 3)
        bl_extend_triples(table, columns + BL_OCTET_WORDS, rest, layer->group - 1);
    else
        bl_extend_pairs(table, columns + BL_OCTET_WORDS, rest, layer->group - 1);
}

/* The 32-bit sums of the pixels of an entry that began at 0x8000, which keeps low sums from borrowing of high ones. */
BL_INLINE void bl_split_octet(uint32_t sums[BL_OCTET_PIXELS], const uint32_t *entry)
{
    BL_UNROLL(4)
    for (int32_t w = 0; w < BL_OCTET_WORDS; w++) {
        sums[2 * w] = (entry[w] & 0xffffu) - 0x8000u;
        sums[2 * w + 1] = (uint32_t)((int32_t)entry[w] >> 16);
    }
}

BL_INLINE void bl_clear_octets(uint32_t *sums, int32_t channels)
{
    BL_UNROLL(4)
    for (int32_t i = 0; i < channels * BL_OCTET_WORDS; i++)
        sums[i] = 0x8000;
}

/* Moves sums to `totals`, [channels][pixels]. */
BL_INLINE void bl_flush_octets(uint32_t *totals, uint32_t *sums, int32_t channels)
{
    for (int32_t n = 0; n < channels; n++, totals += BL_OCTET_PIXELS) {
        uint32_t split[BL_OCTET_PIXELS];
        bl_split_octet(split, sums + n * BL_OCTET_WORDS);
        BL_UNROLL(8)
        for (int32_t p = 0; p < BL_OCTET_PIXELS; p++)
            totals[p] += split[p];
    }
    bl_clear_octets(sums, channels);
}

/*
 * Sums of all channels for eight pixels, whose inputs lie in a row each. `scratch`: tables of a block, its inputs, sums, and where
 * they leave their 16 bits, totals, to which those that are still in `sums` must be added.
 */
typedef struct {
    uint32_t *tables;
    uint32_t *columns;
    uint32_t *sums;
    uint32_t *totals;
} bl_octet_scratch;

BL_INLINE bl_octet_scratch bl_divide_octet(uint32_t *scratch, const bl_octet_layer *layer)
{
    bl_octet_scratch s;
    s.tables = scratch;
    s.columns = s.tables + layer->block * layer->entries * BL_OCTET_WORDS;
    s.sums = s.columns + layer->block * layer->group * BL_OCTET_WORDS;
    s.totals = s.sums + layer->channels * BL_OCTET_WORDS;
    return s;
}

BL_OUTLINE void bl_sum_octet(const int8_t *const *pixels, const bl_octet_scratch *s, const bl_octet_layer *layer)
{
    const uint8_t *filter = layer->filter;
    const uint32_t *end = s->sums + layer->channels * BL_OCTET_WORDS;
    int32_t words = layer->entries * BL_OCTET_WORDS;
    int32_t bytes = words * (int32_t)sizeof(uint32_t);
    int32_t blocks = layer->flush;
    bl_clear_octets(s->sums, layer->channels);
    if (layer->flush)
        for (int32_t i = 0; i < layer->channels * BL_OCTET_PIXELS; i++)
            s->totals[i] = 0;
    for (int32_t from = 0; from < layer->taps;) {
        int32_t groups = bl_min(layer->block, (layer->taps - from + layer->group - 1) / layer->group);
        bl_pack_octet(s->columns, pixels, from, groups * layer->group, layer->taps);
        for (int32_t g = 0; g < groups; g++)
            bl_build_octet(s->tables + g * words, s->columns + g * layer->group * BL_OCTET_WORDS, layer);
        if (groups == 1)
            bl_add_entries_1(s->sums, filter, end, s->tables, bytes);
        else if (groups == 2)
            bl_add_entries_2(s->sums, filter, end, s->tables, bytes);
        else
            bl_add_entries_3(s->sums, filter, end, s->tables, bytes);
        filter += groups * layer->channels;
        from += groups * layer->group;
        if (--blocks == 0 && from < layer->taps) {
            bl_flush_octets(s->totals, s->sums, layer->channels);
            blocks = layer->flush;
        }
    }
}

#endif
