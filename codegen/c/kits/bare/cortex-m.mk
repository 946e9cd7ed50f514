
CROSS ?= arm-none-eabi-
CC := $(CROSS)gcc
LINK := $(CROSS)gcc
OBJCOPY := $(CROSS)objcopy
SIZE := $(CROSS)size
OPTIMISE ?= -O2
# `make PROGRAM=example` is about the example rather than the self-test.
PROGRAM ?= selftest
BUILD ?= build$(if $(TRACE),/trace)$(if $(filter example,$(PROGRAM)),/example)

# `make TRACE=1` checks and times every layer.
TRACE_FLAGS := $(if $(TRACE),-DSELFTEST_TRACE -D$(TRACE_MACRO)=1)

# `make CC=clang` compiles by clang, with the headers of the C library that belongs to $(LINK), which links.
ifneq ($(findstring clang,$(CC)),)
COMPILE := $(CC) --target=arm-none-eabi --sysroot=$(dir $(shell $(LINK) -print-file-name=libc.a))..
KEEP_LOOPS :=
NO_EXECUTION := -Wl,-z,noexecstack
else
COMPILE := $(CC)
KEEP_LOOPS := -fno-tree-loop-distribute-patterns
endif

# Frames of unoptimised code are larger than the plan predicts.
STACK := $(if $(filter -O0,$(OPTIMISE)),$(shell echo $$((4 * $(STACK_BYTES)))),$(STACK_BYTES))

FLAGS := $(CPU) -ffunction-sections -fdata-sections -fno-common -MMD -MP $(TRACE_FLAGS)
MODEL_FLAGS := $(FLAGS) $(PLACEMENT) -std=c99 $(OPTIMISE) -Wall -Wextra -Wconversion -Wpedantic
KIT_FLAGS := $(FLAGS) -std=gnu99 -Os -ffreestanding $(KEEP_LOOPS) -Wall -Wextra -I. -Iplatform -DSELFTEST_APART
LINK_FLAGS := $(CPU) -nostdlib -Lplatform -Wl,--gc-sections -Wl,--defsym=stack_bytes=$(STACK) $(NO_EXECUTION)

BOARD_IMAGE := $(BUILD)/$(MODEL)-$(BOARD).elf
EMULATOR_IMAGE := $(BUILD)/$(MODEL)-emulator.elf

COMMON := $(MODEL_SOURCES:%.c=$(BUILD)/model/%.o) $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard $(PROGRAM)/*.c)))
BOARD_OBJECTS := $(COMMON) $(BOARD_PLATFORM:%=$(BUILD)/board/%.o)
EMULATOR_OBJECTS := $(COMMON) $(EMULATOR_PLATFORM:%=$(BUILD)/emulator/%.o)

.PHONY: all emulator size run flash clean
.SECONDARY:

all: $(BOARD_IMAGE) $(BOARD_IMAGE:.elf=.bin) $(BOARD_IMAGE:.elf=.hex)

emulator: $(EMULATOR_IMAGE)

size: $(BOARD_IMAGE)
	$(SIZE) -A $<

run: $(EMULATOR_IMAGE)
	$(RUN)

flash: ELF = $(BOARD_IMAGE)
flash: HEX = $(BOARD_IMAGE:.elf=.hex)
flash: BIN = $(BOARD_IMAGE:.elf=.bin)
flash: all
	$(FLASH)

clean:
	rm -rf $(BUILD)

$(BOARD_IMAGE): $(BOARD_OBJECTS) platform/board.ld platform/sections.ld
	$(LINK) $(LINK_FLAGS) -Tboard.ld -Wl,-Map=$(@:.elf=.map) -o $@ $(BOARD_OBJECTS) -lgcc

$(EMULATOR_IMAGE): $(EMULATOR_OBJECTS) platform/emulator.ld platform/sections.ld
	$(LINK) $(LINK_FLAGS) -Temulator.ld -Wl,-Map=$(@:.elf=.map) -o $@ $(EMULATOR_OBJECTS) -lgcc

# What lies in a flash of its own is an image of its own.
%.bin: %.elf
	$(OBJCOPY) -O binary $(APART:%=-R %) $< $@
	$(if $(APART),$(OBJCOPY) -O binary $(APART:%=-j %) $< $(@:.bin=-constants.bin))

%.hex: %.elf
	$(OBJCOPY) -O ihex $< $@

$(BUILD)/model/%.o: %.c
	@mkdir -p $(@D)
	$(COMPILE) $(MODEL_FLAGS) -c -o $@ $<

$(BUILD)/$(PROGRAM)/%.o: $(PROGRAM)/%.c
	@mkdir -p $(@D)
	$(COMPILE) $(KIT_FLAGS) -c -o $@ $<

$(BUILD)/board/%.o: platform/%.c
	@mkdir -p $(@D)
	$(COMPILE) $(KIT_FLAGS) $(BOARD_FLAGS) -c -o $@ $<

$(BUILD)/board/%.o: platform/%.S
	@mkdir -p $(@D)
	$(COMPILE) $(CPU) -c -o $@ $<

$(BUILD)/emulator/%.o: platform/%.c
	@mkdir -p $(@D)
	$(COMPILE) $(KIT_FLAGS) $(EMULATOR_FLAGS) -c -o $@ $<

$(BUILD)/emulator/%.o: platform/%.S
	@mkdir -p $(@D)
	$(COMPILE) $(CPU) -c -o $@ $<

-include $(wildcard $(BUILD)/*/*.d)
