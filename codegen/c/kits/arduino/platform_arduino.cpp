/* SPDX-License-Identifier: Apache-2.0 */
/* Console on Serial, time by micros(). */
#include <Arduino.h>

extern "C" {
#include "platform.h"

void platform_start(void) {
    Serial.begin(115200);
    while (!Serial) {
    }
}

void platform_write(const char *text) { Serial.print(text); }

void platform_read(void *to, uint32_t bytes) {
    uint8_t *at = static_cast<uint8_t *>(to);
    for (uint32_t i = 0; i < bytes; i++) {
        while (Serial.available() <= 0) {
        }
        at[i] = static_cast<uint8_t>(Serial.read());
    }
}

/* Sketches do not end. */
void platform_exit(int status) {
    (void)status;
    Serial.flush();
}

platform_time platform_now(void) {
#ifdef F_CPU
    const platform_time now = {0, static_cast<uint32_t>(micros() * (F_CPU / 1000000u))};
#else
    const platform_time now = {0, 0};
#endif
    return now;
}
}
