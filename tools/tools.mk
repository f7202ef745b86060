# SPDX-License-Identifier: Apache-2.0
# Programs of the management VM: tools/NAME.c becomes build/tools/bin/NAME, which image/make-initramfs
# takes in. Read by the Makefile; alone: make -f tools/tools.mk
BUILD ?= build

TOOLS := $(patsubst tools/%.c,$(BUILD)/tools/bin/%,$(wildcard tools/*.c))
TOOL_LIBRARIES := -lxenctrl -lxenstore -lxencall -lxenevtchn -lxengnttab -lxenforeignmemory -lxentoollog

.PHONY: tools
tools: $(TOOLS)

$(BUILD)/tools/bin/%: tools/%.c tools/guest_layout.h
	@mkdir -p $(@D)
	@echo '  tool $@'
	@gcc -std=gnu11 -O2 -g0 -I. -Wall -Wextra -Wconversion -Werror -ffile-prefix-map=$(CURDIR)=. \
		-Wl,--as-needed $< -o $@ $(TOOL_LIBRARIES)
