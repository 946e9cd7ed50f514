/* MAXIMUM and MINIMUM of tensors of one format: the order of codes is the order of values. */
#ifndef BL_MAXIMUM_H
#define BL_MAXIMUM_H

#include "broadcast.h"

#define BL_CHOOSE(name, type, choose)                                                                                  \
    typedef struct {                                                                                                   \
        BL_BROADCAST_MEMBERS                                                                                           \
    } bl_##name##_shape;                                                                                               \
                                                                                                                       \
    BL_INLINE void bl_##name(type *output, const type *a, const type *b, const bl_##name##_shape *s)                   \
    {                                                                                                                  \
        BL_FOR_ROWS(s, i, j, k, l) {                                                                                   \
            const type *a_row = a + BL_ROW(s, a, i, j, k, l);                                                          \
            const type *b_row = b + BL_ROW(s, b, i, j, k, l);                                                          \
            for (int32_t n = 0; n < s->size_4; n++)                                                                    \
                *output++ = (type)choose(a_row[n * s->a_stride_4], b_row[n * s->b_stride_4]);                          \
        }                                                                                                              \
    }

BL_CHOOSE(maximum_s8, int8_t, bl_max)
BL_CHOOSE(maximum_s16, int16_t, bl_max)
BL_CHOOSE(minimum_s8, int8_t, bl_min)
BL_CHOOSE(minimum_s16, int16_t, bl_min)

#endif
