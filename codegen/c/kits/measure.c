/* SPDX-License-Identifier: Apache-2.0 */
/* Time of a call where the stack belongs to the framework: what it takes of it is not measured. */
#include "platform.h"

platform_cost platform_measure(void (*run)(void *), void *arena) {
    const platform_time start = platform_now();
    run(arena);
    const platform_time end = platform_now();
    const platform_cost cost = {{end.ticks - start.ticks, end.cycles - start.cycles}, 0};
    return cost;
}
