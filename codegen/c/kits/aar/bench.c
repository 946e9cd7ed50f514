/* SPDX-License-Identifier: Apache-2.0 */
/* Times of one inference on the first golden input: bench [runs] */
#include <stdio.h>
#include <stdlib.h>

#include "platform.h"
#include "selftest.h"

#define WARM_UP 5
#define MOST_RUNS 10000

static int ascending(const void *a, const void *b) {
    const uint32_t x = *(const uint32_t *)a;
    const uint32_t y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static uint32_t nanoseconds(void) {
    for (uint32_t i = 0; i < selftest_input_count; i++) selftest_give(i, selftest_runs[0].inputs[i]);
    return platform_measure(selftest_model, selftest_arena).time.ticks;
}

/* The model's trace hook, which vectors name, is for the self-test. */
void selftest_layer(const void *data, uint32_t bytes) {
    (void)data;
    (void)bytes;
}

int main(int count, char **arguments) {
    static uint32_t times[MOST_RUNS];
    const int runs = count > 1 ? atoi(arguments[1]) : 50;
    if (runs < 1 || runs > MOST_RUNS) return 1;
    selftest_reset();
    for (int run = 0; run < WARM_UP; run++) (void)nanoseconds();
    for (int run = 0; run < runs; run++) times[run] = nanoseconds();
    qsort(times, (size_t)runs, sizeof times[0], ascending);
    printf("%s: %d runs, median %.1f us, fastest %.1f us\n", selftest_name, runs, times[runs / 2] / 1000.0, times[0] / 1000.0);
    return 0;
}
