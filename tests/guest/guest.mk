# SPDX-License-Identifier: Apache-2.0
# Tiny guests: tests/guest/NAME/main.c and the runtime beside this file become build/guest/NAME.elf.
# Read by the Makefile; alone: make -f tests/guest/guest.mk
BUILD ?= build

GUEST_CFLAGS := -std=c11 -O2 -g0 -I. -D__XEN_INTERFACE_VERSION__=__XEN_LATEST_INTERFACE_VERSION__ \
	-Wall -Wextra -Wconversion -Werror -ffreestanding -nostdlib -static -fno-pic -fno-pie -no-pie \
	-mno-red-zone -mgeneral-regs-only -fno-stack-protector -fcf-protection=none \
	-fno-asynchronous-unwind-tables -ffile-prefix-map=$(CURDIR)=. \
	-Wl,-s,--build-id=none,-z,noexecstack,-z,max-page-size=4096,--no-warn-rwx-segments
GUEST_RUNTIME := $(wildcard tests/guest/*.[cS])
GUESTS := $(patsubst tests/guest/%/main.c,$(BUILD)/guest/%.elf,$(wildcard tests/guest/*/main.c))

.PHONY: guests
guests: $(GUESTS)

$(BUILD)/guest/%.elf: tests/guest/%/main.c $(GUEST_RUNTIME) tests/guest/guest.ld $(wildcard tests/guest/*.h) tools/guest_layout.h
	@mkdir -p $(@D)
	@echo '  guest $@'
	@gcc $(GUEST_CFLAGS) -T tests/guest/guest.ld $(GUEST_RUNTIME) $< -o $@
