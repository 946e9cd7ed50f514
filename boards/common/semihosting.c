/* SPDX-License-Identifier: Apache-2.0 */
/* Console by semihosting: an emulator or an attached debug probe carries out each `bkpt 0xab`. */
#include "platform.h"

#define SYS_WRITE0 0x04u
#define SYS_READC 0x07u
#define SYS_EXIT_EXTENDED 0x20u
#define APPLICATION_EXIT 0x20026u

static uint32_t semihosting(uint32_t operation, const void *argument) {
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

void console_start(void) {}

void platform_write(const char *text) { semihosting(SYS_WRITE0, text); }

void platform_read(void *to, uint32_t bytes) {
    uint8_t *at = to;
    for (uint32_t i = 0; i < bytes; i++) at[i] = (uint8_t)semihosting(SYS_READC, 0);
}

void platform_exit(int status) {
    const uint32_t block[2] = {APPLICATION_EXIT, (uint32_t)status};
    semihosting(SYS_EXIT_EXTENDED, block);
    for (;;) {
    }
}
