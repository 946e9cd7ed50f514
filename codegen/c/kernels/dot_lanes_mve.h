/*
 * Sums of products of eight output channels on Helium with weights of 2 or 4 bits, several in a byte, without a shift:
 *  - 4 bits: a byte is a + 16 * b, of which a is a code from 0 on and b, in the byte's upper half, a code minus 8. VMLADAVA takes it as
 *    it is, and once more without b; the difference is 16 times the sum of b
 *  - 2 bits: a byte is a + 4 * b + 16 * c + 64 * d, where d is a code minus 2; the same with three masks
 * So a VAND replaces each load but one that int8 needs (dot_mve.h).
 *  - filter [channels / 8, rounded up][inputs / 16, rounded up][8 * bits / 8][16]: vectors of bytes with neighbouring channels
 */
#ifndef BL_DOT_LANES_MVE_H
#define BL_DOT_LANES_MVE_H

#include "dot_mve.h"

/* Two channels of 4 bits, four of 2. */
#define BL_NIBBLES_MVE(a, b)                                                                                           \
    "vldrb.8 %q[v], [%[filter]], #16\n\t"                                                                              \
    "vmladava.s8 " b ", %q[inputs], %q[v]\n\t"                                                                         \
    "vand %q[v], %q[v], %q[mask4]\n\t"                                                                                 \
    "vmladava.s8 " a ", %q[inputs], %q[v]\n\t"
#define BL_CRUMBS_MVE(a, b, c, d)                                                                                      \
    "vldrb.8 %q[v], [%[filter]], #16\n\t"                                                                              \
    "vmladava.s8 " d ", %q[inputs], %q[v]\n\t"                                                                         \
    "vand %q[v], %q[v], %q[mask6]\n\t"                                                                                 \
    "vmladava.s8 " c ", %q[inputs], %q[v]\n\t"                                                                         \
    "vand %q[v], %q[v], %q[mask4]\n\t"                                                                                 \
    "vmladava.s8 " b ", %q[inputs], %q[v]\n\t"                                                                         \
    "vand %q[v], %q[v], %q[mask2]\n\t"                                                                                 \
    "vmladava.s8 " a ", %q[inputs], %q[v]\n\t"

#define BL_LANES8_4                                                                                                    \
    BL_NIBBLES_MVE("r0", "r2") BL_NIBBLES_MVE("r4", "r6") BL_NIBBLES_MVE("r8", "r10") BL_NIBBLES_MVE("r12", "lr")
#define BL_LANES8_2 BL_CRUMBS_MVE("r0", "r2", "r4", "r6") BL_CRUMBS_MVE("r8", "r10", "r12", "lr")
/* From sums of what is left of a byte to sums of one channel, times what it counts there. */
#define BL_PARTS8_4 "subs r2, r2, r0\n\tsubs r6, r6, r4\n\tsub r10, r10, r8\n\tsub lr, lr, r12\n\t"
#define BL_PARTS8_2                                                                                                    \
    "subs r6, r6, r4\n\tsubs r4, r4, r2\n\tsubs r2, r2, r0\n\t"                                                        \
    "sub lr, lr, r12\n\tsub r12, r12, r10\n\tsub r10, r10, r8\n\t"

#define BL_LANES8(begin, load, step, end, parts)                                                                       \
    __asm__ volatile("movs r0, #0\n\tmovs r2, #0\n\tmovs r4, #0\n\tmovs r6, #0\n\t"                                    \
                     "mov r8, #0\n\tmov r10, #0\n\tmov r12, #0\n\tmov lr, #0\n\t" begin "\n1:\n\t" load step end parts \
                     "vmov %e[even], r0, r4\n\t"                                                                       \
                     "vmov %f[even], r8, r12\n\t"                                                                      \
                     "vmov %e[odd], r2, r6\n\t"                                                                        \
                     "vmov %f[odd], r10, lr"                                                                           \
                     : [even] "=&w"(sums.even), [odd] "=&w"(sums.odd), [inputs] "=&w"(inputs), [v] "=&w"(v),           \
                       [x] "=&r"(x), [n] "=&r"(n), [filter] "+&r"(*filter)                                             \
                     : [from] "r"(from), [chunks] "r"(count / BL_LANES), [count] "r"(count), [mask2] "w"(mask2),       \
                       [mask4] "w"(mask4), [mask6] "w"(mask6)                                                          \
                     : BL_CLOBBERED8)
#define BL_LANES8_WHOLE(step, parts)                                                                                   \
    BL_LANES8("mov %[x], %[from]\n\tmov %[n], %[chunks]", "vldrb.8 %q[inputs], [%[x]], #16\n\t", step,                 \
              "subs %[n], %[n], #1\n\tbne 1b\n\t", parts)
#define BL_LANES8_ANY(step, parts)                                                                                     \
    BL_LANES8("mov %[x], %[from]\n\tmov %[n], %[count]",                                                               \
              "vctp.8 %[n]\n\tvpst\n\tvldrbt.u8 %q[inputs], [%[x]], #16\n\t", step,                                    \
              "subs %[n], %[n], #16\n\tbgt 1b\n\t", parts)

/* The sums of `count` inputs with the codes, of b to d less 8 or 2 where that is so, and times what a code counts. */
BL_INLINE bl_lanes8 bl_dot_lanes8(const int8_t *from, int32_t count, const int8_t **filter, int32_t bits)
{
    bl_lanes8 sums;
    int8x16_t inputs, v;
    int8x16_t mask2 = vdupq_n_s8(3), mask4 = vdupq_n_s8(15), mask6 = vdupq_n_s8(63);
    const int8_t *x;
    int32_t n;
    if (bits == 4 && count % BL_LANES == 0)
        BL_LANES8_WHOLE(BL_LANES8_4, BL_PARTS8_4);
    else if (bits == 4)
        BL_LANES8_ANY(BL_LANES8_4, BL_PARTS8_4);
    else if (count % BL_LANES == 0)
        BL_LANES8_WHOLE(BL_LANES8_2, BL_PARTS8_2);
    else
        BL_LANES8_ANY(BL_LANES8_2, BL_PARTS8_2);
    return sums;
}

/* The sum of `count` inputs. */
BL_INLINE int32_t bl_sum_bytes_mve(const int8_t *x, int32_t count)
{
    int32_t sum = 0;
    int32_t i = 0;
    for (; i + BL_LANES <= count; i += BL_LANES)
        sum = vaddvaq_s8(sum, vldrbq_s8(x + i));
    if (count % BL_LANES != 0) {
        mve_pred16_t lanes = vctp8q((uint32_t)(count - i));
        sum = vaddvaq_p_s8(sum, vldrbq_z_s8(x + i, lanes), lanes);
    }
    return sum;
}

/* How weights come from codes: first + step * code. */
typedef struct {
    int32_t first;
    int32_t step;
} bl_weight_grid;

/* Sums with weights, and biases, which are in the order of bl_lanes8; `sum` is that of the inputs. */
BL_INLINE bl_lanes8 bl_weigh_lanes8(bl_lanes8 sums, const int32_t *biases, int32_t sum, const bl_weight_grid *g,
                                    int32_t bits)
{
    static const int32_t twos[4] = {0, 2, 0, 2};
    static const int32_t shift_even[4] = {0, -4, 0, -4};
    static const int32_t shift_odd[4] = {-2, -6, -2, -6};
    int32_t least = sum * g->first;
    int32x4_t even = vaddq_n_s32(vldrwq_s32(biases), least);
    int32x4_t odd = vldrwq_s32(biases + 4);
    if (bits == 4) {
        sums.odd = vshrq_n_s32(sums.odd, 4);
        odd = vaddq_n_s32(odd, least + 8 * g->step * sum);
    } else {
        sums.even = vshlq_s32(sums.even, vldrwq_s32(shift_even));
        sums.odd = vshlq_s32(sums.odd, vldrwq_s32(shift_odd));
        odd = vmlaq_n_s32(vaddq_n_s32(odd, least), vldrwq_s32(twos), g->step * sum);
    }
    sums.even = vmlaq_n_s32(even, sums.even, g->step);
    sums.odd = vmlaq_n_s32(odd, sums.odd, g->step);
    return sums;
}

#endif
