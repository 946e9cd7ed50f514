#include "board.h"
#include "hardware/clocks.h"
#include "pico/stdlib.h"

bool stdio_init_all(void) {
    board_start();
    return true;
}
int putchar_raw(int c) {
    const char text[2] = {(char)c, '\0'};
    board_write(text);
    return c;
}
void stdio_flush(void) {}
uint32_t time_us_32(void) { return board_now().ticks; }
uint32_t clock_get_hz(enum clock_index clock) { return clock == clk_sys ? 1000000u : 0u; }
