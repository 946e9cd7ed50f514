
ifeq ($(origin CC),default)
CC := clang
endif
OPTIMISE ?= -O3
# `make PROGRAM=example` is about the example rather than the self-test.
PROGRAM ?= selftest
BUILD ?= build$(if $(TRACE),/trace)

# `make run TRACE=1` checks every layer. No header of a C library is needed, so there need be no NDK.
FLAGS := $(CPU) -ffreestanding -nostdlibinc -isystem platform/include -ffunction-sections -fdata-sections -fno-stack-protector -MMD -MP \
	$(if $(TRACE),-DSELFTEST_TRACE -D$(TRACE_MACRO)=1)
MODEL_FLAGS = $(FLAGS) $(VARIANT) -std=c99 $(OPTIMISE) -Wall -Wextra -Wconversion -Wpedantic
KIT_FLAGS := $(FLAGS) -std=gnu99 -Os -fomit-frame-pointer -Wall -Wextra -I. -Iplatform -DSELFTEST_APART

IMAGE := $(BUILD)/$(MODEL)-$(PROGRAM)
OBJECTS := $(MODEL_SOURCES:%.c=$(BUILD)/model/%.o) $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard $(PROGRAM)/*.c))) \
	$(PLATFORM:%=$(BUILD)/platform/%.o)

.PHONY: all run clean
.SECONDARY:

all: $(IMAGE)

run: $(IMAGE)
	$(RUN) $(IMAGE)

clean:
	rm -rf $(BUILD)

$(IMAGE): $(OBJECTS)
	$(CC) $(CPU) -static -nostdlib -fuse-ld=lld -Wl,--gc-sections -o $@ $(OBJECTS) $(LIBRARIES)

