/* SPDX-License-Identifier: Apache-2.0 */
/* What models need of <string.h>, for systems whose own is not there: memory.c defines it. */
#ifndef BITLOOM_STRING_H
#define BITLOOM_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);

#endif
