/* TRANSPOSE, STRIDED_SLICE, CONCATENATION, PAD and copies: runs of bytes between two strided layouts. */
#ifndef BL_STRIDED_COPY_H
#define BL_STRIDED_COPY_H

#include <string.h>

#include "kernel.h"

/* `size`: bytes of an element, 1, 2 or 4. */
typedef struct {
    int32_t count, size;
} bl_fill_shape;

/* Every element becomes the low `size` bytes of `value`. */
BL_INLINE void bl_fill(void *output, int32_t value, const bl_fill_shape *s)
{
    uint8_t *to = (uint8_t *)output;
    if (s->size == 1)
        memset(to, value, (size_t)s->count);
    else
        for (int32_t i = 0; i < s->count; i++)
            memcpy(to + i * s->size, &value, (size_t)s->size);
}

/* Offsets, strides and `run` in bytes; the innermost loop last. */
typedef struct {
    int32_t run;
    int32_t size_0, size_1, size_2, size_3, size_4;
    int32_t input_offset, input_stride_0, input_stride_1, input_stride_2, input_stride_3, input_stride_4;
    int32_t output_offset, output_stride_0, output_stride_1, output_stride_2, output_stride_3, output_stride_4;
} bl_strided_copy_shape;

/* Input strides may be negative. Writes nothing between the runs. */
BL_INLINE void bl_strided_copy(void *output, const void *input, const bl_strided_copy_shape *s)
{
    uint8_t *to = (uint8_t *)output + s->output_offset;
    const uint8_t *from = (const uint8_t *)input + s->input_offset;
    for (int32_t i = 0; i < s->size_0; i++)
        for (int32_t j = 0; j < s->size_1; j++)
            for (int32_t k = 0; k < s->size_2; k++)
                for (int32_t l = 0; l < s->size_3; l++) {
                    uint8_t *to_row = to + i * s->output_stride_0 + j * s->output_stride_1 +
                                      k * s->output_stride_2 + l * s->output_stride_3;
                    const uint8_t *from_row = from + i * s->input_stride_0 + j * s->input_stride_1 +
                                              k * s->input_stride_2 + l * s->input_stride_3;
                    for (int32_t n = 0; n < s->size_4; n++)
                        memcpy(to_row + n * s->output_stride_4, from_row + n * s->input_stride_4, (size_t)s->run);
                }
}

#endif
