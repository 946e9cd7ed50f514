/*
 * The inner loops of octet_tables.h in assembly. They take every register, so they are functions by the calling convention alone,
 * which GCC must neither look into nor adapt. What Thumb-1 has is as good as Thumb-2, but for the lookup.
 */
#ifndef BL_OCTET_TABLES_THUMB_H
#define BL_OCTET_TABLES_THUMB_H

#include "kernel.h"

#if defined(__GNUC__) && !defined(__clang__) && defined(__thumb__)
#define BL_OCTET_ASSEMBLY
#define BL_NAKED static BL_HOT __attribute__((naked, noipa, unused))

/* Saves r2 above r4-r11; what came on the stack is then at [sp, #40]. */
#if __ARM_ARCH_ISA_THUMB == 1
#define BL_OCTET_ENTER                                                                                                  \
    ".syntax unified\n\t"                                                                                              \
    "push {r2, r4, r5, r6, r7, lr}\n\t"                                                                                \
    "mov r4, r8\n\t"                                                                                                   \
    "mov r5, r9\n\t"                                                                                                   \
    "mov r6, r10\n\t"                                                                                                  \
    "mov r7, r11\n\t"                                                                                                  \
    "push {r4, r5, r6, r7}\n\t"
#define BL_OCTET_LEAVE                                                                                                  \
    "pop {r4, r5, r6, r7}\n\t"                                                                                         \
    "mov r8, r4\n\t"                                                                                                   \
    "mov r9, r5\n\t"                                                                                                   \
    "mov r10, r6\n\t"                                                                                                  \
    "mov r11, r7\n\t"                                                                                                  \
    "pop {r2, r4, r5, r6, r7, pc}"
#else
#define BL_OCTET_ENTER                                                                                                  \
    ".syntax unified\n\t"                                                                                              \
    "push {r2, r4, r5, r6, r7, r8, r9, r10, r11, lr}\n\t"
#define BL_OCTET_LEAVE "pop {r2, r4, r5, r6, r7, r8, r9, r10, r11, pc}"
#endif

#define BL_OCTET_ADD_HIGH                                                                                               \
    "add r4, r8\n\t"                                                                                                   \
    "add r5, r9\n\t"                                                                                                   \
    "add r6, r10\n\t"                                                                                                  \
    "add r7, r11\n\t"
#define BL_OCTET_MOVE_HIGH                                                                                              \
    "mov r8, r4\n\t"                                                                                                   \
    "mov r9, r5\n\t"                                                                                                   \
    "mov r10, r6\n\t"                                                                                                  \
    "mov r11, r7\n\t"

/* r0: the entry that is read, r1 and r2: those that are written, r3: where reading ends, r12: the next step, lr: steps left. */
#define BL_OCTET_EXTEND(name, second, entries)                                                                          \
    BL_NAKED void name(uint32_t *table, const uint32_t *steps, uint32_t *end, int32_t count)                           \
    {                                                                                                                  \
        (void)table, (void)steps, (void)end, (void)count;                                                              \
        __asm__(BL_OCTET_ENTER "mov r12, r1\n\t"                                                                        \
                              "mov lr, r3\n\t"                                                                         \
                              "mov r1, r2\n\t"                                                                         \
                              "push {r0}\n"                                                                            \
                              "1:\n\t" second "mov r3, r12\n\t"                                                        \
                              "ldmia r3!, {r4, r5, r6, r7}\n\t"                                                        \
                              "mov r12, r3\n\t"                                                                        \
                              "mov r3, r1\n\t" BL_OCTET_MOVE_HIGH "2:\n\t" entries "cmp r0, r3\n\t"                     \
                              "bne 2b\n\t"                                                                             \
                              "mov r3, lr\n\t"                                                                         \
                              "subs r3, r3, #1\n\t"                                                                    \
                              "mov lr, r3\n\t"                                                                         \
                              "ldr r0, [sp]\n\t"                                                                       \
                              "bne 1b\n\t"                                                                             \
                              "pop {r0}\n\t" BL_OCTET_LEAVE);                                                           \
    }
#define BL_OCTET_ONCE "ldmia r0!, {r4, r5, r6, r7}\n\t" BL_OCTET_ADD_HIGH "stmia r1!, {r4, r5, r6, r7}\n\t"
#define BL_OCTET_TWICE BL_OCTET_ONCE BL_OCTET_ADD_HIGH "stmia r2!, {r4, r5, r6, r7}\n\t"
/* A table goes on where its last entries were written; the second ones follow as far behind the first as these do. */
#define BL_OCTET_SECOND                                                                                                 \
    "mov r1, r2\n\t"                                                                                                   \
    "subs r2, r1, r0\n\t"                                                                                              \
    "adds r2, r1, r2\n\t"

BL_OCTET_EXTEND(bl_extend_pairs, "", BL_OCTET_ONCE BL_OCTET_ONCE)
BL_OCTET_EXTEND(bl_extend_triples, BL_OCTET_SECOND, BL_OCTET_TWICE BL_OCTET_TWICE BL_OCTET_TWICE)

/* r0: sums of a channel, r1: its bytes. */
#if __ARM_ARCH_ISA_THUMB == 1
/* Sums in r8-r11, entries in r4-r7. */
#define BL_OCTET_BASE "r2"
#define BL_OCTET_BEGIN                                                                                                  \
    "ldr r4, [sp, #40]\n\t"                                                                                            \
    "mov r2, r3\n\t"                                                                                                   \
    "adds r3, r3, r4\n\t"                                                                                              \
    "mov r12, r3\n\t"                                                                                                  \
    "adds r3, r3, r4\n\t"                                                                                              \
    "mov lr, r3\n"                                                                                                     \
    "1:\n\t"                                                                                                           \
    "ldmia r0!, {r4, r5, r6, r7}\n\t" BL_OCTET_MOVE_HIGH
#define BL_OCTET_LOAD(base, i)                                                                                          \
    "ldrb r3, [r1, #" #i "]\n\t"                                                                                       \
    "lsls r3, r3, #4\n\t"                                                                                              \
    "add r3, " base "\n\t"                                                                                             \
    "ldmia r3!, {r4, r5, r6, r7}\n\t"
#define BL_OCTET_GROUP(base, i)                                                                                         \
    BL_OCTET_LOAD(base, i)                                                                                              \
    "add r8, r4\n\t"                                                                                                   \
    "add r9, r5\n\t"                                                                                                   \
    "add r10, r6\n\t"                                                                                                  \
    "add r11, r7\n\t"
#define BL_OCTET_LAST(base, i, groups)                                                                                  \
    BL_OCTET_LOAD(base, i)                                                                                              \
    BL_OCTET_ADD_HIGH                                                                                                   \
    "adds r1, r1, #" #groups "\n\t"                                                                                    \
    "subs r0, r0, #16\n\t"                                                                                             \
    "stmia r0!, {r4, r5, r6, r7}\n\t"                                                                                  \
    "ldr r3, [sp, #16]\n\t"                                                                                            \
    "cmp r0, r3\n\t"                                                                                                   \
    "bne 1b\n\t"
#else
/* Sums in r2-r5, entries in r6 and r8-r10, the end in r7. */
#define BL_OCTET_BASE "r11"
#define BL_OCTET_BEGIN                                                                                                  \
    "ldr lr, [sp, #40]\n\t"                                                                                            \
    "mov r7, r2\n\t"                                                                                                   \
    "mov r11, r3\n\t"                                                                                                  \
    "add r12, r3, lr\n\t"                                                                                              \
    "add lr, r12, lr\n"                                                                                                \
    "1:\n\t"                                                                                                           \
    "ldm r0, {r2, r3, r4, r5}\n\t"
#define BL_OCTET_GROUP(base, i)                                                                                         \
    "ldrb r6, [r1], #1\n\t"                                                                                            \
    "add r6, " base ", r6, lsl #4\n\t"                                                                                 \
    "ldm r6, {r6, r8, r9, r10}\n\t"                                                                                    \
    "adds r2, r2, r6\n\t"                                                                                              \
    "add r3, r3, r8\n\t"                                                                                               \
    "add r4, r4, r9\n\t"                                                                                               \
    "add r5, r5, r10\n\t"
#define BL_OCTET_LAST(base, i, groups)                                                                                  \
    BL_OCTET_GROUP(base, i)                                                                                             \
    "stmia r0!, {r2, r3, r4, r5}\n\t"                                                                                  \
    "cmp r0, r7\n\t"                                                                                                   \
    "bne 1b\n\t"
#endif

#define BL_OCTET_ADD(name, groups)                                                                                      \
    BL_NAKED void name(uint32_t *sums, const uint8_t *codes, const uint32_t *end, const uint32_t *tables,              \
                       int32_t bytes)                                                                                  \
    {                                                                                                                  \
        (void)sums, (void)codes, (void)end, (void)tables, (void)bytes;                                                 \
        __asm__(BL_OCTET_ENTER BL_OCTET_BEGIN groups BL_OCTET_LEAVE);                                                     \
    }

BL_OCTET_ADD(bl_add_entries_1, BL_OCTET_LAST(BL_OCTET_BASE, 0, 1))
BL_OCTET_ADD(bl_add_entries_2, BL_OCTET_GROUP(BL_OCTET_BASE, 0) BL_OCTET_LAST("r12", 1, 2))
BL_OCTET_ADD(bl_add_entries_3, BL_OCTET_GROUP(BL_OCTET_BASE, 0) BL_OCTET_GROUP("r12", 1) BL_OCTET_LAST("lr", 2, 3))

#endif

#endif
