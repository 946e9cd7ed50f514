/* SPDX-License-Identifier: Apache-2.0 */
/* The platform of self-test and example on a computer. Nothing here counts instructions or stack. */
#include "platform.h"

#include <stdio.h>
#include <stdlib.h>

void platform_start(void) {}

void platform_write(const char *text) { fputs(text, stdout); }

void platform_read(void *to, uint32_t bytes) {
    if (fread(to, 1, bytes, stdin) != bytes) exit(1);
}

void platform_exit(int status) { exit(status); }

platform_time platform_now(void) {
    const platform_time now = {0, 0};
    return now;
}

platform_cost platform_measure(void (*run)(void *), void *arena) {
    const platform_cost cost = {{0, 0}, 0};
    run(arena);
    return cost;
}
