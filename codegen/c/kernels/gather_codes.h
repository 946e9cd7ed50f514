/* Windows of an image of int8 or packed codes, a byte for each. */
#ifndef BL_GATHER_CODES_H
#define BL_GATHER_CODES_H

#include "gather_window.h"
#include "packed.h"

/* As bl_gather_source, of codes of `bits`, 8, 4, 2 or 1 (a literal). */
BL_INLINE void bl_gather_codes(int8_t *window, const uint8_t *image, int32_t y, int32_t x, int32_t bits,
                               const bl_window_source *s)
{
    if (bits == 8) {
        bl_gather_source(window, (const int8_t *)image, y, x, s);
        return;
    }
    int32_t pixel_bytes = bl_row_bytes(s->channels, bits);
    for (int32_t ky = 0; ky < s->filter_height; ky++, y += s->dilation_height) {
        int32_t outside = y < 0 || y >= s->height;
        int32_t row = bl_ring_row(outside ? 0 : y, s->ring_rows, s->height) * s->width;
        for (int32_t kx = 0; kx < s->filter_width; kx++, window += s->channels) {
            int32_t column = x + kx * s->dilation_width;
            if (outside || column < 0 || column >= s->width) {
                bl_fill_run(window, s->channels, s->zero_point);
                continue;
            }
            const uint8_t *pixel = image + (row + column) * pixel_bytes;
            bl_codes_to_bytes(window, (const uint32_t *)pixel, s->channels, bits);
        }
    }
}

#endif
