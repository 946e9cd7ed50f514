#include "Arduino.h"

#include "board.h"

HardwareSerial Serial;

void HardwareSerial::begin(unsigned long) { board_start(); }
void HardwareSerial::print(const char *text) { board_write(text); }
int HardwareSerial::available() { return 1; }
int HardwareSerial::read() {
    uint8_t byte;
    board_read(&byte, 1);
    return byte;
}
void HardwareSerial::flush() {}

unsigned long micros() { return board_now().ticks; }

/* A real core's loop never ends. */
int main() {
    setup();
    loop();
    return 0;
}
