/* As much of an Arduino core as the kit uses. */
#ifndef ARDUINO_H
#define ARDUINO_H

#include <stdint.h>

#define F_CPU 1000000u

class HardwareSerial {
  public:
    void begin(unsigned long baud);
    void print(const char *text);
    int available();
    int read();
    void flush();
    explicit operator bool() const { return true; }
};

extern HardwareSerial Serial;
unsigned long micros();

void setup();
void loop();

#endif
