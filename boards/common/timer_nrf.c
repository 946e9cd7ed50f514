/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions of an nRF51 in QEMU under -icount, by its TIMER0: 32 bits, 16 MHz, captured on demand. nRF51 reference manual, section 18. */
#include "platform.h"

#define TIMER(offset) (*(volatile uint32_t *)(TIMER_ADDRESS + (offset)))
#define TASKS_START TIMER(0x000u)
#define TASKS_CAPTURE_0 TIMER(0x040u)
#define BITMODE TIMER(0x508u)
#define BITMODE_32 3u
#define PRESCALER TIMER(0x510u)
#define CC_0 TIMER(0x540u)

void timer_start(void) {
    BITMODE = BITMODE_32;
    PRESCALER = 0;
    TASKS_START = 1;
}

platform_time platform_now(void) {
    TASKS_CAPTURE_0 = 1;
    const platform_time now = {CC_0, 0};
    return now;
}
