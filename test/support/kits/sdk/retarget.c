/* What newlib asks of a system: standard streams are the console of the emulated machine. */
#include <stddef.h>

#include "board.h"

int _write(int file, const char *data, int bytes) {
    (void)file;
    for (int i = 0; i < bytes; i++) {
        const char text[2] = {data[i], '\0'};
        board_write(text);
    }
    return bytes;
}

int _read(int file, char *to, int bytes) {
    (void)file;
    (void)bytes;
    board_read(to, 1);
    return 1;
}

void *_sbrk(ptrdiff_t more) {
    static char heap[8192];
    static size_t used;
    char *at = heap + used;
    used += (size_t)more;
    return used <= sizeof heap ? at : (void *)-1;
}

void _exit(int status) {
    board_exit(status);
    for (;;) {
    }
}
