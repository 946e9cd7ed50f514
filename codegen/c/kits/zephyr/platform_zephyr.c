/* SPDX-License-Identifier: Apache-2.0 */
/* Console by Zephyr's console subsystem, time by the kernel's cycle counter. */
#include <zephyr/console/console.h>
#include <zephyr/kernel.h>
#include <zephyr/sys/printk.h>

#include "platform.h"

void platform_start(void) { console_init(); }

void platform_write(const char *text) { printk("%s", text); }

void platform_read(void *to, uint32_t bytes) {
    uint8_t *at = to;
    for (uint32_t i = 0; i < bytes; i++) at[i] = (uint8_t)console_getchar();
}

/* The kernel goes on when main returns. */
void platform_exit(int status) { (void)status; }

platform_time platform_now(void) {
    const platform_time now = {0, k_cycle_get_32()};
    return now;
}
