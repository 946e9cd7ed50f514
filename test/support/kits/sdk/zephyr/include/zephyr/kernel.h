#ifndef ZEPHYR_KERNEL_H
#define ZEPHYR_KERNEL_H

#include <stdint.h>

uint32_t k_cycle_get_32(void);

#endif
