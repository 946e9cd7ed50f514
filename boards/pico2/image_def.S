@ SPDX-License-Identifier: Apache-2.0
@ Image definition of the RP2350: its boot ROM looks for one in the first 4 KB of the flash, finds that this is a secure Arm program, and
@ starts it by the vector table at the beginning of the flash. RP2350 data sheet: section 5.9.5.1.

    .section .image_def, "a"
    .word 0xffffded3        @ start of a block
    .word 0x10210142        @ item of one word: executable, secure, Arm, RP2350
    .word 0x000001ff        @ the last item: one word came before it
    .word 0x00000000        @ the next block: there is no other
    .word 0xab123579        @ end of the block
