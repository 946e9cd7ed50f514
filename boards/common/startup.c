/* SPDX-License-Identifier: Apache-2.0 */
/* Start-up of a Cortex-M: vector table, memory, floating point and vector units, fault report. */
#include "platform.h"

extern uint32_t __stack_limit, __stack_top;
extern uint32_t __hot_load, __hot_start, __hot_end;
extern uint32_t __data_load, __data_start, __data_end;
extern uint32_t __bss_start, __bss_end;

int main(void);
void reset_handler(void);
void fault_handler(void);
void fault_report(const uint32_t *frame);
void systick_handler(void);

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define VTOR REGISTER(0xE000ED08u)
#define CFSR REGISTER(0xE000ED28u)
#define CPACR REGISTER(0xE000ED88u)

/* Weak: the timer that needs the interrupt defines it. */
__attribute__((weak, alias("fault_handler"))) void systick_handler(void);

typedef union {
    const void *stack;
    void (*handler)(void);
} vector;

__attribute__((section(".vectors"), used)) const vector vectors[16] = {
    {.stack = &__stack_top},      {.handler = reset_handler}, {.handler = fault_handler}, {.handler = fault_handler},
    {.handler = fault_handler},   {.handler = fault_handler}, {.handler = fault_handler}, {.handler = fault_handler},
    {.stack = 0},                 {.stack = 0},               {.stack = 0},               {.handler = fault_handler},
    {.handler = fault_handler},   {.stack = 0},               {.handler = fault_handler}, {.handler = systick_handler},
};

static void copy(const uint32_t *from, uint32_t *to, const uint32_t *end) {
    while (to < end) *to++ = *from++;
}

__attribute__((noreturn)) void reset_handler(void) {
    VTOR = (uint32_t)(uintptr_t)vectors;
#if defined(__ARM_ARCH_8M_MAIN__) || defined(__ARM_ARCH_8_1M_MAIN__)
    __asm__ volatile("msr msplim, %0" : : "r"(&__stack_limit));
#endif
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
    CPACR |= 0xFu << 20;
    __asm__ volatile("dsb\n\tisb" : : : "memory");
#endif
    copy(&__hot_load, &__hot_start, &__hot_end);
    copy(&__data_load, &__data_start, &__data_end);
    for (uint32_t *to = &__bss_start; to < &__bss_end;) *to++ = 0;
    __asm__ volatile("dsb\n\tisb" : : : "memory"); /* what was copied may be code */
    platform_exit(main());
    for (;;) {
    }
}

/* The stack may be what overflowed, so the report starts on a fresh one. */
__attribute__((naked)) void fault_handler(void) {
    __asm__ volatile(
        "mrs r0, msp\n\t"
        "ldr r1, =__stack_top\n\t"
        "msr msp, r1\n\t"
        "ldr r1, =fault_report\n\t"
        "bx r1\n\t"
        ".ltorg");
}

static void write_hex(const char *label, uint32_t value) {
    char text[] = "00000000";
    for (int i = 7; i >= 0; i--, value >>= 4) text[i] = "0123456789abcdef"[value & 15u];
    platform_write(label);
    platform_write(text);
}

/* Prints `fault exception=.. pc=.. lr=.. status=..` and ends the program with status 2. */
void fault_report(const uint32_t *frame) {
    /* Copied first: the calls below may overwrite a frame that lies at the top of the stack. */
    const int whole = frame >= &__stack_limit && frame + 8 <= &__stack_top;
    const uint32_t lr = whole ? frame[5] : 0, pc = whole ? frame[6] : 0;
    uint32_t exception;
    __asm__ volatile("mrs %0, ipsr" : "=r"(exception));
    write_hex("fault exception=0x", exception);
    write_hex(" pc=0x", pc);
    write_hex(" lr=0x", lr);
#if !defined(__ARM_ARCH_6M__)
    write_hex(" status=0x", CFSR);
#endif
    platform_write("\n");
    platform_exit(2);
}
