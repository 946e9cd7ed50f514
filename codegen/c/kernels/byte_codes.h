/*
 * Packed codes of 4 and 2 bits to bytes and back, four at a time. Rows begin at whole words in both; the bits left in a packed row's
 * last word are zero.
 */
#ifndef BL_BYTE_CODES_H
#define BL_BYTE_CODES_H

#include "packed.h"
#include "simd32.h"

typedef struct {
    int32_t rows, depth, bits;
} bl_byte_codes_shape;

typedef bl_byte_codes_shape bl_unpack_codes_shape;
typedef bl_byte_codes_shape bl_pack_codes_shape;

/* The lowest four codes as bytes. */
BL_INLINE uint32_t bl_bytes_of_codes(uint32_t codes, int32_t bits)
{
    uint32_t pairs;
    if (bits == 4) {
        pairs = codes & 0xffffu;
        pairs = (pairs | pairs << 8) & 0x00ff00ffu;
        return (pairs | pairs << 4) & 0x0f0f0f0fu;
    }
    pairs = codes & 0xffu;
    pairs = (pairs | pairs << 12) & 0x000f000fu;
    return (pairs | pairs << 6) & 0x03030303u;
}

/* Each of four bytes, unsigned, but no more than the largest code. */
BL_INLINE uint32_t bl_at_most_codes(uint32_t bytes, int32_t bits)
{
    uint32_t codes = bits == 4 ? 0x0f0f0f0fu : 0x03030303u;
#if defined(BL_DSP)
    __asm__("uqadd8 %0, %1, %2" : "=r"(bytes) : "r"(bytes), "r"(~codes));
#else
    uint32_t most = bits == 4 ? 0x0f0f0f0fu : 0x3f3f3f3fu;
    uint32_t beyond = ((((bytes >> bits) & most) + most) >> (8 - bits)) & 0x01010101u;
    bytes |= (beyond << bits) - beyond;
#endif
    return bytes & codes;
}

/* Four bytes, none more than the largest code, as codes in the lowest bits. */
BL_INLINE uint32_t bl_codes_of_bytes(uint32_t bytes, int32_t bits)
{
    if (bits == 4) {
        bytes |= bytes >> 4;
        return (bytes & 0xffu) | (bytes >> 8 & 0xff00u);
    }
    bytes |= bytes >> 6;
    return (bytes & 0xfu) | (bytes >> 12 & 0xf0u);
}

/* A byte is a code: its number is the same. */
BL_INLINE void bl_unpack_codes(int8_t *output, const uint32_t *input, const bl_unpack_codes_shape *s)
{
    int32_t per_word = 32 / s->bits;
    for (int32_t row = 0; row < s->rows; row++) {
        int32_t left = s->depth;
        for (; left >= per_word; left -= per_word) {
            uint32_t word = *input++;
            BL_UNROLL(4)
            for (int32_t i = 0; i < per_word; i += 4, output += 4)
                bl_store_word(output, bl_bytes_of_codes(word >> (i * s->bits), s->bits));
        }
        if (left > 0) {
            for (uint32_t word = *input++; left > 0; left--, word >>= s->bits)
                *output++ = (int8_t)(word & ((1u << s->bits) - 1u));
        }
    }
}

/* A code is a byte and 128, as far as there are such codes. */
BL_INLINE void bl_pack_codes(uint32_t *output, const int8_t *input, const bl_pack_codes_shape *s)
{
    int32_t per_word = 32 / s->bits;
    for (int32_t row = 0; row < s->rows; row++) {
        int32_t left = s->depth;
        for (; left >= per_word; left -= per_word) {
            uint32_t word = 0;
            BL_UNROLL(4)
            for (int32_t i = 0; i < per_word; i += 4, input += 4) {
                uint32_t bytes = bl_at_most_codes(bl_load_word(input) ^ 0x80808080u, s->bits);
                word |= bl_codes_of_bytes(bytes, s->bits) << (i * s->bits);
            }
            *output++ = word;
        }
        if (left > 0) {
            uint32_t word = 0;
            for (int32_t i = 0; i < left; i++)
                word |= (uint32_t)bl_min(*input++ + 128, (1 << s->bits) - 1) << (i * s->bits);
            *output++ = word;
        }
    }
}

#endif
