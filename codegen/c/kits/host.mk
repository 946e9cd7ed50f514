
, := ,
OPTIMISE ?= -O3
BUILD ?= build$(if $(TRACE),/trace)$(if $(SANITIZE),/sanitize)

# `make run TRACE=1` checks every layer; `SANITIZE=1` stops at memory errors and undefined behaviour.
FLAGS := $(OPTIMISE) -MMD -MP $(if $(TRACE),-DSELFTEST_TRACE -D$(TRACE_MACRO)=1) \
	$(if $(SANITIZE),-g -fsanitize=address$(,)undefined -fno-sanitize-recover=all)
MODEL_FLAGS := $(FLAGS) -std=c99 -Wall -Wextra -Wconversion -Wpedantic
KIT_FLAGS := $(FLAGS) -std=c99 -Wall -Wextra

PROGRAM := $(BUILD)/$(MODEL)-selftest
OBJECTS := $(MODEL_SOURCES:%.c=$(BUILD)/model/%.o) $(BUILD)/selftest/selftest.o \
	$(BUILD)/selftest/selftest_vectors.o $(BUILD)/platform/platform.o

.PHONY: all run clean
.SECONDARY:

all: $(PROGRAM)

run: $(PROGRAM)
	$(PROGRAM)

clean:
	rm -rf $(BUILD)

$(PROGRAM): $(OBJECTS)
	$(CC) $(FLAGS) -o $@ $(OBJECTS)

