/* SPDX-License-Identifier: Apache-2.0 */
/* The model under test and its golden vectors: selftest_vectors.c defines them, selftest.c runs them. */
#ifndef BITLOOM_SELFTEST_H
#define BITLOOM_SELFTEST_H

#include <stdint.h>

/* Linker scripts of the self-test's own have a place for golden vectors apart from the model, so that they do not count against its memory. */
#ifdef SELFTEST_APART
#define SELFTEST_DATA __attribute__((section(".test")))
#else
#define SELFTEST_DATA
#endif

typedef struct {
    const uint8_t *const *inputs;  /* bytes of each input */
    const uint8_t *const *outputs; /* bytes that each output must have */
    const uint32_t *layers;        /* CRC-32 that each traced tensor must have */
} selftest_run;

extern const char selftest_name[];
extern const uint32_t selftest_input_count;
extern const uint32_t selftest_output_count;
extern const uint32_t selftest_output_bytes[];
extern const uint32_t selftest_layer_count;
/* Per traced tensor whether it is whole then: a step may write a part of one. */
extern const uint8_t selftest_layer_whole[];
extern const uint32_t selftest_run_count;
extern const selftest_run selftest_runs[];

extern uint8_t selftest_arena[];
extern const uint32_t selftest_arena_bytes;
#ifdef SELFTEST_TRACE
/* Memory directly before and behind the arena. */
#define SELFTEST_GUARD_BYTES 16u
extern uint8_t selftest_arena_before[];
extern uint8_t selftest_arena_behind[];
#endif
/* What the next run of the model reads as its input `index`. */
void selftest_give(uint32_t index, const uint8_t *bytes);
const void *selftest_output(uint32_t index);
void selftest_reset(void);
extern void (*const selftest_model)(void *arena);
/* The model's trace hook calls this after each step. */
void selftest_layer(const void *data, uint32_t bytes);

/* Runs all; returns 0 where every byte is equal. The platform has been started. */
int selftest(void);

#endif
