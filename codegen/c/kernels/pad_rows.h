/* PAD of an image by rows: rows [row_begin, row_end) of the output, from rings of rows. */
#ifndef BL_PAD_ROWS_H
#define BL_PAD_ROWS_H

#include "strided_copy.h"

/* `count` elements of `size` bytes a row of the output, of which `runs` of `run` bytes, `step` bytes apart from `offset` on, are the input's. */
typedef struct {
    int32_t input_height, input_ring_rows, output_height, output_ring_rows, pad_top;
    int32_t count, size, runs, run, offset, step;
} bl_pad_rows_shape;

BL_INLINE void bl_pad_rows(void *output, const void *input, int32_t row_begin, int32_t row_end, int32_t value,
                           const bl_pad_rows_shape *s)
{
    const bl_fill_shape row = {s->count, s->size};
    for (int32_t y = row_begin; y < row_end; y++) {
        uint8_t *to = (uint8_t *)output +
                      bl_ring_row(y, s->output_ring_rows, s->output_height) * s->count * s->size;
        int32_t inside = y - s->pad_top;
        bl_fill(to, value, &row);
        if (inside < 0 || inside >= s->input_height)
            continue;
        const uint8_t *from = (const uint8_t *)input +
                              bl_ring_row(inside, s->input_ring_rows, s->input_height) * s->runs * s->run;
        for (int32_t i = 0; i < s->runs; i++)
            memcpy(to + s->offset + i * s->step, from + i * s->run, (size_t)s->run);
    }
}

#endif
