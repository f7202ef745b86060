# SPDX-License-Identifier: Apache-2.0
# Tiny guests: the sources in tests/guest/NAME/ and the runtime beside this file become
# build/guest/NAME.elf. Read by the Makefile; alone: make -f tests/guest/guest.mk
BUILD ?= build

GUEST_CFLAGS := -std=gnu11 -O2 -g0 -I. -D__XEN_TOOLS__ \
	-D__XEN_INTERFACE_VERSION__=__XEN_LATEST_INTERFACE_VERSION__ \
	-Wall -Wextra -Wconversion -Werror -ffreestanding -nostdlib -static -fno-pic -fno-pie -no-pie \
	-mno-red-zone -mgeneral-regs-only -fno-stack-protector -fcf-protection=none \
	-fno-asynchronous-unwind-tables -ffile-prefix-map=$(CURDIR)=. \
	-Wl,-s,--build-id=none,-z,noexecstack,-z,max-page-size=4096,--no-warn-rwx-segments
GUEST_RUNTIME := $(wildcard tests/guest/*.[cS])
GUESTS := $(patsubst tests/guest/%/main.c,$(BUILD)/guest/%.elf,$(wildcard tests/guest/*/main.c))

.PHONY: guests
guests: $(GUESTS)

GUEST_SHARED := $(GUEST_RUNTIME) tests/guest/guest.ld $(wildcard tests/guest/*.h) tools/guest_layout.h

.SECONDEXPANSION:
$(BUILD)/guest/%.elf: $$(wildcard tests/guest/%/*.[chS]) $(GUEST_SHARED)
	@mkdir -p $(@D)
	@echo '  guest $@'
	@gcc $(GUEST_CFLAGS) -Wa,-I,$(@D) -T tests/guest/guest.ld $(GUEST_RUNTIME) \
		$(filter tests/guest/$*/%.c tests/guest/$*/%.S,$^) -o $@

# What these build is in them.
$(BUILD)/guest/measure.elf: $(BUILD)/guest/measured.elf
$(BUILD)/guest/density.elf: $(BUILD)/guest/tenant.elf
$(BUILD)/guest/warden.elf: $(BUILD)/guest/tenant.elf $(BUILD)/guest/neighbour.elf
