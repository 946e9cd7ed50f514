/* SVDF: TensorFlow Lite Micro's EvalIntegerSvdfReference of svdf_common.cc. */
#ifndef BL_SVDF_H
#define BL_SVDF_H

#include "requantize.h"

typedef struct {
    int32_t batches, input_size, units, rank, memory;
} bl_svdf_shape;

/*
 * Each of units * rank filters remembers `memory` results, oldest first; a run forgets the oldest and adds one. The
 * zero point of the input is folded into feature_bias: -zero point * sum of the filter's weights.
 */
#define BL_SVDF(suffix, type)                                                                                          \
    typedef bl_svdf_shape bl_svdf_##suffix##_shape;                                                                    \
                                                                                                                       \
    BL_INLINE void bl_svdf_##suffix(int8_t *output, const int8_t *input, const int8_t *weights_feature,                \
                                    const type *weights_time, type *state, const int32_t *feature_bias,                \
                                    const int32_t *bias, int32_t zero_point_state, int32_t zero_point,                 \
                                    int32_t multiplier_feature, int32_t shift_feature, int32_t multiplier_time,        \
                                    int32_t shift_time, int32_t act_min, int32_t act_max, const bl_svdf_shape *s)      \
    {                                                                                                                  \
        int32_t state_max = (1 << (8 * (int)sizeof(type) - 1)) - 1;                                                    \
        for (int32_t batch = 0; batch < s->batches; batch++) {                                                         \
            const int8_t *x = input + batch * s->input_size;                                                           \
            type *memory = state + batch * s->units * s->rank * s->memory;                                             \
            for (int32_t unit = 0; unit < s->units; unit++) {                                                          \
                uint32_t sum = (uint32_t)bias[unit];                                                                   \
                for (int32_t filter = unit * s->rank; filter < (unit + 1) * s->rank; filter++) {                       \
                    const int8_t *w = weights_feature + filter * s->input_size;                                        \
                    const type *t = weights_time + filter * s->memory;                                                 \
                    uint32_t acc = (uint32_t)feature_bias[filter];                                                     \
                    for (int32_t i = 0; i < s->input_size; i++)                                                        \
                        acc += (uint32_t)(w[i] * x[i]);                                                                \
                    int32_t newest = bl_mbqm((int32_t)acc, multiplier_feature, shift_feature);                         \
                    int32_t last = s->memory - 1;                                                                      \
                    for (int32_t i = 0; i < last; i++) {                                                               \
                        memory[i] = memory[i + 1];                                                                     \
                        sum += (uint32_t)(t[i] * (memory[i] - zero_point_state));                                      \
                    }                                                                                                  \
                    memory[last] = (type)(bl_clamp(newest, -1 - state_max, state_max) + zero_point_state);             \
                    sum += (uint32_t)(t[last] * (memory[last] - zero_point_state));                                    \
                    memory += s->memory;                                                                               \
                }                                                                                                      \
                int32_t scaled = bl_mbqm((int32_t)sum, multiplier_time, shift_time) + zero_point;                      \
                output[batch * s->units + unit] = (int8_t)bl_clamp(scaled, act_min, act_max);                          \
            }                                                                                                          \
        }                                                                                                              \
    }

BL_SVDF(s8, int8_t)
BL_SVDF(s16, int16_t)

#endif
