/* SPDX-License-Identifier: Apache-2.0 */
/* What self-test and example need of the machine that they run on. */
#ifndef BITLOOM_PLATFORM_H
#define BITLOOM_PLATFORM_H

#include <stdint.h>

/* Free-running counters; differences are modulo 2^32. A machine leaves what it cannot count at 0. */
typedef struct {
    uint32_t ticks;  /* of a timer that an emulator drives by executed instructions */
    uint32_t cycles; /* of the core's clock */
} platform_time;

typedef struct {
    platform_time time;
    uint32_t stack; /* deepest bytes below the caller; 0 where it cannot be measured */
} platform_cost;

/* Called once before all else. */
void platform_start(void);
void platform_write(const char *text);
/* Reads raw bytes from the console; waits until all are there. */
void platform_read(void *to, uint32_t bytes);
/* Ends the program, with status 0 for success. Does not return. */
void platform_exit(int status);
platform_time platform_now(void);
/* Calls run(arena) and measures it. */
platform_cost platform_measure(void (*run)(void *), void *arena);

/* Parts of a platform that measure.c starts. */
void console_start(void);
void timer_start(void);

#endif
