/* The inner loops of word_tables.h in assembly: functions that take every register, as those of octet_tables_thumb.h. */
#ifndef BL_WORD_TABLES_THUMB_H
#define BL_WORD_TABLES_THUMB_H

#include "octet_tables_thumb.h"

#ifdef BL_OCTET_ASSEMBLY

#if __ARM_ARCH_ISA_THUMB == 1
/* r0: bytes, r1: an entry, r2: the sum, r3: where it lies, r4-r7: low and high halves of two tables, r8: the end. */
#define BL_WORD_TABLES 2
#define BL_WORD_BEGIN                                                                                                  \
    "mov r8, r2\n\t"                                                                                                   \
    "ldr r7, [sp, #40]\n\t"                                                                                            \
    "mov r4, r3\n\t"                                                                                                   \
    "adds r5, r4, #2\n\t"                                                                                              \
    "adds r6, r4, r7\n\t"                                                                                              \
    "adds r7, r6, #2\n\t"                                                                                              \
    "mov r3, r0\n\t"                                                                                                   \
    "mov r0, r1\n"                                                                                                     \
    "1:\n\t"                                                                                                           \
    "ldr r2, [r3]\n\t"
/* Low halves are positive. */
#define BL_WORD_ENTRY(base, i)                                                                                         \
    "ldrb r1, [r0, #" #i "]\n\t"                                                                                       \
    "lsls r1, r1, #2\n\t"                                                                                              \
    "ldrsh r1, [" #base ", r1]\n\t"                                                                                    \
    "adds r2, r2, r1\n\t"
#define BL_WORD_END(groups)                                                                                            \
    "stmia r3!, {r2}\n\t"                                                                                              \
    "adds r0, r0, #" #groups "\n\t"                                                                                    \
    "cmp r3, r8\n\t"                                                                                                   \
    "bne 1b\n\t"
#define BL_WORD_ONE BL_WORD_ENTRY(r4, 0) BL_WORD_ENTRY(r5, 1) BL_WORD_END(2)
#define BL_WORD_ALL                                                                                                    \
    BL_WORD_ENTRY(r4, 0) BL_WORD_ENTRY(r5, 1) BL_WORD_ENTRY(r6, 2) BL_WORD_ENTRY(r7, 3) BL_WORD_END(4)
#else
/* r0: where the sum lies, r1: bytes, r2: the sum, r3 and lr: entries, r4-r11: low and high halves of four tables, r12: the end. */
#define BL_WORD_TABLES 4
#define BL_WORD_BEGIN                                                                                                  \
    "mov r12, r2\n\t"                                                                                                  \
    "ldr lr, [sp, #40]\n\t"                                                                                            \
    "mov r4, r3\n\t"                                                                                                   \
    "add r6, r4, lr\n\t"                                                                                               \
    "add r8, r6, lr\n\t"                                                                                               \
    "add r10, r8, lr\n\t"                                                                                              \
    "add r5, r4, #2\n\t"                                                                                               \
    "add r7, r6, #2\n\t"                                                                                               \
    "add r9, r8, #2\n\t"                                                                                               \
    "add r11, r10, #2\n"                                                                                               \
    "1:\n\t"                                                                                                           \
    "ldr r2, [r0]\n\t"
#define BL_WORD_TWO(low, high)                                                                                         \
    "ldrb r3, [r1], #1\n\t"                                                                                            \
    "ldrb lr, [r1], #1\n\t"                                                                                            \
    "ldrsh r3, [" #low ", r3, lsl #2]\n\t"                                                                             \
    "ldrsh lr, [" #high ", lr, lsl #2]\n\t"                                                                            \
    "add r2, r2, r3\n\t"                                                                                               \
    "add r2, r2, lr\n\t"
#define BL_WORD_END                                                                                                    \
    "str r2, [r0], #4\n\t"                                                                                             \
    "cmp r0, r12\n\t"                                                                                                  \
    "bne 1b\n\t"
#define BL_WORD_ONE BL_WORD_TWO(r4, r5) BL_WORD_END
#define BL_WORD_ALL BL_WORD_TWO(r4, r5) BL_WORD_TWO(r6, r7) BL_WORD_TWO(r8, r9) BL_WORD_TWO(r10, r11) BL_WORD_END
#endif

#define BL_WORD_ADD(name, groups)                                                                                      \
    BL_NAKED void name(int32_t *sums, const uint8_t *codes, const int32_t *end, const uint32_t *tables, int32_t bytes) \
    {                                                                                                                  \
        (void)sums, (void)codes, (void)end, (void)tables, (void)bytes;                                                 \
        __asm__(BL_OCTET_ENTER BL_WORD_BEGIN groups BL_OCTET_LEAVE);                                                   \
    }

BL_WORD_ADD(bl_add_words_1, BL_WORD_ONE)
BL_WORD_ADD(bl_add_words, BL_WORD_ALL)

/*
 * Completes a table of `size` words, a multiple of 9, as octet_tables.h does, with steps of a word. r0: what is read, r1 and r2:
 * what is written, r3: where reading ends, r7: the step, r12: the next step, lr: steps left.
 */
BL_NAKED void bl_extend_words(uint32_t *table, const uint32_t *steps, uint32_t *end, int32_t count)
{
    (void)table, (void)steps, (void)end, (void)count;
#define BL_WORD_THREE                                                                                                  \
    "ldmia r0!, {r4, r5, r6}\n\t"                                                                                      \
    "adds r4, r4, r7\n\t"                                                                                              \
    "adds r5, r5, r7\n\t"                                                                                              \
    "adds r6, r6, r7\n\t"                                                                                              \
    "stmia r1!, {r4, r5, r6}\n\t"                                                                                      \
    "adds r4, r4, r7\n\t"                                                                                              \
    "adds r5, r5, r7\n\t"                                                                                              \
    "adds r6, r6, r7\n\t"                                                                                              \
    "stmia r2!, {r4, r5, r6}\n\t"
    __asm__(BL_OCTET_ENTER "mov r12, r1\n\t"
                           "mov lr, r3\n\t"
                           "push {r0}\n"
                           "1:\n\t" BL_OCTET_SECOND "mov r3, r12\n\t"
                           "ldmia r3!, {r7}\n\t"
                           "mov r12, r3\n\t"
                           "mov r3, r1\n"
                           "2:\n\t" BL_WORD_THREE BL_WORD_THREE BL_WORD_THREE "cmp r0, r3\n\t"
                           "bne 2b\n\t"
                           "mov r3, lr\n\t"
                           "subs r3, r3, #1\n\t"
                           "mov lr, r3\n\t"
                           "ldr r0, [sp]\n\t"
                           "bne 1b\n\t"
                           "pop {r0}\n\t" BL_OCTET_LEAVE);
#undef BL_WORD_THREE
}

#endif

#endif
