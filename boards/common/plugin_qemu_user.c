/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plugin of qemu-user (API version 1, QEMU 7.2): lets the emulated program read how many instructions it has executed, as 32
 * bits modulo 2^32, from file descriptor 200. Both are one process with one table of files: descriptor 200 is a pipe into which
 * the plugin writes the count when the program is about to read.
 *
 * Debian ships no header for plugins, so what is used of the API is declared here, as QEMU's documentation
 * (docs/devel/tcg-plugins.rst) gives it.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define COUNTS 200

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };
typedef void syscall_callback(plugin_id, unsigned cpu, int64_t number, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                              uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8);

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *, enum qemu_plugin_op, void *, uint64_t);
void qemu_plugin_register_vcpu_syscall_cb(plugin_id, syscall_callback *);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);

EXPORT int qemu_plugin_version = 1;

static uint64_t executed;
static int counts;

/* A block is left early by nothing but a fault, with which the program ends. */
static void on_translation(plugin_id id, struct qemu_plugin_tb *tb) {
    (void)id;
    qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64, &executed, qemu_plugin_tb_n_insns(tb));
}

static void on_syscall(plugin_id id, unsigned cpu, int64_t number, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                       uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8) {
    (void)id, (void)cpu, (void)number, (void)a2, (void)a3, (void)a4, (void)a5, (void)a6, (void)a7, (void)a8;
    const uint32_t count = (uint32_t)executed;
    if (a1 == COUNTS && write(counts, &count, sizeof count) != (ssize_t)sizeof count) abort();
}

EXPORT int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv) {
    (void)info, (void)argc, (void)argv;
    int ends[2];
    if (pipe(ends) != 0 || dup2(ends[0], COUNTS) != COUNTS) return -1;
    counts = ends[1];
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    qemu_plugin_register_vcpu_syscall_cb(id, on_syscall);
    return 0;
}
