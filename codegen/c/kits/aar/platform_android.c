/* SPDX-License-Identifier: Apache-2.0 */
/* Console on the standard streams; ticks are nanoseconds of the clock that does not jump. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "platform.h"

void platform_start(void) {}

void platform_write(const char *text) { fputs(text, stdout); }

void platform_read(void *to, uint32_t bytes) {
    if (fread(to, 1, bytes, stdin) != bytes) exit(1);
}

void platform_exit(int status) { exit(status); }

platform_time platform_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    const platform_time time = {(uint32_t)now.tv_sec * 1000000000u + (uint32_t)now.tv_nsec, 0};
    return time;
}
