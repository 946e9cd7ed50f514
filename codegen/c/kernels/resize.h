/*
 * RESIZE_NEAREST_NEIGHBOR and RESIZE_BILINEAR; the generator computes where each row and column comes from. Rows [row_begin, row_end)
 * of the output, from rings of rows.
 */
#ifndef BL_RESIZE_H
#define BL_RESIZE_H

#include <string.h>

#include "kernel.h"

/* `pixel`: bytes of a pixel. */
typedef struct {
    int32_t batches, input_height, input_width, input_ring_rows, output_height, output_width, output_ring_rows, pixel;
} bl_resize_nearest_neighbor_shape;

/* rows[y] and columns[x] are the input's row and column. */
BL_INLINE void bl_resize_nearest_neighbor(void *output, const void *input, const int16_t *rows, const int16_t *columns,
                                          int32_t row_begin, int32_t row_end,
                                          const bl_resize_nearest_neighbor_shape *s)
{
    int32_t row_bytes = s->output_width * s->pixel;
    for (int32_t b = 0; b < s->batches; b++)
        for (int32_t y = row_begin; y < row_end; y++) {
            int32_t from = b * s->input_ring_rows + bl_ring_row(rows[y], s->input_ring_rows, s->input_height);
            const uint8_t *row = (const uint8_t *)input + from * s->input_width * s->pixel;
            int32_t made = b * s->output_ring_rows + bl_ring_row(y, s->output_ring_rows, s->output_height);
            uint8_t *to = (uint8_t *)output + made * row_bytes;
            for (int32_t x = 0; x < s->output_width; x++, to += s->pixel)
                memcpy(to, row + columns[x] * s->pixel, (size_t)s->pixel);
        }
}

typedef struct {
    int32_t batches, input_height, input_width, input_ring_rows;
    int32_t output_height, output_width, output_ring_rows, channels;
} bl_resize_bilinear_s8_shape;

/*
 * rows and columns hold pairs: the lower of the two rows (columns), and the weight of the upper one in 1/1024. A
 * weight of 0 leaves the upper one unread. TensorFlow Lite Micro's ResizeBilinearInteger; sums stay below 2^28.
 */
BL_INLINE void bl_resize_bilinear_s8(int8_t *output, const int8_t *input, const int16_t *rows, const int16_t *columns,
                                     int32_t row_begin, int32_t row_end, const bl_resize_bilinear_s8_shape *s)
{
    int32_t row_size = s->input_width * s->channels;
    for (int32_t b = 0; b < s->batches; b++)
        for (int32_t y = row_begin; y < row_end; y++) {
            int32_t down = rows[2 * y + 1];
            const int8_t *image = input + b * s->input_ring_rows * row_size;
            const int8_t *upper = image + bl_ring_row(rows[2 * y], s->input_ring_rows, s->input_height) * row_size;
            const int8_t *lower = upper;
            if (down) lower = image + bl_ring_row(rows[2 * y] + 1, s->input_ring_rows, s->input_height) * row_size;
            int32_t made = b * s->output_ring_rows + bl_ring_row(y, s->output_ring_rows, s->output_height);
            int8_t *to = output + made * s->output_width * s->channels;
            for (int32_t x = 0; x < s->output_width; x++) {
                int32_t right = columns[2 * x + 1];
                int32_t near = columns[2 * x] * s->channels;
                int32_t far = right ? near + s->channels : near;
                for (int32_t c = 0; c < s->channels; c++) {
                    int32_t top = upper[near + c] * (1024 - right) + upper[far + c] * right;
                    int32_t bottom = lower[near + c] * (1024 - right) + lower[far + c] * right;
                    int32_t sum = top * (1024 - down) + bottom * down;
                    *to++ = (int8_t)((sum + (sum > 0 ? 1 << 19 : -(1 << 19))) / (1 << 20));
                }
            }
        }
}

#endif
