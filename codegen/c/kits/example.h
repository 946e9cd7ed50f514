/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BITLOOM_EXAMPLE_H
#define BITLOOM_EXAMPLE_H

/* Reads one input of the model from the console, raw bytes as they lie in memory, and prints the result. The platform has been started. */
int example(void);

#endif
