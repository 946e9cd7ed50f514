/*
 * Sums of products of eight output channels and several pixels on NEON, in three ways of one layout: the matrix products of i8mm,
 * the dot products of Armv8.2, and products of bytes that every NEON has.
 *  - filter [channels / 8, rounded up][inputs / 16, rounded up][2][4][4][4]: of four channels, of four quarters of a vector of inputs,
 *    the weights of each channel for four inputs; zeros where a vector or a block is not full
 *  - in no channel are the weights of inputs i and i + 8 of a vector both -128
 */
#ifndef BL_DOT_NEON_H
#define BL_DOT_NEON_H

#include "neon.h"

/* Inputs in a vector. */
#define BL_VECTOR_NEON 16
/* Bytes of weights of half a block for a vector of inputs. */
#define BL_HALF_NEON 64

/* Pixels that are computed together: what registers have room for. */
#if defined(__ARM_FEATURE_MATMUL_INT8) || defined(__ARM_FEATURE_DOTPROD)
#define BL_PIXELS_NEON 8
#elif defined(__aarch64__)
#define BL_PIXELS_NEON 4
#else
#define BL_PIXELS_NEON 2
#endif

/* Sums of a block: of each pixel those of channels 0 to 3 and 4 to 7. */
typedef struct {
    int32x4_t low[BL_PIXELS_NEON];
    int32x4_t high[BL_PIXELS_NEON];
} bl_sums_neon;

#if defined(__ARM_FEATURE_MATMUL_INT8)

/* Two halves of 8 bytes from one vector each. */
BL_INLINE int8x16_t bl_lows_neon(int8x16_t a, int8x16_t b)
{
    return vcombine_s8(vget_low_s8(a), vget_low_s8(b));
}

BL_INLINE int8x16_t bl_highs_neon(int8x16_t a, int8x16_t b)
{
    return vcombine_s8(vget_high_s8(a), vget_high_s8(b));
}

BL_INLINE int8x16_t bl_zip1_neon(int8x16_t a, int8x16_t b)
{
    return vreinterpretq_s8_s32(vzip1q_s32(vreinterpretq_s32_s8(a), vreinterpretq_s32_s8(b)));
}

BL_INLINE int8x16_t bl_zip2_neon(int8x16_t a, int8x16_t b)
{
    return vreinterpretq_s8_s32(vzip2q_s32(vreinterpretq_s32_s8(a), vreinterpretq_s32_s8(b)));
}

/* Sums of two pixels by two channels in each vector. */
BL_INLINE void bl_dot_neon(bl_sums_neon *sums, const int8_t *const *x, const int8_t *filter, const int32_t *bias,
                           int32_t vectors, int32_t pixels)
{
    int32x4_t pairs[BL_PIXELS_NEON / 2][4];
    int32_t twos = (pixels + 1) / 2;
    BL_UNROLL_ALL
    for (int32_t c = 0; c < 4; c++) {
        int32x2_t two = vld1_s32(bias + 2 * c);
        BL_UNROLL_ALL
        for (int32_t i = 0; i < twos; i++)
            pairs[i][c] = vcombine_s32(two, two);
    }
    BL_UNROLL(2)
    for (int32_t v = 0; v < vectors; v++, filter += 2 * BL_HALF_NEON) {
        int8x16_t low[BL_PIXELS_NEON / 2], high[BL_PIXELS_NEON / 2];
        BL_UNROLL_ALL
        for (int32_t i = 0; i < twos; i++) {
            int8x16_t a = vld1q_s8(x[2 * i] + v * BL_VECTOR_NEON);
            int8x16_t b = pixels > 1 ? vld1q_s8(x[2 * i + 1] + v * BL_VECTOR_NEON) : a;
            low[i] = bl_lows_neon(a, b);
            high[i] = bl_highs_neon(a, b);
        }
        BL_UNROLL_ALL
        for (int32_t half = 0; half < 2; half++) {
            const int8_t *w = filter + half * BL_HALF_NEON;
            int8x16_t w0 = vld1q_s8(w), w1 = vld1q_s8(w + 16), w2 = vld1q_s8(w + 32), w3 = vld1q_s8(w + 48);
            BL_UNROLL_ALL
            for (int32_t i = 0; i < twos; i++) {
                int32x4_t *p = pairs[i] + 2 * half;
                p[0] = vmmlaq_s32(p[0], low[i], bl_zip1_neon(w0, w1));
                p[1] = vmmlaq_s32(p[1], low[i], bl_zip2_neon(w0, w1));
                p[0] = vmmlaq_s32(p[0], high[i], bl_zip1_neon(w2, w3));
                p[1] = vmmlaq_s32(p[1], high[i], bl_zip2_neon(w2, w3));
            }
        }
    }
    BL_UNROLL_ALL
    for (int32_t i = 0; i < twos; i++) {
        const int32x4_t *p = pairs[i];
        sums->low[2 * i] = vcombine_s32(vget_low_s32(p[0]), vget_low_s32(p[1]));
        sums->high[2 * i] = vcombine_s32(vget_low_s32(p[2]), vget_low_s32(p[3]));
        if (pixels == 1)
            continue;
        sums->low[2 * i + 1] = vcombine_s32(vget_high_s32(p[0]), vget_high_s32(p[1]));
        sums->high[2 * i + 1] = vcombine_s32(vget_high_s32(p[2]), vget_high_s32(p[3]));
    }
}

#elif defined(__ARM_FEATURE_DOTPROD)

/* One quarter of a vector of inputs: a literal, as it is part of the instruction. */
#define BL_QUARTER_NEON(sums, quarter)                                                                                 \
    do {                                                                                                               \
        int8x16_t w = vld1q_s8(filter + 16 * (quarter));                                                               \
        BL_UNROLL_ALL                                                                                                  \
        for (int32_t i = 0; i < pixels; i++)                                                                           \
            sums[i] = vdotq_laneq_s32(sums[i], w, inputs[i], quarter);                                                 \
    } while (0)

BL_INLINE void bl_dot_neon(bl_sums_neon *sums, const int8_t *const *x, const int8_t *filter, const int32_t *bias,
                           int32_t vectors, int32_t pixels)
{
    BL_UNROLL_ALL
    for (int32_t i = 0; i < pixels; i++) {
        sums->low[i] = vld1q_s32(bias);
        sums->high[i] = vld1q_s32(bias + 4);
    }
    BL_UNROLL(2)
    for (int32_t v = 0; v < vectors; v++) {
        int8x16_t inputs[BL_PIXELS_NEON];
        BL_UNROLL_ALL
        for (int32_t i = 0; i < pixels; i++)
            inputs[i] = vld1q_s8(x[i] + v * BL_VECTOR_NEON);
        BL_QUARTER_NEON(sums->low, 0);
        BL_QUARTER_NEON(sums->low, 1);
        BL_QUARTER_NEON(sums->low, 2);
        BL_QUARTER_NEON(sums->low, 3);
        filter += BL_HALF_NEON;
        BL_QUARTER_NEON(sums->high, 0);
        BL_QUARTER_NEON(sums->high, 1);
        BL_QUARTER_NEON(sums->high, 2);
        BL_QUARTER_NEON(sums->high, 3);
        filter += BL_HALF_NEON;
    }
}

#else

/* The sum of all lanes of each of four vectors. */
BL_INLINE int32x4_t bl_across_neon(const int32x4_t *parts)
{
#if defined(__aarch64__)
    return vpaddq_s32(vpaddq_s32(parts[0], parts[1]), vpaddq_s32(parts[2], parts[3]));
#else
    int32x2_t halves[4];
    BL_UNROLL_ALL
    for (int32_t i = 0; i < 4; i++)
        halves[i] = vadd_s32(vget_low_s32(parts[i]), vget_high_s32(parts[i]));
    return vcombine_s32(vpadd_s32(halves[0], halves[1]), vpadd_s32(halves[2], halves[3]));
#endif
}

/*
 * The products of a vector of inputs with the weights of channels, in lanes of 16 bits in pairs that these can hold, summed up to lanes
 * of 32 bits: `sum` is the instruction that begins or goes on with these. Assembly, because clang takes upper halves of vectors
 * apart first, and multiplies for all pixels before it sums, for which there are no registers. As many channels together as hide the
 * time that an instruction takes.
 */
#if defined(__aarch64__)
#define BL_PRODUCTS4_NEON(sum, as)                                                                                     \
    __asm__ volatile("smull %[t0].8h, %[w0].8b, %[x].8b\n\t"                                                                    \
            "smull %[t1].8h, %[w1].8b, %[x].8b\n\t"                                                                    \
            "smull %[t2].8h, %[w2].8b, %[x].8b\n\t"                                                                    \
            "smull %[t3].8h, %[w3].8b, %[x].8b\n\t"                                                                    \
            "smlal2 %[t0].8h, %[w0].16b, %[x].16b\n\t"                                                                 \
            "smlal2 %[t1].8h, %[w1].16b, %[x].16b\n\t"                                                                 \
            "smlal2 %[t2].8h, %[w2].16b, %[x].16b\n\t"                                                                 \
            "smlal2 %[t3].8h, %[w3].16b, %[x].16b\n\t" sum " %[p0].4s, %[t0].8h\n\t" sum " %[p1].4s, %[t1].8h\n\t" sum \
            " %[p2].4s, %[t2].8h\n\t" sum " %[p3].4s, %[t3].8h"                                                        \
            : [p0] as(parts[0]), [p1] as(parts[1]), [p2] as(parts[2]), [p3] as(parts[3]), [t0] "=&w"(t[0]),            \
              [t1] "=&w"(t[1]), [t2] "=&w"(t[2]), [t3] "=&w"(t[3])                                                     \
            : [w0] "w"(w[0]), [w1] "w"(w[1]), [w2] "w"(w[2]), [w3] "w"(w[3]), [x] "w"(x)                             \
            : "memory")
#define BL_BEGIN_NEON "saddlp"
#define BL_GO_ON_NEON "sadalp"
#else
#define BL_PRODUCTS2_NEON(sum, as, c)                                                                                  \
    __asm__ volatile("vmull.s8 %q[t0], %e[w0], %e[x]\n\t"                                                                       \
            "vmull.s8 %q[t1], %e[w1], %e[x]\n\t"                                                                       \
            "vmlal.s8 %q[t0], %f[w0], %f[x]\n\t"                                                                       \
            "vmlal.s8 %q[t1], %f[w1], %f[x]\n\t" sum " %q[p0], %q[t0]\n\t" sum " %q[p1], %q[t1]"                       \
            : [p0] as(parts[c]), [p1] as(parts[(c) + 1]), [t0] "=&w"(t[0]), [t1] "=&w"(t[1])                           \
            : [w0] "w"(w[c]), [w1] "w"(w[(c) + 1]), [x] "w"(x)                                                              \
            : "memory")
#define BL_PRODUCTS4_NEON(sum, as)                                                                                     \
    BL_PRODUCTS2_NEON(sum, as, 0);                                                                                     \
    BL_PRODUCTS2_NEON(sum, as, 2)
#define BL_BEGIN_NEON "vpaddl.s16"
#define BL_GO_ON_NEON "vpadal.s16"
#endif

/* One vector of inputs of one pixel; `first` is a literal. */
BL_INLINE void bl_products4_neon(int32x4_t *parts, const int32x4_t *w, int8x16_t x, int32_t first)
{
    int16x8_t t[4];
    if (first) {
        BL_PRODUCTS4_NEON(BL_BEGIN_NEON, "=&w");
    } else {
        BL_PRODUCTS4_NEON(BL_GO_ON_NEON, "+&w");
    }
}

/* One vector of inputs of all pixels. A load takes the weights' quarters apart. */
BL_INLINE void bl_dot_vector_neon(int32x4_t (*parts)[4], const int8_t *const *x, int32_t v, const int8_t *filter,
                                  int32_t pixels, int32_t first)
{
    int32x4x4_t weights = vld4q_s32((const int32_t *)(const void *)(filter + v * 2 * BL_HALF_NEON));
    BL_UNROLL_ALL
    for (int32_t i = 0; i < pixels; i++)
        bl_products4_neon(parts[i], weights.val, vld1q_s8(x[i] + v * BL_VECTOR_NEON), first);
}

/* The sums of four channels. */
BL_INLINE void bl_dot_half_neon(int32x4_t *sums, const int8_t *const *x, const int8_t *filter, const int32_t *bias,
                                int32_t vectors, int32_t pixels)
{
    int32x4_t parts[BL_PIXELS_NEON][4];
    bl_dot_vector_neon(parts, x, 0, filter, pixels, 1);
    BL_UNROLL(3)
    for (int32_t v = 1; v < vectors; v++)
        bl_dot_vector_neon(parts, x, v, filter, pixels, 0);
    BL_UNROLL_ALL
    for (int32_t i = 0; i < pixels; i++)
        sums[i] = vaddq_s32(bl_across_neon(parts[i]), vld1q_s32(bias));
    /* Before anything else, so that the parts' registers are free. */
    BL_UNROLL_ALL
    for (int32_t i = 0; i < pixels; i++)
        __asm__ volatile("" : "+w"(sums[i]) : : "memory");
}

BL_INLINE void bl_dot_neon(bl_sums_neon *sums, const int8_t *const *x, const int8_t *filter, const int32_t *bias,
                           int32_t vectors, int32_t pixels)
{
    bl_dot_half_neon(sums->low, x, filter, bias, vectors, pixels);
    bl_dot_half_neon(sums->high, x, filter + BL_HALF_NEON, bias + 4, vectors, pixels);
}

#endif

/* All output channels of `pixels` pixels, a literal, of which each has `vectors` vectors of inputs at `x`. */
BL_INLINE void bl_dot_pixels_neon(int8_t *const *output, const int8_t *const *x, const int8_t *filter,
                                  const int32_t *parameters, int32_t vectors, int32_t channels, int32_t pixels,
                                  const bl_neon_ending *e)
{
    for (int32_t c = 0; c < channels; c += BL_BLOCK_NEON) {
        int32_t count = channels % BL_BLOCK_NEON == 0 ? BL_BLOCK_NEON : bl_min(channels - c, BL_BLOCK_NEON);
        bl_sums_neon sums;
        bl_dot_neon(&sums, x, filter, parameters, vectors, pixels);
        const bl_scales_neon scales = bl_load_scales_neon(parameters);
        BL_UNROLL_ALL
        for (int32_t i = 0; i < pixels; i++) {
            int16x8_t scaled = bl_scaled8_neon(sums.low[i], sums.high[i], &scales, e->away);
            bl_store8_neon(output[i] + c, bl_codes8_neon(scaled, e), count);
        }
        filter += vectors * 2 * BL_HALF_NEON;
        parameters += BL_PARAMETERS_NEON;
    }
}

#endif
