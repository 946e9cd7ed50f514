/*
 * CONV_2D of int8 by 3x3, stride 1, in one group, for Cortex-M with the DSP extension: Winograd's F(2x2, 3x3) in integers,
 * 16 products for four outputs and an input channel instead of 36. A tile of 2x2 outputs meets 4x4 inputs d:
 *   Y = A^T [ sum over channels of U * V ] A,   U = G g G^T,   V = B^T d B  (Lavin and Gray, arXiv:1509.09308)
 * where 2G is an integer matrix, so that U of 2G gives 4Y, exactly: its two low bits are 0.
 *  - filter: [channels / 2, rounded up][16 elements][inputs / 2][2 channels] pairs of halfwords U: of the inputs
 *    4i, 4i + 2 and 4i + 1, 4i + 3, as SXTB16 takes words of bytes apart. Order and signs of the elements are those of
 *    bl_winograd_output
 *  - bias, of as many channels, includes input_offset * sum(filter) and is multiplied by 4; multiplier is that of
 *    bl_mbqm, shift its right shift plus 1, at most 22
 *  - four tiles are written after their last read, and before the first read for the next four, row of tiles by row of
 *    tiles: the plan lets `output` overlap `input` by that rule
 *  - scratch: V, then sums, both by bl_winograd_products; the words of some inputs of up to four neighbouring tiles,
 *    [BL_TILE_GROUPS, or fewer][4 rows][10 columns]; and a pixel of padding
 */
#ifndef BL_CONV_2D_WINOGRAD_SIMD32_H
#define BL_CONV_2D_WINOGRAD_SIMD32_H

#include "simd32_pairs.h"

typedef struct {
    int32_t batches;
    int32_t input_height;
    int32_t input_width;
    int32_t input_channels; /* a multiple of 4 */
    int32_t input_ring_rows;
    int32_t output_height;
    int32_t output_width;
    int32_t output_channels;
    int32_t output_ring_rows;
    int32_t pad_top;
    int32_t pad_left;
    int32_t clamps;   /* the activation's bounds are not the ends of int8 */
    int32_t negative; /* codes below the output's zero point survive them */
} bl_conv_2d_s8_winograd_shape;

/* Tiles that are computed together, and the columns of inputs that as many neighbours meet. */
#define BL_TILES 4
#define BL_TILE_COLUMNS 10
/* Groups of four inputs that are collected at a time. */
#define BL_TILE_GROUPS 4
/* Words of V of four inputs. */
#define BL_GROUP_WORDS 128

/* Where a tile goes. 0 stands for the row or column that is outside of the image. */
typedef struct {
    int8_t *output;
    int32_t below;
    int32_t right;
} bl_tile;

/*
 * Collects `groups` groups of inputs, from the first of `input` on, of `tiles` tiles from output (y, x) on; `padding` stands
 * for the pixels outside of the image.
 */
BL_INLINE void bl_winograd_gather(uint32_t *inputs, const int8_t *input, int32_t y, int32_t x, int32_t tiles,
                                  int32_t groups, const int8_t *padding, const bl_conv_2d_s8_winograd_shape *s)
{
    int32_t first = x - s->pad_left;
    for (int32_t iy = y - s->pad_top; iy < y - s->pad_top + 4; iy++) {
        int32_t inside = iy >= 0 && iy < s->input_height;
        int32_t row = inside ? bl_ring_row(iy, s->input_ring_rows, s->input_height) : 0;
        for (int32_t column = 0; column < 2 * tiles + 2; column++) {
            int32_t ix = first + column;
            const int8_t *pixel = inside && ix >= 0 && ix < s->input_width
                                      ? input + (row * s->input_width + ix) * s->input_channels
                                      : padding;
            BL_UNROLL(4)
            for (int32_t group = 0; group < groups; group++)
                inputs[group * 4 * BL_TILE_COLUMNS + column] = bl_load_word(pixel + 4 * group);
        }
        inputs += BL_TILE_COLUMNS;
    }
}

/* Where element (i, j) of V is in the order of bl_winograd_output. */
BL_INLINE int32_t bl_winograd_place(int32_t i, int32_t j)
{
    static const int8_t place[4][4] = {{12, 14, 13, 15}, {10, 0, 1, 5}, {11, 3, 2, 4}, {9, 8, 7, 6}};
    return place[i][j];
}

/* B^T of a column of four inputs, for a pair of channels: those of even bytes, or of odd ones. */
BL_INLINE void bl_winograd_column(uint32_t column[4], const uint32_t *inputs, int32_t odd)
{
    uint32_t d[4];
    BL_UNROLL(4)
    for (int32_t i = 0; i < 4; i++) {
        uint32_t x = inputs[i * BL_TILE_COLUMNS];
        d[i] = odd ? bl_sxtb16_odd(x) : bl_sxtb16(x);
    }
    column[0] = bl_ssub16(d[0], d[2]);
    column[1] = bl_sadd16(d[1], d[2]);
    column[2] = bl_ssub16(d[2], d[1]);
    column[3] = bl_ssub16(d[1], d[3]);
}

/* V of `tiles` neighbouring tiles and a pair of channels. Neighbours share two columns. */
BL_INLINE void bl_winograd_input_pair(uint32_t *v, const uint32_t *inputs, int32_t tiles, int32_t odd)
{
    uint32_t a[4], b[4];
    bl_winograd_column(a, inputs, odd);
    bl_winograd_column(b, inputs + 1, odd);
    uint32_t *end = v + tiles;
    do {
        inputs += 2;
        uint32_t c[4];
        bl_winograd_column(c, inputs, odd);
        BL_UNROLL(4)
        for (int32_t i = 0; i < 4; i++) {
            v[8 * bl_winograd_place(i, 0)] = bl_ssub16(a[i], c[i]);
            v[8 * bl_winograd_place(i, 1)] = bl_sadd16(b[i], c[i]);
            v[8 * bl_winograd_place(i, 2)] = bl_ssub16(c[i], b[i]);
            a[i] = c[i];
        }
        bl_winograd_column(c, inputs + 1, odd);
        BL_UNROLL(4)
        for (int32_t i = 0; i < 4; i++) {
            v[8 * bl_winograd_place(i, 3)] = bl_ssub16(b[i], c[i]);
            b[i] = c[i];
        }
    } while (++v != end);
}

/* V of `tiles` neighbouring tiles and all inputs, in the order of bl_winograd_products. Shared by layers. */
BL_OUTLINE void bl_winograd_input(uint32_t *v, const uint32_t *inputs, int32_t tiles, int32_t groups)
{
    for (int32_t group = 0; group < groups; group++) {
        bl_winograd_input_pair(v + BL_TILES, inputs, tiles, 0);
        bl_winograd_input_pair(v, inputs, tiles, 1);
        v += BL_GROUP_WORDS;
        inputs += 4 * BL_TILE_COLUMNS;
    }
}

/* At -O0 the frame pointer leaves too few registers; it takes the C below. */
#if defined(BL_DSP) && defined(__OPTIMIZE__)
#define BL_DSP_PRODUCTS 1
#endif

#if defined(BL_DSP_PRODUCTS)

/* What is in memory. */
#if defined(__clang__)
#define BL_ENDS "[sp]"
#define BL_LAST "[sp, #4]"
#define BL_BACK "[sp, #8]"
#else
#define BL_ENDS "%[end]"
#define BL_LAST "%[last]"
#define BL_BACK "%[back]"
#endif

/* Four tiles, channels a and b, a pair of inputs: 11 instructions for 16 products. */
#define BL_PRODUCTS_PAIR(high, low)                                                                                    \
    "ldrd %[w0], " BL_W1 ", [%[f]], #8\n\tldrd %[x0], %[x1], [%[p], " high "]\n\t"                                     \
    "smlad %[a2], %[x0], %[w0], %[a2]\n\tsmlad %[a3], %[x1], %[w0], %[a3]\n\t"                                         \
    "smlad %[b2], %[x0], " BL_W1 ", %[b2]\n\tsmlad %[b3], %[x1], " BL_W1 ", %[b3]\n\t"                                 \
    "ldrd %[x0], %[x1], [%[p]" low "\n\t"                                                                              \
    "smlad %[a0], %[x0], %[w0], %[a0]\n\tsmlad %[a1], %[x1], %[w0], %[a1]\n\t"                                         \
    "smlad %[b0], %[x0], " BL_W1 ", %[b0]\n\tsmlad %[b1], %[x1], " BL_W1 ", %[b1]\n\t"
#define BL_PRODUCTS_4 BL_PRODUCTS_PAIR("#24", ", #16]") BL_PRODUCTS_PAIR("#8", "], #512")
#define BL_PRODUCTS_8 BL_PRODUCTS_4 BL_PRODUCTS_4
#define BL_PRODUCTS_16 BL_PRODUCTS_8 BL_PRODUCTS_8

#define BL_STORE_SUMS "stm %[p], {%[a0], %[a1], %[a2], %[a3], %[b0], %[b1], %[b2], %[b3]}\n\t"
/* From the end of an element's V to the next element, up to the last. */
#define BL_NEXT_ELEMENT(back)                                                                                          \
    BL_STORE_SUMS back "ldr " BL_W1 ", " BL_LAST "\n\tcmp %[p], " BL_W1 "\n\tbne 1b\n\t"
/* Elements of one round of 16 inputs, and of several rounds. */
#define BL_ELEMENTS_OF_16 "1:\n\t" BL_PRODUCTS_16 BL_NEXT_ELEMENT("sub %[p], #2016\n\t")
#define BL_ELEMENTS_OF_ROUNDS(round)                                                                                   \
    "1:\n\t" round "ldr %[w0], " BL_ENDS "\n\tcmp %[p], %[w0]\n\tbne 1b\n\t"                                           \
    "adds %[w0], #32\n\tstr %[w0], " BL_ENDS "\n\t" BL_NEXT_ELEMENT("ldr " BL_W1 ", " BL_BACK "\n\tsubs %[p], " BL_W1 "\n\t")

#if defined(__clang__)
#define BL_ASM_ELEMENTS(text)                                                                                          \
    __asm__ volatile("strd %[x0], %[x1], [sp, #-16]!\n\tstrd %[w0], r7, [sp, #8]\n\t" text "ldr r7, [sp, #12]\n\t"     \
                     "add sp, sp, #16"                                                                                 \
                     : [a0] "+r"(a0), [a1] "+r"(a1), [a2] "+r"(a2), [a3] "+r"(a3), [b0] "+r"(b0), [b1] "+r"(b1),       \
                       [b2] "+r"(b2), [b3] "+r"(b3), [f] "+r"(f), [p] "+r"(p), [x0] "+r"(x0), [x1] "+r"(x1),           \
                       [w0] "+r"(w0)                                                                                   \
                     :                                                                                                 \
                     : "memory", "cc")
#else
#define BL_ASM_ELEMENTS(text)                                                                                          \
    __asm__ volatile(text                                                                                              \
                     : [a0] "+r"(a0), [a1] "+r"(a1), [a2] "+r"(a2), [a3] "+r"(a3), [b0] "+r"(b0), [b1] "+r"(b1),       \
                       [b2] "+r"(b2), [b3] "+r"(b3), [f] "+r"(filter), [p] "+r"(v), [x0] "=&r"(x0), [x1] "=&r"(x1),    \
                       [w0] "=&r"(w0), [w1] "=&r"(w1), [end] "+m"(end)                                                 \
                     : [last] "m"(last), [back] "m"(back)                                                              \
                     : "memory", "cc")
#endif
#endif

/*
 * Bias and sums of products of four tiles and two channels, element after element without a new start: those of element
 * k are the difference of what is stored after it and after the one before.
 *  - v: [inputs / 4][16 elements][odd inputs, even inputs][4 tiles] pairs, then [16 elements][2 channels][4 tiles] sums
 *  - round: inputs at once, 16, 8 or 4 (a literal)
 */
BL_INLINE void bl_winograd_products(uint32_t *v, const int16_t *filter, const int32_t *bias, int32_t inputs,
                                    int32_t round)
{
#if defined(BL_DSP_PRODUCTS)
    /* STM wants the registers in ascending order. */
    uint32_t a = (uint32_t)bias[0], b = (uint32_t)bias[1];
    register uint32_t a0 __asm__("r2") = a, a1 __asm__("r3") = a, a2 __asm__("r4") = a, a3 __asm__("r5") = a;
    uint32_t *end = v + inputs / 4 * BL_GROUP_WORDS;
    uint32_t *last = v + BL_GROUP_WORDS;
    int32_t back = inputs / 4 * BL_GROUP_WORDS * 4 - 32;
#if defined(__clang__)
    register uint32_t b0 __asm__("r6") = b, b1 __asm__("r8") = b, b2 __asm__("r9") = b, b3 __asm__("r10") = b;
    register const int16_t *f __asm__("r0") = filter;
    register uint32_t *p __asm__("r1") = v;
    register uint32_t *x0 __asm__("r11") = end;
    register uint32_t *x1 __asm__("r12") = last;
    register int32_t w0 __asm__("lr") = back;
#else
    register uint32_t b0 __asm__("r6") = b, b1 __asm__("r7") = b, b2 __asm__("r8") = b, b3 __asm__("r9") = b;
    uint32_t x0, x1, w0, w1;
#endif
    if (inputs == 16 && round == 16)
        BL_ASM_ELEMENTS(BL_ELEMENTS_OF_16);
    else if (round == 16)
        BL_ASM_ELEMENTS(BL_ELEMENTS_OF_ROUNDS(BL_PRODUCTS_16));
    else if (round == 8)
        BL_ASM_ELEMENTS(BL_ELEMENTS_OF_ROUNDS(BL_PRODUCTS_8));
    else
        BL_ASM_ELEMENTS(BL_ELEMENTS_OF_ROUNDS(BL_PRODUCTS_4));
#else
    uint32_t *sums = v + inputs / 4 * BL_GROUP_WORDS;
    uint32_t acc[8];
    for (int32_t i = 0; i < 8; i++)
        acc[i] = (uint32_t)bias[i / BL_TILES];
    (void)round;
    for (int32_t element = 0; element < 16; element++) {
        for (int32_t pair = 0; pair < inputs / 2; pair++) {
            const uint32_t *x = v + pair / 2 * BL_GROUP_WORDS + element * 8 + (pair % 2 == 0 ? BL_TILES : 0);
            for (int32_t channel = 0; channel < 2; channel++, filter += 2) {
                uint32_t w = ((uint32_t)filter[0] & 0xffffu) | (uint32_t)filter[1] << 16;
                for (int32_t tile = 0; tile < BL_TILES; tile++)
                    acc[4 * channel + tile] = bl_smlad(x[tile], w, acc[4 * channel + tile]);
            }
        }
        for (int32_t i = 0; i < 8; i++)
            *sums++ = acc[i];
    }
#endif
}

/* The same, shared by layers. */
BL_OUTLINE void bl_winograd_products_16(uint32_t *v, const int16_t *filter, const int32_t *bias)
{
    bl_winograd_products(v, filter, bias, 16, 16);
}

BL_OUTLINE void bl_winograd_products_by_16(uint32_t *v, const int16_t *filter, const int32_t *bias, int32_t inputs)
{
    bl_winograd_products(v, filter, bias, inputs, 16);
}

BL_OUTLINE void bl_winograd_products_by_8(uint32_t *v, const int16_t *filter, const int32_t *bias, int32_t inputs)
{
    bl_winograd_products(v, filter, bias, inputs, 8);
}

BL_OUTLINE void bl_winograd_products_by_4(uint32_t *v, const int16_t *filter, const int32_t *bias, int32_t inputs)
{
    bl_winograd_products(v, filter, bias, inputs, 4);
}

/* How sums of a channel become codes. */
typedef struct {
    int32_t multiplier;
    int32_t shift;
    int32_t round;
    int32_t min;
    int32_t max;
} bl_winograd_requantizer;

/*
 * The code of a sum, which is 4 * accumulator. q = high word(sum * multiplier) is the product less 30 bits, so that
 * SRDHM = (q + 1) >> 1, and with the division by 2^e, for accumulators from 0 on, (q + 1 + 2^e) >> (e + 1); the zero
 * point joins before that shift. Ties away from 0 take 2 from the accumulators below.
 */
BL_INLINE int8_t bl_winograd_code(uint32_t sum, const bl_winograd_requantizer *r,
                                  const bl_conv_2d_s8_winograd_shape *s)
{
    int32_t x = (int32_t)sum;
    int32_t round = s->negative ? r->round + 2 * (x >> 31) : r->round;
    int32_t code = bl_smmla(x, r->multiplier, round) >> r->shift;
    return (int8_t)(s->clamps ? bl_clamp(code, r->min, r->max) : bl_clamp(code, INT8_MIN, INT8_MAX));
}

/*
 * Y of one tile and channel: y00 = m00 + m01 + m02 + m10 + m11 + m12 + m20 + m21 + m22,
 * y01 = m01 - m02 - m03 + m11 - m12 - m13 + m21 - m22 - m23 and so on. Of the running sums p only those appear where the
 * sign in an output changes from an element to the next. In this order and with these signs these are fewest, and
 * m11, a part of all outputs, comes first, so that the bias is in all:
 *    11  12 -22  21 -23 -13  33  32 -31 -30  10 -20 -00 -02  01 -03
 */
BL_INLINE void bl_winograd_output(const bl_tile *tile, int32_t n, const uint32_t *sums,
                                  const bl_winograd_requantizer *r, const bl_conv_2d_s8_winograd_shape *s)
{
#define BL_P(k) sums[2 * BL_TILES * (k)]
    uint32_t y11 = 2 * (BL_P(0) - BL_P(4)) + BL_P(8);
    uint32_t y10 = 2 * (BL_P(2) - BL_P(7)) - BL_P(3) + BL_P(6) + BL_P(11);
    uint32_t y01 = 2 * (BL_P(0) - BL_P(1)) + BL_P(5) - BL_P(12) + BL_P(15);
    uint32_t y00 = 2 * (BL_P(1) - BL_P(2) + BL_P(10) - BL_P(13)) + BL_P(3) - BL_P(9) + BL_P(14);
#undef BL_P
    /* What is outside of the image is overwritten. */
    int8_t *output = tile->output + n;
    int32_t below = tile->below;
    int32_t right = s->output_width % 2 == 0 ? s->output_channels : tile->right;
    output[below + right] = bl_winograd_code(y11, r, s);
    output[below] = bl_winograd_code(y10, r, s);
    output[right] = bl_winograd_code(y01, r, s);
    output[0] = bl_winograd_code(y00, r, s);
}

BL_INLINE void bl_conv_2d_s8_winograd(int8_t *output, const int8_t *input, void *scratch, const int16_t *filter,
                                      const int32_t *bias, const int32_t *multiplier, const int8_t *shift,
                                      int32_t row_begin, int32_t row_end, int32_t input_offset, int32_t output_offset,
                                      int32_t act_min, int32_t act_max, const bl_conv_2d_s8_winograd_shape *s)
{
    int32_t groups = s->input_channels / 4;
    uint32_t *v = (uint32_t *)scratch;
    uint32_t *sums = v + groups * BL_GROUP_WORDS;
    uint32_t *inputs = sums + BL_GROUP_WORDS;
    int8_t *padding = (int8_t *)(inputs + bl_min(groups, BL_TILE_GROUPS) * 4 * BL_TILE_COLUMNS);
    for (int32_t i = 0; i < s->input_channels; i++)
        padding[i] = (int8_t)-input_offset;
    for (int32_t batch = 0; batch < s->batches; batch++) {
        int32_t y = row_begin;
        int32_t x = 0;
        while (y < row_end) {
            bl_tile tiles[BL_TILES];
            int32_t count = 0;
            while (count < BL_TILES && y < row_end) {
                int32_t run = s->output_width % (2 * BL_TILES) == 0
                                  ? BL_TILES
                                  : bl_min(BL_TILES - count, (s->output_width - x + 1) / 2);
                for (int32_t group = 0; group < groups; group += BL_TILE_GROUPS) {
                    int32_t some = groups % BL_TILE_GROUPS == 0 ? BL_TILE_GROUPS : bl_min(BL_TILE_GROUPS, groups - group);
                    bl_winograd_gather(inputs, input + 4 * group, y, x, run, some, padding, s);
                    bl_winograd_input(v + group * BL_GROUP_WORDS + count, inputs, run, some);
                }
                int32_t row = bl_ring_row(y, s->output_ring_rows, s->output_height);
                int32_t next = bl_ring_row(y + 1, s->output_ring_rows, s->output_height);
                int32_t below = y + 1 < row_end ? (next - row) * s->output_width * s->output_channels : 0;
                for (int32_t i = 0; i < run; i++, x += 2) {
                    bl_tile *tile = &tiles[count++];
                    tile->output = output + (row * s->output_width + x) * s->output_channels;
                    tile->below = below;
                    tile->right = x + 1 < s->output_width ? s->output_channels : 0;
                }
                if (x >= s->output_width) {
                    x = 0;
                    y += 2;
                }
            }
            const int16_t *u = filter;
            for (int32_t n = 0; n < s->output_channels; n += 2) {
                if (s->input_channels == 16)
                    bl_winograd_products_16(v, u, bias + n);
                else if (s->input_channels % 16 == 0)
                    bl_winograd_products_by_16(v, u, bias + n, s->input_channels);
                else if (s->input_channels % 8 == 0)
                    bl_winograd_products_by_8(v, u, bias + n, s->input_channels);
                else
                    bl_winograd_products_by_4(v, u, bias + n, s->input_channels);
                u += 16 * 2 * s->input_channels;
                for (int32_t c = n; c < bl_min(n + 2, s->output_channels); c++) {
                    int32_t bits = shift[c];
                    bl_winograd_requantizer r = {
                        multiplier[c], bits, (2 * output_offset + 1) * (1 << (bits - 1)) + 1,
                        act_min, act_max};
                    for (int32_t i = 0; i < count; i++)
                        bl_winograd_output(&tiles[i], c, sums + (c - n) * BL_TILES + i, &r, s);
                }
            }
        }
        input += s->input_ring_rows * s->input_width * s->input_channels;
        output += s->output_ring_rows * s->output_width * s->output_channels;
    }
}

#endif
