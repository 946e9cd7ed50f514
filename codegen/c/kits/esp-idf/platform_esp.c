/* SPDX-License-Identifier: Apache-2.0 */
/* Console on the standard streams, time by the core's cycle counter. */
#include <stdio.h>

#include "esp_cpu.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "platform.h"

void platform_start(void) {}

void platform_write(const char *text) {
    fputs(text, stdout);
    fflush(stdout);
}

/* Streams of the console do not wait unless its driver is installed: a byte that is not there yet is asked for again. */
void platform_read(void *to, uint32_t bytes) {
    uint8_t *at = to;
    for (uint32_t i = 0; i < bytes;) {
        const int byte = getchar();
        if (byte == EOF) {
            clearerr(stdin);
            vTaskDelay(1);
        } else {
            at[i++] = (uint8_t)byte;
        }
    }
}

void platform_exit(int status) { (void)status; }

platform_time platform_now(void) {
    const platform_time now = {0, (uint32_t)esp_cpu_get_cycle_count()};
    return now;
}
