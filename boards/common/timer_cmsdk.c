/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions of an Arm MPS2 in QEMU under -icount, by its CMSDK APB timer: 32 bits, counting down. */
#include "platform.h"

#define REGISTER(offset) (*(volatile uint32_t *)(TIMER_ADDRESS + (offset)))

void timer_start(void) {
    REGISTER(0x8u) = ~0u; /* RELOAD */
    REGISTER(0x4u) = ~0u; /* VALUE */
    REGISTER(0x0u) = 1;   /* CTRL: enable */
}

platform_time platform_now(void) {
    const platform_time now = {~REGISTER(0x4u), 0};
    return now;
}
