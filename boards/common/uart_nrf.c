/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Console on the UART of nRF51 and nRF52 (115200 baud, 8N1), on the pins CONSOLE_TX and
 * CONSOLE_RX: 0 to 31 are those of port 0, 32 and up those of port 1. It has no buffer and needs no clock set up.
 * Registers: nRF51 reference manual, section 29; nRF52840 product specification, section 6.33.
 */
#include "platform.h"

#define UART(offset) (*(volatile uint32_t *)(0x40002000u + (offset)))
#define TASKS_STARTTX UART(0x008u)
#define TASKS_STARTRX UART(0x000u)
#define EVENTS_RXDRDY UART(0x108u)
#define EVENTS_TXDRDY UART(0x11Cu)
#define ENABLE UART(0x500u)
#define ENABLE_UART 4u
#define PSELTXD UART(0x50Cu)
#define PSELRXD UART(0x514u)
#define RXD UART(0x518u)
#define TXD UART(0x51Cu)
#define BAUDRATE UART(0x524u)
#define BAUD_115200 0x01D7E000u

void console_start(void) {
    PSELTXD = CONSOLE_TX;
    PSELRXD = CONSOLE_RX;
    BAUDRATE = BAUD_115200;
    ENABLE = ENABLE_UART;
    TASKS_STARTTX = 1;
    TASKS_STARTRX = 1;
}

void platform_write(const char *text) {
    for (; *text != '\0'; text++) {
        EVENTS_TXDRDY = 0;
        TXD = (uint8_t)*text;
        while (EVENTS_TXDRDY == 0) {
        }
    }
}

/* The receiver keeps six bytes that nobody reads. */
void platform_read(void *to, uint32_t bytes) {
    uint8_t *at = to;
    for (uint32_t i = 0; i < bytes; i++) {
        while (EVENTS_RXDRDY == 0) {
        }
        EVENTS_RXDRDY = 0;
        at[i] = (uint8_t)RXD;
    }
}

/* The lines that the self-test has printed tell the status. */
void platform_exit(int status) {
    (void)status;
    for (;;) __asm__ volatile("wfi");
}
