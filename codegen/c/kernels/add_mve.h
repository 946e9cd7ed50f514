/* ADD and SUB of operands of equal shapes on Helium, four elements at a time. */
#ifndef BL_ADD_MVE_H
#define BL_ADD_MVE_H

#include <arm_mve.h>

#include "kernel.h"

typedef struct {
    int32_t elements;
    int32_t shift, act_min, act_max;
} bl_add_s8_mve_shape;

/* bl_add_s8 in lanes: clamp((slope_a * a + slope_b * b + offset) >> shift), with a sum modulo 2^32. */
BL_INLINE int32x4_t bl_add_lanes(int32x4_t a, int32x4_t b, int32_t slope_a, int32_t slope_b, int32_t offset,
                                 const bl_add_s8_mve_shape *s)
{
    int32x4_t sum = vmlaq_n_s32(vaddq_n_s32(vmulq_n_s32(a, slope_a), offset), b, slope_b);
    return vminq_s32(vmaxq_s32(vshlq_r_s32(sum, -s->shift), vdupq_n_s32(s->act_min)), vdupq_n_s32(s->act_max));
}

BL_INLINE void bl_add_s8_mve(int8_t *output, const int8_t *a, const int8_t *b, int32_t slope_a, int32_t slope_b,
                             int32_t offset, const bl_add_s8_mve_shape *s)
{
    for (int32_t n = s->elements / 4; n > 0; n--) {
        vstrbq_s32(output, bl_add_lanes(vldrbq_s32(a), vldrbq_s32(b), slope_a, slope_b, offset, s));
        output += 4;
        a += 4;
        b += 4;
    }
    if (s->elements % 4 != 0) {
        mve_pred16_t lanes = vctp32q((uint32_t)(s->elements % 4));
        int32x4_t sum = bl_add_lanes(vldrbq_z_s32(a, lanes), vldrbq_z_s32(b, lanes), slope_a, slope_b, offset, s);
        vstrbq_p_s32(output, sum, lanes);
    }
}

#endif
