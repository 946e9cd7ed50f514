/* Rows of a window that move between rounds of a stage. */
#ifndef BL_MOVE_H
#define BL_MOVE_H

#include <string.h>

#include "kernel.h"

typedef struct {
    uint32_t words[4];
} bl_four_words;

/* Moves bytes to a place that may overlap theirs: four words at a time where it can, which C libraries for small cores seldom do. */
BL_OUTLINE void bl_move(void *to, const void *from, int32_t bytes)
{
    if ((((uintptr_t)to | (uintptr_t)from | (uintptr_t)bytes) & 3) != 0) {
        memmove(to, from, (size_t)bytes);
        return;
    }
    int32_t words = bytes / 4;
    bl_four_words *fours = (bl_four_words *)to;
    const bl_four_words *source = (const bl_four_words *)from;
    if ((uintptr_t)to < (uintptr_t)from) {
        const bl_four_words *end = source + words / 4;
        while (source != end)
            *fours++ = *source++;
        for (int32_t i = 0; i < words % 4; i++)
            fours->words[i] = source->words[i];
    } else {
        const bl_four_words *begin = source;
        source += words / 4;
        fours += words / 4;
        for (int32_t i = words % 4 - 1; i >= 0; i--)
            fours->words[i] = source->words[i];
        while (source != begin)
            *--fours = *--source;
    }
}

#endif
