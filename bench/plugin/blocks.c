/* SPDX-License-Identifier: Apache-2.0 */
/*
 * QEMU TCG plugin (API version 1, QEMU 7.2): how often each block of code runs between two marks in the guest, and how
 * often it is left by a jump. Whatever else one asks of an instruction mix follows from the disassembly.
 *
 * Arguments: out=<file>,mark=<address>,mark=<address>... with hexadecimal addresses of functions. Each call of such a
 * function begins an interval; the first is before all calls. The file has for each a line `interval <address of its
 * mark>` and one line a block that ran in it:
 *
 *   <first address> <address behind the last instruction> <runs> <jumps>        hexadecimal addresses, decimal counts
 *
 * A block is a translation block: straight code that only its last instruction may leave. Debian ships no header for
 * plugins, so what is used of the API is declared here, as QEMU's documentation (docs/devel/tcg-plugins.rst) gives it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *, void (*)(unsigned, void *), int flags, void *);
void qemu_plugin_register_atexit_cb(plugin_id, void (*)(plugin_id, void *), void *);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *);

EXPORT int qemu_plugin_version = 1;

struct block {
    uint64_t start, end;
    uint64_t runs, jumps;
    int marked;
    struct block *next;
};

static struct block *blocks;
static struct block *previous;
static uint64_t marks[1024];
static size_t mark_count;
static uint64_t interval;
static FILE *out;

static int is_mark(uint64_t address) {
    size_t i = 0;
    while (i < mark_count && marks[i] != address) i++;
    return i < mark_count;
}

static void write_interval(void) {
    fprintf(out, "interval %" PRIx64 "\n", interval);
    for (struct block *b = blocks; b; b = b->next) {
        if (b->runs == 0) continue;
        fprintf(out, "%" PRIx64 " %" PRIx64 " %" PRIu64 " %" PRIu64 "\n", b->start, b->end, b->runs, b->jumps);
        b->runs = b->jumps = 0;
    }
}

/*
 * Of a Thumb instruction: 4 where the upper five bits of its first halfword are 0b11101 or more. QEMU's own size is wrong
 * for the last of a block if it has looked at the next one, which crosses a page.
 */
static uint64_t size_of(const struct qemu_plugin_insn *instruction) {
    const uint8_t *bytes = qemu_plugin_insn_data(instruction);
    return bytes[1] >= 0xe8 ? 4 : 2;
}

static void on_run(unsigned cpu, void *data) {
    struct block *block = data;
    (void)cpu;
    if (previous && previous->end != block->start) previous->jumps++;
    if (block->marked) {
        write_interval();
        interval = block->start;
    }
    block->runs++;
    previous = block;
}

static void on_translation(plugin_id id, struct qemu_plugin_tb *tb) {
    const size_t count = qemu_plugin_tb_n_insns(tb);
    const struct qemu_plugin_insn *last = qemu_plugin_tb_get_insn(tb, count - 1);
    struct block *block = calloc(1, sizeof *block);
    (void)id;
    if (!block) abort();
    block->start = qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, 0));
    block->end = qemu_plugin_insn_vaddr(last) + size_of(last);
    block->marked = is_mark(block->start);
    block->next = blocks;
    blocks = block;
    qemu_plugin_register_vcpu_tb_exec_cb(tb, on_run, 0, block);
}

static void at_exit(plugin_id id, void *data) {
    (void)id;
    (void)data;
    write_interval();
    fclose(out);
}

EXPORT int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv) {
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "mark=", 5) == 0) {
            if (mark_count == sizeof marks / sizeof marks[0]) return -1;
            marks[mark_count++] = strtoull(argv[i] + 5, NULL, 16);
        }
        if (strncmp(argv[i], "out=", 4) == 0) out = fopen(argv[i] + 4, "w");
    }
    if (!out) return -1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    qemu_plugin_register_atexit_cb(id, at_exit, NULL);
    return 0;
}
