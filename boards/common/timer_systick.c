/* SPDX-License-Identifier: Apache-2.0 */
/* Cycles of a real Cortex-M0+, which has no cycle counter: SysTick's 24 bits and a count of its wraps. */
#include "platform.h"

#define SYST_CSR (*(volatile uint32_t *)0xE000E010u)
#define SYST_RVR (*(volatile uint32_t *)0xE000E014u)
#define SYST_CVR (*(volatile uint32_t *)0xE000E018u)
#define CSR_CORE_CLOCK_INTERRUPT_ENABLE 7u

static volatile uint32_t wraps;

void systick_handler(void);
void systick_handler(void) { wraps++; }

void timer_start(void) {
    SYST_RVR = 0xFFFFFFu;
    SYST_CVR = 0;
    SYST_CSR = CSR_CORE_CLOCK_INTERRUPT_ENABLE;
}

platform_time platform_now(void) {
    uint32_t before, down;
    do {
        before = wraps;
        down = SYST_CVR;
    } while (before != wraps);
    const platform_time now = {0, (before << 24) + (0xFFFFFFu - down)};
    return now;
}
