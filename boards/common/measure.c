/* SPDX-License-Identifier: Apache-2.0 */
/* Time and stack of a call where the stack has a known end. */
#include "platform.h"

#define PAINT 0xB17100B1u

extern uint32_t __stack_limit;

void platform_start(void) {
    console_start();
    timer_start();
}

/*
 * Nothing lives below the stack pointer of the function that runs, so all of it down to the limit can be painted;
 * what the call leaves unpainted, it has used. A word that the call reserves but never writes at its deepest
 * point is not seen. `volatile` keeps the loop from becoming a call of memset, whose own frame it would paint.
 */
__attribute__((noinline)) platform_cost platform_measure(void (*run)(void *), void *arena) {
    volatile uint32_t *top;
#if defined(__x86_64__)
    __asm__ volatile("mov %%rsp, %0" : "=r"(top));
#else
    __asm__ volatile("mov %0, sp" : "=r"(top));
#endif
    for (volatile uint32_t *word = &__stack_limit; word < top; word++) *word = PAINT;

    const platform_time start = platform_now();
    run(arena);
    const platform_time end = platform_now();

    volatile uint32_t *deepest = &__stack_limit;
    while (deepest < top && *deepest == PAINT) deepest++;
    const platform_cost cost = {{end.ticks - start.ticks, end.cycles - start.cycles},
                                (uint32_t)((top - deepest) * (int32_t)sizeof(uint32_t))};
    return cost;
}
