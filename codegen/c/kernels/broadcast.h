/*
 * NumPy broadcasting of two operands over at most five loops, the innermost last. Strides count elements; 0 repeats an
 * operand. Sizes are literals, so loops of one turn and strides of 0 fold away.
 */
#ifndef BL_BROADCAST_H
#define BL_BROADCAST_H

#include "kernel.h"

/* The first members of a broadcasting kernel's shape. */
#define BL_BROADCAST_MEMBERS                                                                                           \
    int32_t size_0, size_1, size_2, size_3, size_4;                                                                    \
    int32_t a_stride_0, a_stride_1, a_stride_2, a_stride_3, a_stride_4;                                                \
    int32_t b_stride_0, b_stride_1, b_stride_2, b_stride_3, b_stride_4;

/* The next statement runs for each row, i.e. each turn of the four outer loops. */
#define BL_FOR_ROWS(s, i, j, k, l)                                                                                     \
    for (int32_t i = 0; i < (s)->size_0; i++)                                                                          \
        for (int32_t j = 0; j < (s)->size_1; j++)                                                                      \
            for (int32_t k = 0; k < (s)->size_2; k++)                                                                  \
                for (int32_t l = 0; l < (s)->size_3; l++)

/* The element at which a row of an operand, a or b, begins. */
#define BL_ROW(s, operand, i, j, k, l)                                                                                 \
    ((i) * (s)->operand##_stride_0 + (j) * (s)->operand##_stride_1 + (k) * (s)->operand##_stride_2 +                   \
     (l) * (s)->operand##_stride_3)

#endif
