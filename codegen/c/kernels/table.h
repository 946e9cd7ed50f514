/* Any function of one 8-bit code, as a table by the code's byte. */
#ifndef BL_TABLE_H
#define BL_TABLE_H

#include "kernel.h"

#define BL_TABLE(suffix, in, out)                                                                                      \
    typedef struct {                                                                                                   \
        int32_t size;                                                                                                  \
    } bl_look_up_##suffix##_shape;                                                                                     \
                                                                                                                       \
    BL_INLINE void bl_look_up_##suffix(out *output, const in *input, const out *table,                                 \
                                     const bl_look_up_##suffix##_shape *s)                                             \
    {                                                                                                                  \
        BL_UNROLL(4)                                                                                                   \
        for (int32_t i = 0; i < s->size; i++)                                                                          \
            output[i] = table[(uint8_t)input[i]];                                                                      \
    }

BL_TABLE(s8_s8, int8_t, int8_t)
BL_TABLE(s8_u8, int8_t, uint8_t)
BL_TABLE(u8_s8, uint8_t, int8_t)
BL_TABLE(u8_u8, uint8_t, uint8_t)

#endif
