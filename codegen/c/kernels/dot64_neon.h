/*
 * Sums of 17 to 64 products on 64-bit ARM without dot products. The weights of four output channels stay in registers while pixel after
 * pixel goes by, of which one instruction loads all inputs. Lanes of 16 bits hold no more than two products of any bytes together, but more of
 * most weights: which ones the plan has tried, and says for each four channels (src/kernels/weights/groups_neon.ts).
 *  - filter, parameters: as dot_neon.h has them
 */
#ifndef BL_DOT64_NEON_H
#define BL_DOT64_NEON_H

#include "dot_neon.h"

#if defined(__aarch64__) && !defined(__ARM_FEATURE_DOTPROD) && !defined(__ARM_FEATURE_MATMUL_INT8)
#define BL_HAS_DOT64_NEON

/* Vectors of inputs at most. */
#define BL_VECTORS64_NEON 4

/* Pixels of a contiguous run, at most: so that inputs are still in the first cache for the next four channels. */
#define BL_RUN64_NEON 128

/* Pixels that follow one another in memory, and where their codes go. */
typedef struct {
    int8_t *output;
    const int8_t *input;
    int32_t output_step;
    int32_t input_step;
    int32_t pixels;
} bl_run_neon;

/* The weights of four channels, by vector of inputs. */
typedef struct {
    int32x4_t of[BL_VECTORS64_NEON][4];
} bl_weights64_neon;

/* Makes the compiler forget what it knows of a pointer, so that it neither counts beside it nor keeps what lies there. */
#define BL_HIDE_NEON(pointer) __asm__("" : "+r"(pointer))

/* The products of one half of a vector of inputs with four channels' weights, in assembly as dot_neon.h has it. */
#define BL_MULTIPLY4_NEON(op, half, as)                                                                                \
    __asm__ volatile(op " %[t0].8h, %[w0]." half ", %[x]." half "\n\t" op " %[t1].8h, %[w1]." half ", %[x]." half      \
                        "\n\t" op " %[t2].8h, %[w2]." half ", %[x]." half "\n\t" op " %[t3].8h, %[w3]." half           \
                        ", %[x]." half                                                                                 \
                     : [t0] as(t[0]), [t1] as(t[1]), [t2] as(t[2]), [t3] as(t[3])                                      \
                     : [w0] "w"(w[0]), [w1] "w"(w[1]), [w2] "w"(w[2]), [w3] "w"(w[3]), [x] "w"(x))

/* `upper` and `first` are literals. */
BL_INLINE void bl_multiply4_neon(int16x8_t *t, const int32x4_t *w, int8x16_t x, int32_t upper, int32_t first)
{
    if (first && upper)
        BL_MULTIPLY4_NEON("smull2", "16b", "=&w");
    else if (first)
        BL_MULTIPLY4_NEON("smull", "8b", "=&w");
    else if (upper)
        BL_MULTIPLY4_NEON("smlal2", "16b", "+w");
    else
        BL_MULTIPLY4_NEON("smlal", "8b", "+w");
}

#define BL_ADD4_NEON(op, as)                                                                                           \
    __asm__ volatile(op " %[p0].4s, %[t0].8h\n\t" op " %[p1].4s, %[t1].8h\n\t" op " %[p2].4s, %[t2].8h\n\t" op          \
                        " %[p3].4s, %[t3].8h"                                                                          \
                     : [p0] as(parts[0]), [p1] as(parts[1]), [p2] as(parts[2]), [p3] as(parts[3])                      \
                     : [t0] "w"(t[0]), [t1] "w"(t[1]), [t2] "w"(t[2]), [t3] "w"(t[3]))

/* The sums of four channels of one pixel; of the literals, `order` has a nibble for each half of a vector, `ends` a bit for the last of a group. */
BL_INLINE int32x4_t bl_dot64_neon(const bl_weights64_neon *w, const int8_t *x, int32_t vectors, uint32_t order, uint32_t ends)
{
    int8x16_t inputs[BL_VECTORS64_NEON];
    if (vectors == BL_VECTORS64_NEON) {
        int8x16x4_t all = vld1q_s8_x4(x);
        BL_UNROLL_ALL
        for (int32_t v = 0; v < vectors; v++)
            inputs[v] = all.val[v];
    } else {
        BL_UNROLL_ALL
        for (int32_t v = 0; v < vectors; v++)
            inputs[v] = vld1q_s8(x + v * BL_VECTOR_NEON);
    }
    int16x8_t t[4];
    int32x4_t parts[4];
    BL_UNROLL_ALL
    for (int32_t k = 0; k < 2 * vectors; k++) {
        uint32_t half = order >> (4 * k) & 7u;
        int32_t first = k == 0 || (ends >> (k - 1) & 1u);
        bl_multiply4_neon(t, w->of[half >> 1], inputs[half >> 1], half & 1u, first);
        if (!(ends >> k & 1u))
            continue;
        if ((ends & ((1u << k) - 1u)) == 0)
            BL_ADD4_NEON(BL_BEGIN_NEON, "=&w");
        else
            BL_ADD4_NEON(BL_GO_ON_NEON, "+w");
    }
    return bl_across_neon(parts);
}

/* Writes the first `count` of the lower four of eight codes, and of the upper four. */
BL_INLINE void bl_store_fours_neon(int8_t *low, int8_t *high, int8x8_t codes, int32_t count)
{
    uint32x2_t fours = vreinterpret_u32_s8(codes);
    if (count >= 4) {
        vst1_lane_u32((uint32_t *)(void *)low, fours, 0);
        vst1_lane_u32((uint32_t *)(void *)high, fours, 1);
        return;
    }
    int8_t all[8];
    vst1_s8(all, codes);
    for (int32_t i = 0; i < count; i++) {
        low[i] = all[i];
        high[i] = all[4 + i];
    }
}

/*
 * Of a run of an even number of pixels the codes of `count` of four channels; endings: four biases, multipliers and shifts, and the
 * output's zero point in eight lanes.
 */
BL_INLINE void bl_run64_neon(bl_run_neon r, const bl_weights64_neon *w, const int32_t *endings, int32_t vectors,
                             int32_t count, const bl_neon_ending *e, uint32_t order, uint32_t ends)
{
    const int8_t *end = r.input + r.pixels * r.input_step;
    BL_UNROLL(1)
    do {
        int32x4_t sums[2];
        BL_UNROLL_ALL
        for (int32_t i = 0; i < 2; i++) {
            sums[i] = bl_dot64_neon(w, r.input, vectors, order, ends);
            r.input += r.input_step;
            BL_HIDE_NEON(r.input);
        }
        /* Registers have no room for these beside: one instruction loads them anew. */
        BL_HIDE_NEON(endings);
        int32x4x4_t by = vld1q_s32_x4(endings);
        int16x4_t scaled[2];
        BL_UNROLL_ALL
        for (int32_t i = 0; i < 2; i++)
            scaled[i] = vqmovn_s32(bl_mbqm_neon(vaddq_s32(sums[i], by.val[0]), by.val[1], by.val[2], e->away));
        int16x8_t codes = vqaddq_s16(vcombine_s16(scaled[0], scaled[1]), vreinterpretq_s16_s32(by.val[3]));
        int8_t *output = r.output;
        r.output += r.output_step;
        BL_HIDE_NEON(r.output);
        bl_store_fours_neon(output, r.output, bl_clamp8_neon(vqmovn_s16(codes), e), count);
        r.output += r.output_step;
    } while (r.input != end);
}

/* All output channels of a run; groups [channels / 4, rounded up]. */
BL_INLINE void bl_run_channels64_neon(bl_run_neon r, const int8_t *filter, const int8_t *groups, const int32_t *parameters,
                                      int32_t vectors, int32_t channels, const bl_neon_ending *e)
{
    int32_t endings[16];
    vst1q_s16((int16_t *)(void *)(endings + 12), vdupq_n_s16((int16_t)e->offset));
    BL_UNROLL(1)
    for (int32_t n = 0; n < channels; n += 4, r.output += 4) {
        bl_weights64_neon w;
        BL_UNROLL_ALL
        for (int32_t v = 0; v < vectors; v++) {
            int32x4x4_t four = vld4q_s32((const int32_t *)(const void *)(filter + v * 2 * BL_HALF_NEON));
            BL_UNROLL_ALL
            for (int32_t i = 0; i < 4; i++)
                w.of[v][i] = four.val[i];
        }
        BL_UNROLL_ALL
        for (int32_t i = 0; i < 3; i++)
            vst1q_s32(endings + 4 * i, vld1q_s32(parameters + BL_BLOCK_NEON * i));
        int32_t count = channels % 4 == 0 ? 4 : bl_min(channels - n, 4);
#define BL_RUN64_NEON_BY(order, ends) bl_run64_neon(r, &w, endings, vectors, count, e, order, ends)
        /* In this order: groups_neon.ts numbers them. */
        int32_t by = *groups++;
        if (by == 0)
            BL_RUN64_NEON_BY(0x76543210u, 0xaau);
        else if (by == 1 || vectors < BL_VECTORS64_NEON)
            BL_RUN64_NEON_BY(0x76543210u, 1u << (2 * vectors - 1));
        else if (by == 2)
            BL_RUN64_NEON_BY(0x72531640u, 0xa4u);
        else if (by == 3)
            BL_RUN64_NEON_BY(0x42653710u, 0xa4u);
        else if (by == 4)
            BL_RUN64_NEON_BY(0x54761320u, 0xa4u);
        else if (by == 5)
            BL_RUN64_NEON_BY(0x31652740u, 0xa4u);
        else if (by == 6)
            BL_RUN64_NEON_BY(0x71543620u, 0xa4u);
        else
            BL_RUN64_NEON_BY(0x63754210u, 0xa4u);
#undef BL_RUN64_NEON_BY
        /* The other half of the block, or the next. */
        int32_t upper = n & 4;
        filter += upper ? (2 * vectors - 1) * BL_HALF_NEON : BL_HALF_NEON;
        parameters += upper ? BL_PARAMETERS_NEON - 4 : 4;
    }
}

#endif

#endif
