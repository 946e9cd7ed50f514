/* TRANSPOSE, STRIDED_SLICE, CONCATENATION, PAD and RESHAPE of packed elements. */
#ifndef BL_PACKED_COPY_H
#define BL_PACKED_COPY_H

#include "packed.h"

typedef struct {
    int32_t rows, words;
    int32_t tail; /* bits of a row's last word that hold elements */
} bl_fill_packed_shape;

/* Every element becomes that of which `word` is full. */
BL_INLINE void bl_fill_packed(uint32_t *output, int32_t word, const bl_fill_packed_shape *s)
{
    for (int32_t row = 0; row < s->rows; row++) {
        for (int32_t i = 0; i < s->words - 1; i++)
            *output++ = (uint32_t)word;
        *output++ = (uint32_t)word & (uint32_t)s->tail;
    }
}

/* Offsets, strides and `run` in bits; the innermost loop last. All are multiples of `unit`: 1, 2, 4, 8, 16 or 32. */
typedef struct {
    int32_t unit, run;
    int32_t size_0, size_1, size_2, size_3, size_4;
    int32_t input_offset, input_stride_0, input_stride_1, input_stride_2, input_stride_3, input_stride_4;
    int32_t output_offset, output_stride_0, output_stride_1, output_stride_2, output_stride_3, output_stride_4;
} bl_packed_copy_shape;

/* Input strides may be negative. Leaves all other bits as they are. */
BL_INLINE void bl_packed_copy(uint32_t *output, const uint32_t *input, const bl_packed_copy_shape *s)
{
    uint32_t mask = s->unit == 32 ? 0xffffffffu : (1u << (s->unit & 31)) - 1u;
    for (int32_t i = 0; i < s->size_0; i++)
        for (int32_t j = 0; j < s->size_1; j++)
            for (int32_t k = 0; k < s->size_2; k++)
                for (int32_t l = 0; l < s->size_3; l++)
                    for (int32_t n = 0; n < s->size_4; n++) {
                        int32_t to = s->output_offset + i * s->output_stride_0 + j * s->output_stride_1 +
                                     k * s->output_stride_2 + l * s->output_stride_3 + n * s->output_stride_4;
                        int32_t from = s->input_offset + i * s->input_stride_0 + j * s->input_stride_1 +
                                       k * s->input_stride_2 + l * s->input_stride_3 + n * s->input_stride_4;
                        for (int32_t end = to + s->run; to < end; to += s->unit, from += s->unit) {
                            uint32_t field = (input[from >> 5] >> (from & 31)) & mask;
                            uint32_t *word = output + (to >> 5);
                            *word = (*word & ~(mask << (to & 31))) | field << (to & 31);
                        }
                    }
}

typedef struct {
    int32_t elements, bits, input_depth, output_depth;
} bl_packed_reshape_shape;

/* The same elements in rows of another length. */
BL_INLINE void bl_packed_reshape(uint32_t *output, const uint32_t *input, const bl_packed_reshape_shape *s)
{
    int32_t input_words = bl_row_bytes(s->input_depth, s->bits) >> 2;
    int32_t output_words = bl_row_bytes(s->output_depth, s->bits) >> 2;
    int32_t from = 0;
    for (int32_t left = s->elements; left > 0; left -= s->output_depth, output += output_words)
        for (int32_t to = 0; to < s->output_depth; to++) {
            bl_store_code(output, to, bl_load_code(input, from, s->bits), s->bits);
            if (++from == s->input_depth) {
                from = 0;
                input += input_words;
            }
        }
}

#endif
