#ifndef PICO_STDLIB_H
#define PICO_STDLIB_H

#include <stdbool.h>
#include <stdint.h>

bool stdio_init_all(void);
int putchar_raw(int c);
void stdio_flush(void);
uint32_t time_us_32(void);

#endif
