
, := ,
OPTIMISE ?= -O3
# `make PROGRAM=example` is about the example rather than the self-test.
PROGRAM ?= selftest
BUILD ?= build$(if $(TRACE),/trace)$(if $(SANITIZE),/sanitize)

# `make run TRACE=1` checks every layer; `SANITIZE=1` stops at memory errors and undefined behaviour.
FLAGS := $(OPTIMISE) -MMD -MP $(if $(TRACE),-DSELFTEST_TRACE -D$(TRACE_MACRO)=1) \
	$(if $(SANITIZE),-g -fsanitize=address$(,)undefined -fno-sanitize-recover=all)
MODEL_FLAGS := $(FLAGS) -std=c99 -Wall -Wextra -Wconversion -Wpedantic
KIT_FLAGS := $(FLAGS) -std=c99 -Wall -Wextra -I. -Iplatform

IMAGE := $(BUILD)/$(MODEL)-$(PROGRAM)
OBJECTS := $(MODEL_SOURCES:%.c=$(BUILD)/model/%.o) $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard $(PROGRAM)/*.c))) \
	$(BUILD)/platform/platform.o

.PHONY: all run clean
.SECONDARY:

all: $(IMAGE)

run: $(IMAGE)
	$(IMAGE)

clean:
	rm -rf $(BUILD)

$(IMAGE): $(OBJECTS)
	$(CC) $(FLAGS) -o $@ $(OBJECTS)

