/*
 * Activations in memory, of any type. Elements of 4, 2 and 1 bits lie in words, the first in the lowest bits; each row (the
 * channels of a pixel) begins at a whole word, and the bits left in its last word are zero. A bit stands for +1, or -1 if set.
 */
#ifndef BL_PACKED_H
#define BL_PACKED_H

#include "kernel.h"

/* Bytes of a row of `count` elements. */
BL_INLINE int32_t bl_row_bytes(int32_t count, int32_t bits)
{
    return bits < 8 ? ((count * bits + 31) >> 5) * 4 : count * (bits >> 3);
}

/* What is stored as element `i` of a row, unsigned where it is packed. */
BL_INLINE int32_t bl_load_code(const void *row, int32_t i, int32_t bits)
{
    if (bits == 32)
        return ((const int32_t *)row)[i];
    if (bits == 16)
        return ((const int16_t *)row)[i];
    if (bits == 8)
        return ((const int8_t *)row)[i];
    uint32_t word = ((const uint32_t *)row)[(i * bits) >> 5];
    return (int32_t)((word >> ((i * bits) & 31)) & ((1u << (bits & 31)) - 1u));
}

/* The code that a stored element of so many bits stands for. */
BL_INLINE int32_t bl_code_of(int32_t stored, int32_t bits)
{
    return bits == 1 ? 1 - 2 * stored : stored;
}

/* The codes of a row of `count` packed elements (`bits` a literal), a byte each: a word at a time. */
BL_INLINE void bl_codes_to_bytes(int8_t *codes, const uint32_t *row, int32_t count, int32_t bits)
{
    int32_t each = 32 / bits;
    uint32_t mask = (1u << bits) - 1u;
    for (; count >= each; count -= each, codes += each) {
        uint32_t word = *row++;
        BL_UNROLL(32)
        for (int32_t i = 0; i < each; i++)
            codes[i] = (int8_t)bl_code_of((int32_t)(word >> (i * bits) & mask), bits);
    }
    for (int32_t i = 0; i < count; i++)
        codes[i] = (int8_t)bl_code_of(bl_load_code(row, i, bits), bits);
}

/* Stores element `i` of a row, whose elements must come in rising order: the first of a word clears it. */
BL_INLINE void bl_store_code(void *row, int32_t i, int32_t stored, int32_t bits)
{
    if (bits == 32) {
        ((int32_t *)row)[i] = stored;
    } else if (bits == 16) {
        ((int16_t *)row)[i] = (int16_t)stored;
    } else if (bits == 8) {
        ((int8_t *)row)[i] = (int8_t)stored;
    } else {
        uint32_t *word = (uint32_t *)row + ((i * bits) >> 5);
        int32_t at = (i * bits) & 31;
        uint32_t field = (uint32_t)stored << at;
        *word = at == 0 ? field : *word | field;
    }
}

/* Stores the elements of a row one after the other, from the first on. */
typedef struct {
    void *row;
    uint32_t word; /* what of a word is not stored yet */
} bl_row_writer;

BL_INLINE void bl_write_code(bl_row_writer *w, int32_t i, int32_t stored, int32_t bits)
{
    if (bits >= 8) {
        bl_store_code(w->row, i, stored, bits);
        return;
    }
    int32_t at = (i * bits) & 31;
    w->word |= (uint32_t)stored << at;
    if (at + bits == 32) {
        ((uint32_t *)w->row)[(i * bits) >> 5] = w->word;
        w->word = 0;
    }
}

/* After the last of `count` elements. */
BL_INLINE void bl_finish_row(const bl_row_writer *w, int32_t count, int32_t bits)
{
    if (bits < 8 && ((count * bits) & 31) != 0)
        ((uint32_t *)w->row)[(count * bits) >> 5] = w->word;
}

#endif
