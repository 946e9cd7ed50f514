/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Console on the streams that the project retargets (__io_putchar, __io_getchar), time by the cycle counter of the debug unit. All are
 * weak: define what your project has otherwise.
 */
#include <stdio.h>

#include "platform.h"

#define WEAK __attribute__((weak))

#if defined(__ARM_ARCH_6M__)
/* Cores of this architecture have no such counter. */
WEAK void platform_start(void) {}

WEAK platform_time platform_now(void) {
    const platform_time now = {0, 0};
    return now;
}
#else
#define DEMCR (*(volatile uint32_t *)0xE000EDFCu)
#define DEMCR_TRCENA (1u << 24)
#define DWT_CTRL (*(volatile uint32_t *)0xE0001000u)
#define DWT_CYCCNT (*(volatile uint32_t *)0xE0001004u)
#define DWT_LAR (*(volatile uint32_t *)0xE0001FB0u)

WEAK void platform_start(void) {
    DEMCR |= DEMCR_TRCENA;
#if defined(__ARM_ARCH_7EM__)
    DWT_LAR = 0xC5ACCE55u; /* the Cortex-M7 locks its counter */
#endif
    DWT_CYCCNT = 0;
    DWT_CTRL |= 1u;
}

WEAK platform_time platform_now(void) {
    const platform_time now = {0, DWT_CYCCNT};
    return now;
}
#endif

WEAK void platform_write(const char *text) {
    fputs(text, stdout);
    fflush(stdout);
}

WEAK void platform_read(void *to, uint32_t bytes) {
    uint8_t *at = to;
    for (uint32_t i = 0; i < bytes; i++) at[i] = (uint8_t)getchar();
}

WEAK void platform_exit(int status) { (void)status; }
