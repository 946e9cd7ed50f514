@ SPDX-License-Identifier: Apache-2.0
@ Second-stage boot loader of the RP2040. The boot ROM copies the first 256 bytes of the flash to the top of its RAM
@ and runs them when the last word is the CRC-32 of the rest. This one lets the flash controller read any flash chip
@ at a quarter of the system clock with the plain serial read command 03h, then starts the image behind it.
@ RP2040 data sheet: sections 2.8.1 (boot sequence, CRC), 4.10 (SSI). Position independent.

    .syntax unified
    .cpu cortex-m0plus
    .thumb
    .section .boot, "ax"
    .global boot2
    .thumb_func
boot2:
    ldr r0, =0x18000000     @ XIP_SSI
    movs r1, #0
    str r1, [r0, #0x08]     @ SSIENR: off while it is set up
    movs r2, #4
    str r2, [r0, #0x14]     @ BAUDR: system clock / 4
    ldr r2, =0x001f0300     @ CTRLR0: 32-bit frames, one data line, EEPROM read
    str r2, [r0, #0x00]
    str r1, [r0, #0x04]     @ CTRLR1: one frame a read
    ldr r2, =0x03000218     @ SPI_CTRLR0: command 03h of 8 bits, 24 address bits, all on one line
    movs r3, #0xf4
    str r2, [r0, r3]
    movs r2, #1
    str r2, [r0, #0x08]     @ SSIENR: on; flash now reads as memory

    ldr r0, =0x10000100     @ the image's vector table
    ldr r1, =0xe000ed08     @ VTOR
    str r0, [r1]
    ldm r0!, {r1, r2}
    msr msp, r1
    bx r2

    .ltorg
    .org 252
    .word 0x8eca088c        @ CRC-32: polynomial 04c11db7, start ffffffff, not reflected, not inverted
