#include <stdarg.h>
#include <stdio.h>
#include <zephyr/console/console.h>
#include <zephyr/kernel.h>
#include <zephyr/sys/printk.h>

#include "board.h"

void printk(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    fflush(stdout);
}

int console_init(void) {
    board_start();
    return 0;
}

int console_getchar(void) {
    uint8_t byte;
    board_read(&byte, 1);
    return byte;
}

uint32_t k_cycle_get_32(void) { return board_now().ticks; }
