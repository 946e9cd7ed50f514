/* The emulated machine, under names that leave those of platform.h to kits. */
#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    uint32_t ticks, cycles;
} board_time;

void board_write(const char *text);
void board_read(void *to, uint32_t bytes);
void board_exit(int status);
board_time board_now(void);
void board_start(void);

#ifdef __cplusplus
}
#endif

#endif
