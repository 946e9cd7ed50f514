/* QEMU's machine `virt` under the stub: start, console and time, and what the compiler calls. No memory is cleared: QEMU's is. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "esp_cpu.h"
#include "freertos/task.h"

#define UART ((volatile uint8_t *)0x10000000)
#define UART_STATUS 5
#define RECEIVED 1u
#define FINISHER ((volatile uint32_t *)0x100000)
#define PASS 0x5555u

void app_main(void);

static struct stub_file { int unused; } console;
FILE *const stdin = &console;
FILE *const stdout = &console;

__asm__(".section .text.start\n"
        ".globl start\n"
        "start: la sp, stack_top\n"
        "call run\n");

void run(void);
void run(void) {
    app_main();
    *FINISHER = PASS;
    for (;;)
        ;
}

int fputs(const char *text, FILE *file) {
    (void)file;
    while (*text)
        UART[0] = (uint8_t)*text++;
    return 0;
}

int fflush(FILE *file) {
    (void)file;
    return 0;
}

void clearerr(FILE *file) { (void)file; }

int getchar(void) { return UART[UART_STATUS] & RECEIVED ? UART[0] : EOF; }

void vTaskDelay(TickType_t ticks) { (void)ticks; }

/* Instructions, under -icount shift=0. */
esp_cpu_cycle_count_t esp_cpu_get_cycle_count(void) {
    uint32_t count;
    __asm__ volatile(".option push\n.option arch, +zicsr\nrdinstret %0\n.option pop" : "=r"(count));
    return count;
}

void *memcpy(void *restrict to, const void *restrict from, size_t bytes) {
    uint8_t *at = to;
    const uint8_t *source = from;
    while (bytes--)
        *at++ = *source++;
    return to;
}

void *memset(void *to, int value, size_t bytes) {
    uint8_t *at = to;
    while (bytes--)
        *at++ = (uint8_t)value;
    return to;
}
