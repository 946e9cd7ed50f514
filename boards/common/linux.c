/* SPDX-License-Identifier: Apache-2.0 */
/* Start-up, console and end of a Linux program without a C library, for AArch64, ARM and x86-64. */
#include "platform.h"

#define STACK_BYTES (1u << 18)
#define STANDARD_INPUT 0
#define STANDARD_OUTPUT 1

/* The name by which measure.c knows where the stack ends. */
uint32_t stack_limit[STACK_BYTES / sizeof(uint32_t)] __asm__("__stack_limit") __attribute__((aligned(16)));

int main(void);
void linux_start(const unsigned long *arguments);
unsigned long getauxval(unsigned long type);
long linux_call(long number, long a, long b, long c);

/*
 * The kernel enters with arguments, environment and auxiliary vector on the stack that it made. The program runs on one of its
 * own, of known size.
 */
#if defined(__aarch64__)
enum { READ = 63, WRITE = 64, EXIT = 94 };

__asm__(".globl _start\n"
        "_start:\n"
        "mov x0, sp\n"
        "adrp x1, __stack_limit\n"
        "add x1, x1, :lo12:__stack_limit\n"
        "add x1, x1, #0x40, lsl #12\n"
        "mov sp, x1\n"
        "b linux_start\n");

__asm__(".globl linux_call\n"
        "linux_call:\n"
        "mov x8, x0\n"
        "mov x0, x1\n"
        "mov x1, x2\n"
        "mov x2, x3\n"
        "svc #0\n"
        "ret\n");
#elif defined(__arm__)
enum { READ = 3, WRITE = 4, EXIT = 248 };

__asm__(".arm\n"
        ".globl _start\n"
        "_start:\n"
        "mov r0, sp\n"
        "ldr r1, =__stack_limit\n"
        "add sp, r1, #0x40000\n"
        "ldr r1, =linux_start\n"
        "bx r1\n"
        ".ltorg\n"
        ".globl linux_call\n"
        ".type linux_call, %function\n"
        "linux_call:\n"
        "push {r4, r7}\n"
        "mov r7, r0\n"
        "mov r0, r1\n"
        "mov r1, r2\n"
        "mov r2, r3\n"
        "svc #0\n"
        "pop {r4, r7}\n"
        "bx lr\n");
#else
enum { READ = 0, WRITE = 1, EXIT = 231 };

__asm__(".globl _start\n"
        "_start:\n"
        "mov %rsp, %rdi\n"
        "lea __stack_limit+0x40000(%rip), %rsp\n"
        "call linux_start\n");

__asm__(".globl linux_call\n"
        "linux_call:\n"
        "mov %rdi, %rax\n"
        "mov %rsi, %rdi\n"
        "mov %rdx, %rsi\n"
        "mov %rcx, %rdx\n"
        "syscall\n"
        "ret\n");
#endif

static const unsigned long *auxiliary;

__attribute__((used)) void linux_start(const unsigned long *arguments) {
    const unsigned long *word = arguments + 1 + arguments[0] + 1;
    while (*word++ != 0) continue;
    auxiliary = word;
    platform_exit(main());
}

/* What C libraries have under this name: an entry of the auxiliary vector, of which 0 is the end. */
unsigned long getauxval(unsigned long type) {
    for (const unsigned long *entry = auxiliary; entry[0] != 0; entry += 2)
        if (entry[0] == type) return entry[1];
    return 0;
}

void console_start(void) {}

void platform_write(const char *text) {
    long bytes = 0;
    while (text[bytes] != '\0') bytes++;
    linux_call(WRITE, STANDARD_OUTPUT, (long)text, bytes);
}

void platform_read(void *to, uint32_t bytes) {
    char *at = to;
    for (long got; bytes > 0; at += got, bytes -= (uint32_t)got) {
        got = linux_call(READ, STANDARD_INPUT, (long)at, (long)bytes);
        if (got <= 0) platform_exit(1);
    }
}

void platform_exit(int status) { linux_call(EXIT, status, 0, 0); }

/* Of the plugin (plugin_qemu_user.c), which fills a pipe of its own before it is read; without it there is nothing to read. */
#define COUNTS 200

void timer_start(void) {}

platform_time platform_now(void) {
    platform_time now = {0, 0};
    linux_call(READ, COUNTS, (long)&now.ticks, sizeof now.ticks);
    return now;
}
