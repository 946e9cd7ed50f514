/* ARG_MAX: the index of the largest code, the lowest of equals. */
#ifndef BL_ARG_MAX_H
#define BL_ARG_MAX_H

#include "kernel.h"

typedef struct {
    int32_t outer, axis, inner;
} bl_arg_max_shape;

#define BL_ARG_MAX(suffix, type)                                                                                       \
    typedef bl_arg_max_shape bl_arg_max_##suffix##_shape;                                                              \
                                                                                                                       \
    BL_INLINE void bl_arg_max_##suffix(int32_t *output, const type *input, const bl_arg_max_shape *s)                  \
    {                                                                                                                  \
        for (int32_t outer = 0; outer < s->outer; outer++) {                                                           \
            for (int32_t inner = 0; inner < s->inner; inner++) {                                                       \
                const type *x = input + outer * s->axis * s->inner + inner;                                            \
                int32_t best = 0;                                                                                      \
                for (int32_t i = 1; i < s->axis; i++)                                                                  \
                    best = x[i * s->inner] > x[best * s->inner] ? i : best;                                            \
                *output++ = best;                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
    }

BL_ARG_MAX(s8, int8_t)
BL_ARG_MAX(s16, int16_t)

#endif
