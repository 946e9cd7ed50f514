/* Windows of filters on images. */
#ifndef BL_SPAN_H
#define BL_SPAN_H

#include "kernel.h"

/* What the shape of a convolution says about its images and windows, before a member that follows. */
#define BL_CONV_2D_MEMBERS                                                                                             \
    int32_t batches;                                                                                                   \
    int32_t input_height;                                                                                              \
    int32_t input_width;                                                                                               \
    int32_t input_channels;                                                                                            \
    int32_t input_ring_rows;                                                                                           \
    int32_t output_height;                                                                                             \
    int32_t output_width;                                                                                              \
    int32_t output_channels;                                                                                           \
    int32_t output_ring_rows;                                                                                          \
    int32_t filter_height;                                                                                             \
    int32_t filter_width;                                                                                              \
    int32_t stride_height;                                                                                             \
    int32_t stride_width;                                                                                              \
    int32_t dilation_height;                                                                                           \
    int32_t dilation_width;                                                                                            \
    int32_t pad_top;                                                                                                   \
    int32_t pad_left

/* A window along one axis: taps `tap`, `tap + tap_step`, ... below `tap_end` meet `element`, `element + step`, ... */
typedef struct {
    int32_t tap;
    int32_t tap_end;
    int32_t tap_step;
    int32_t element;
    int32_t step;
} bl_span;

/*
 * The window at output `position` of a convolution, without the taps outside of the input's `size` elements. If no
 * window leaves the image, pass padded = 0.
 */
BL_INLINE bl_span bl_conv_span(int32_t position, int32_t taps, int32_t stride, int32_t dilation, int32_t pad,
                               int32_t size, int32_t padded)
{
    int32_t origin = position * stride - pad;
    bl_span span = {0, taps, 1, origin, dilation};
    if (padded) {
        span.tap = origin < 0 ? (dilation - 1 - origin) / dilation : 0;
        span.tap_end = bl_min(taps, (size - origin + dilation - 1) / dilation);
        span.element = origin + span.tap * dilation;
    }
    return span;
}

/* The same of a transposed convolution: tap t meets element (position + pad - t) / stride where that is whole. */
BL_INLINE bl_span bl_transpose_conv_span(int32_t position, int32_t taps, int32_t stride, int32_t pad, int32_t size)
{
    int32_t padded_position = position + pad;
    int32_t element = padded_position / stride;
    int32_t outside = bl_max(0, element - (size - 1));
    bl_span span = {padded_position % stride + outside * stride, bl_min(taps, padded_position + 1), stride,
                    element - outside, -1};
    return span;
}

#endif
