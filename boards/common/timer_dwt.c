/* SPDX-License-Identifier: Apache-2.0 */
/* Cycles of a real Cortex-M3 and up, by the cycle counter of its debug unit. */
#include "platform.h"

#define DEMCR (*(volatile uint32_t *)0xE000EDFCu)
#define DEMCR_TRCENA (1u << 24)
#define DWT_CTRL (*(volatile uint32_t *)0xE0001000u)
#define DWT_CYCCNT (*(volatile uint32_t *)0xE0001004u)
#define DWT_LAR (*(volatile uint32_t *)0xE0001FB0u)

void timer_start(void) {
    DEMCR |= DEMCR_TRCENA;
#if defined(__ARM_ARCH_7EM__)
    DWT_LAR = 0xC5ACCE55u; /* the Cortex-M7 locks its counter */
#endif
    DWT_CYCCNT = 0;
    DWT_CTRL |= 1u;
}

platform_time platform_now(void) {
    const platform_time now = {0, DWT_CYCCNT};
    return now;
}
