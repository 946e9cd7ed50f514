/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Console on the RP2040's UART0 (GPIO 0 transmits, GPIO 1 receives; 115200 baud, 8N1), clocked by the 12 MHz crystal.
 * Registers: RP2040 data sheet, sections 2.14 (resets), 2.15 (clocks), 2.16 (crystal), 2.19 (GPIO), 4.2 (UART).
 */
#include "platform.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define ATOMIC_CLEAR 0x3000u

#define RESETS 0x4000C000u
#define RESETS_DONE REGISTER(RESETS + 0x8u)
#define RESET_IO_BANK0 (1u << 5)
#define RESET_PADS_BANK0 (1u << 8)
#define RESET_UART0 (1u << 22)

#define XOSC_CTRL REGISTER(0x40024000u)
#define XOSC_STATUS REGISTER(0x40024004u)
#define XOSC_STARTUP REGISTER(0x4002400Cu)
#define XOSC_ENABLE_1_15_MHZ 0x00FABAA0u
#define XOSC_STABLE (1u << 31)
#define XOSC_DELAY 47u /* in 256 cycles of 12 MHz: 1 ms */

#define CLK_REF_CTRL REGISTER(0x40008030u)
#define CLK_REF_SELECTED REGISTER(0x40008038u)
#define CLK_REF_XOSC 2u
#define CLK_PERI_CTRL REGISTER(0x40008048u)
#define CLK_PERI_ENABLE (1u << 11)

#define GPIO0_CTRL REGISTER(0x40014004u)
#define GPIO1_CTRL REGISTER(0x4001400Cu)
#define FUNCTION_UART 2u

#define UART0_DR REGISTER(0x40034000u)
#define UART0_FR REGISTER(0x40034018u)
#define UART0_IBRD REGISTER(0x40034024u)
#define UART0_FBRD REGISTER(0x40034028u)
#define UART0_LCR_H REGISTER(0x4003402Cu)
#define UART0_CR REGISTER(0x40034030u)
#define FR_BUSY (1u << 3)
#define FR_RXFE (1u << 4)
#define FR_TXFF (1u << 5)

void console_start(void) {
    const uint32_t parts = RESET_IO_BANK0 | RESET_PADS_BANK0 | RESET_UART0;
    REGISTER(RESETS + ATOMIC_CLEAR) = parts;
    while ((RESETS_DONE & parts) != parts) {
    }
    /* The system clock follows the reference clock after reset, so the core runs at 12 MHz too. */
    XOSC_STARTUP = XOSC_DELAY;
    XOSC_CTRL = XOSC_ENABLE_1_15_MHZ;
    while ((XOSC_STATUS & XOSC_STABLE) == 0) {
    }
    CLK_REF_CTRL = CLK_REF_XOSC;
    while ((CLK_REF_SELECTED & (1u << CLK_REF_XOSC)) == 0) {
    }
    CLK_PERI_CTRL = CLK_PERI_ENABLE;
    GPIO0_CTRL = FUNCTION_UART;
    GPIO1_CTRL = FUNCTION_UART;
    /* 12 MHz / (16 * 115200) = 6 + 33 / 64 */
    UART0_IBRD = 6;
    UART0_FBRD = 33;
    UART0_LCR_H = 0x70; /* 8 bits, FIFO */
    UART0_CR = 0x301;   /* receiver, transmitter, UART on */
}

void platform_write(const char *text) {
    for (; *text != '\0'; text++) {
        while ((UART0_FR & FR_TXFF) != 0) {
        }
        UART0_DR = (uint32_t)*text;
    }
}

void platform_read(void *to, uint32_t bytes) {
    uint8_t *at = to;
    for (uint32_t i = 0; i < bytes; i++) {
        while ((UART0_FR & FR_RXFE) != 0) {
        }
        at[i] = (uint8_t)UART0_DR;
    }
}

/* The lines that the self-test has printed tell the status. */
void platform_exit(int status) {
    (void)status;
    while ((UART0_FR & FR_BUSY) != 0) {
    }
    for (;;) __asm__ volatile("wfi");
}
