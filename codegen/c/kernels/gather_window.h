/* Windows of an image, copied to where their inputs lie one after the other. */
#ifndef BL_GATHER_WINDOW_H
#define BL_GATHER_WINDOW_H

#include "kernel.h"

/* All literals where kernels are specialised. */
typedef struct {
    int32_t height; /* of the image */
    int32_t width;
    int32_t channels;
    int32_t ring_rows;
    int32_t filter_height;
    int32_t filter_width;
    int32_t dilation_height;
    int32_t dilation_width;
    int32_t zero_point; /* what taps outside of the image are */
} bl_window_source;

/* Copies `count` channels, or fills as many with the zero point. */
BL_INLINE void bl_gather_run(int8_t *window, const int8_t *image, int32_t count, int32_t channels)
{
    int32_t i = 0;
    if (channels % 4 == 0) {
        for (; i < count; i += 4) {
            window[i] = image[i];
            window[i + 1] = image[i + 1];
            window[i + 2] = image[i + 2];
            window[i + 3] = image[i + 3];
        }
        return;
    }
    BL_UNROLL(1)
    for (; i < count; i++)
        window[i] = image[i];
}

BL_INLINE void bl_fill_run(int8_t *window, int32_t count, int32_t code)
{
    BL_UNROLL(1)
    for (int32_t i = 0; i < count; i++)
        window[i] = (int8_t)code;
}

/* Copies the window that begins at row `y` and column `x` of `image`, perhaps outside of it. */
BL_INLINE void bl_gather_source(int8_t *window, const int8_t *image, int32_t y, int32_t x, const bl_window_source *s)
{
    for (int32_t ky = 0; ky < s->filter_height; ky++, y += s->dilation_height) {
        int32_t outside = y < 0 || y >= s->height;
        const int8_t *row = image + bl_ring_row(outside ? 0 : y, s->ring_rows, s->height) * s->width * s->channels;
        if (s->dilation_width == 1) {
            int32_t before = outside ? s->filter_width : bl_min(bl_max(-x, 0), s->filter_width);
            int32_t after = outside ? s->filter_width : bl_max(bl_min(s->filter_width, s->width - x), before);
            bl_fill_run(window, before * s->channels, s->zero_point);
            bl_gather_run(window + before * s->channels, row + (x + before) * s->channels,
                          (after - before) * s->channels, s->channels);
            bl_fill_run(window + after * s->channels, (s->filter_width - after) * s->channels, s->zero_point);
        } else {
            for (int32_t kx = 0; kx < s->filter_width; kx++) {
                int32_t column = x + kx * s->dilation_width;
                if (outside || column < 0 || column >= s->width)
                    bl_fill_run(window + kx * s->channels, s->channels, s->zero_point);
                else
                    bl_gather_run(window + kx * s->channels, row + column * s->channels, s->channels, s->channels);
            }
        }
        window += s->filter_width * s->channels;
    }
}

#endif
