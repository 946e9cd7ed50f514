/* GATHER. */
#ifndef BL_GATHER_H
#define BL_GATHER_H

#include <string.h>

#include "kernel.h"

/* input [batches][outer][axis][run], indices [batches][count], output [batches][outer][count][run]; `run` in bytes. */
typedef struct {
    int32_t batches, outer, axis, count, run;
} bl_gather_shape;

/* An index outside of the axis reads its nearest end: the reference reads whatever memory is there. */
BL_INLINE void bl_gather(void *output, const void *input, const int32_t *indices, const bl_gather_shape *s)
{
    uint8_t *to = (uint8_t *)output;
    const uint8_t *from = (const uint8_t *)input;
    for (int32_t b = 0; b < s->batches; b++, indices += s->count)
        for (int32_t o = 0; o < s->outer; o++, from += s->axis * s->run)
            for (int32_t n = 0; n < s->count; n++, to += s->run)
                memcpy(to, from + bl_clamp(indices[n], 0, s->axis - 1) * s->run, (size_t)s->run);
}

#endif
