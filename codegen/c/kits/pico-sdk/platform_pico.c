/* SPDX-License-Identifier: Apache-2.0 */
/* Console on the SDK's stdio, time by the timer of microseconds. */
#include <stdio.h>

#include "hardware/clocks.h"
#include "pico/stdlib.h"
#include "platform.h"

void platform_start(void) { stdio_init_all(); }

void platform_write(const char *text) {
    for (; *text != '\0'; text++) putchar_raw(*text);
    stdio_flush();
}

void platform_read(void *to, uint32_t bytes) {
    uint8_t *at = to;
    for (uint32_t i = 0; i < bytes; i++) at[i] = (uint8_t)getchar();
}

/* The SDK stops the core when main returns. */
void platform_exit(int status) { (void)status; }

platform_time platform_now(void) {
    const platform_time now = {0, time_us_32() * (clock_get_hz(clk_sys) / 1000000u)};
    return now;
}
