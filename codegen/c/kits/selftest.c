/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the model on golden vectors and compares every byte. Prints one line a fact:
 *
 *   selftest <model> runs=<n> layers=<n>
 *   overhead ticks=<n> cycles=<n>                   of measuring nothing; to be taken off each run
 *   layer <run> <layer> pass|fail ticks= cycles=    trace build only
 *   run <run> pass|fail ticks= cycles= stack=
 *   output <run> <output> byte=<i> expected=<hex> actual=<hex>    the first byte that differs
 *   dump layer|output <run> <index> <bytes>         then its bytes in hexadecimal, lines that start with '='
 *   arena touched=<bytes> guards=whole|broken       trace build only: up to which byte it was written, and whether memory beside it was
 *   done pass|fail
 *
 * States persist from run to run, as they do in use.
 */
#include "selftest.h"

#include "platform.h"

static char line[160];
static uint32_t line_length;

static void put(const char *text) {
    for (; *text != '\0' && line_length < sizeof line - 2; text++) line[line_length++] = *text;
}

static void put_number(const char *label, uint32_t value) {
    char digits[11];
    uint32_t at = sizeof digits - 1;
    digits[at] = '\0';
    do {
        digits[--at] = (char)('0' + value % 10u);
        value /= 10u;
    } while (value > 0);
    put(label);
    put(&digits[at]);
}

static void put_byte(const char *label, uint8_t value) {
    const char text[3] = {"0123456789abcdef"[value >> 4], "0123456789abcdef"[value & 15u], '\0'};
    put(label);
    put(text);
}

static void end_line(void) {
    line[line_length++] = '\n';
    line[line_length] = '\0';
    platform_write(line);
    line_length = 0;
}

static void put_time(platform_time time) {
    put_number(" ticks=", time.ticks);
    put_number(" cycles=", time.cycles);
}

static void dump(const char *what, uint32_t run, uint32_t index, const uint8_t *data, uint32_t bytes) {
    put("dump ");
    put(what);
    put_number(" ", run);
    put_number(" ", index);
    put_number(" ", bytes);
    end_line();
    for (uint32_t i = 0; i < bytes; i++) {
        put_byte(i % 64u == 0 ? "=" : "", data[i]);
        if (i % 64u == 63u || i + 1 == bytes) end_line();
    }
}

/* Index of the first byte that differs, or `bytes`. */
static uint32_t first_difference(const uint8_t *a, const uint8_t *b, uint32_t bytes) {
    uint32_t i = 0;
    while (i < bytes && a[i] == b[i]) i++;
    return i;
}

static int check_output(uint32_t run, uint32_t index) {
    const uint8_t *expected = selftest_runs[run].outputs[index];
    const uint8_t *actual = selftest_output(index);
    const uint32_t bytes = selftest_output_bytes[index];
    const uint32_t at = first_difference(expected, actual, bytes);
    if (at == bytes) return 1;
    put_number("output ", run);
    put_number(" ", index);
    put_number(" byte=", at);
    put_byte(" expected=", expected[at]);
    put_byte(" actual=", actual[at]);
    end_line();
    dump("output", run, index, actual, bytes);
    return 0;
}

#ifdef SELFTEST_TRACE
static uint32_t traced_run;
static uint32_t traced_layer;
static uint32_t layer_failures;
static platform_time layer_start;

static uint32_t crc32(const uint8_t *data, uint32_t bytes) {
    static const uint32_t nibbles[16] = {0x00000000u, 0x1DB71064u, 0x3B6E20C8u, 0x26D930ACu, 0x76DC4190u, 0x6B6B51F4u,
                                         0x4DB26158u, 0x5005713Cu, 0xEDB88320u, 0xF00F9344u, 0xD6D6A3E8u, 0xCB61B38Cu,
                                         0x9B64C2B0u, 0x86D3D2D4u, 0xA00AE278u, 0xBDBDF21Cu};
    uint32_t crc = ~0u;
    for (uint32_t i = 0; i < bytes; i++) {
        crc ^= data[i];
        crc = (crc >> 4) ^ nibbles[crc & 15u];
        crc = (crc >> 4) ^ nibbles[crc & 15u];
    }
    return ~crc;
}

void selftest_layer(const void *data, uint32_t bytes) {
    const platform_time now = platform_now();
    const uint32_t layer = traced_layer++;
    const int whole = layer < selftest_layer_count && selftest_layer_whole[layer] != 0;
    const int pass = !whole || crc32(data, bytes) == selftest_runs[traced_run].layers[layer];
    const platform_time spent = {now.ticks - layer_start.ticks, now.cycles - layer_start.cycles};
    put_number("layer ", traced_run);
    put_number(" ", layer);
    put(pass ? " pass" : " fail");
    put_time(spent);
    end_line();
    /* What follows a wrong layer is wrong for that reason: one dump tells. */
    if (!pass && layer_failures++ == 0) dump("layer", traced_run, layer, data, bytes);
    layer_start = platform_now();
}

/* What memory holds that nobody writes: neighbours differ, so that no constant that a model writes is taken for it twice. */
static uint8_t canary(uint32_t i) { return (uint8_t)(0xC5u + 29u * i); }

static void paint(uint8_t *memory, uint32_t bytes) {
    for (uint32_t i = 0; i < bytes; i++) memory[i] = canary(i);
}

/* Bytes up to the last one that is no longer as painted. */
static uint32_t touched(const uint8_t *memory, uint32_t bytes) {
    while (bytes > 0 && memory[bytes - 1] == canary(bytes - 1)) bytes--;
    return bytes;
}

static void paint_arena(void) {
    paint(selftest_arena_before, SELFTEST_GUARD_BYTES);
    paint(selftest_arena, selftest_arena_bytes);
    paint(selftest_arena_behind, SELFTEST_GUARD_BYTES);
}

/* Returns whether the guards are whole. */
static int check_arena(void) {
    const int whole = touched(selftest_arena_before, SELFTEST_GUARD_BYTES) == 0 &&
                      touched(selftest_arena_behind, SELFTEST_GUARD_BYTES) == 0;
    put_number("arena touched=", touched(selftest_arena, selftest_arena_bytes));
    put(whole ? " guards=whole" : " guards=broken");
    end_line();
    return whole;
}

static void run_model(void *arena) {
    traced_layer = 0;
    layer_start = platform_now();
    selftest_model(arena);
    traced_run++;
}
#else
void selftest_layer(const void *data, uint32_t bytes) {
    (void)data;
    (void)bytes;
}

/* Not a function around it, which would cost time and stack of its own. */
#define run_model selftest_model
#endif

static int check_run(uint32_t run) {
    for (uint32_t i = 0; i < selftest_input_count; i++) selftest_give(i, selftest_runs[run].inputs[i]);
    const platform_cost cost = platform_measure(run_model, selftest_arena);
    int pass = 1;
    for (uint32_t i = 0; i < selftest_output_count; i++) pass &= check_output(run, i);
    put_number("run ", run);
    put(pass ? " pass" : " fail");
    put_time(cost.time);
    put_number(" stack=", cost.stack);
    end_line();
    return pass;
}

static void nothing(void *arena) { (void)arena; }

int selftest(void) {
    put("selftest ");
    put(selftest_name);
    put_number(" runs=", selftest_run_count);
    put_number(" layers=", selftest_layer_count);
    end_line();
    put("overhead");
    put_time(platform_measure(nothing, selftest_arena).time);
    end_line();

#ifdef SELFTEST_TRACE
    paint_arena();
#endif
    selftest_reset();
    uint32_t failures = 0;
    for (uint32_t run = 0; run < selftest_run_count; run++) failures += check_run(run) ? 0u : 1u;
#ifdef SELFTEST_TRACE
    failures += layer_failures + (check_arena() ? 0u : 1u);
#endif
    put(failures == 0 ? "done pass" : "done fail");
    end_line();
    return failures == 0 ? 0 : 1;
}
