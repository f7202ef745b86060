# SPDX-License-Identifier: Apache-2.0
# Every target prints what it does and ends with one line of verdict.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.DELETE_ON_ERROR:

BUILD := build
XSM ?= te
CC := gcc
CFLAGS := -std=c11 -O2 -g -I. -Wall -Wextra -Wconversion -Werror
HV_CFLAGS := $(CFLAGS) -ffreestanding -fno-stack-protector -fno-pic -fno-pie -mno-red-zone \
	-mgeneral-regs-only -fcf-protection=none -fno-asynchronous-unwind-tables -mcmodel=small \
	-ffile-prefix-map=$(CURDIR)=. -MMD -MP

XSM_SIMPLE := xsm/simple_labels.c
XSM_te := $(filter-out xsm/isolate.c xsm/deny_all.c xsm/simple_labels.c,$(wildcard xsm/*.c))
XSM_isolate := xsm/isolate.c $(XSM_SIMPLE)
XSM_deny_all := xsm/deny_all.c $(XSM_SIMPLE)

PURE := $(wildcard hv/core/*.c evtchn/*.c grants/*.c audit/*.c)
MACHINE := $(wildcard hv/x86/*.c hv/x86/*.S)
object = $(patsubst %,$(BUILD)/hv/%.o,$(basename $(1)))
COMMON := $(call object,$(PURE) $(MACHINE))

.PHONY: help setup hypervisor policy tools guests image run demo test check clean
help:
	@echo 'make run    boot Cordon in QEMU to the shell of its management VM'
	@echo 'make demo   the main job, scripted; leaves its transcript in build/demo/'
	@echo 'make test   every test (unit, whole list, differential, system)'
	@echo 'make check  structure: layers, budgets, headers, format, unit tests (seconds)'
	@echo 'make image  build hypervisor, policy and boot image; make clean removes build/'

setup:
	@image/setup

$(BUILD)/hv/%.o: %.c
	@mkdir -p $(@D)
	@$(CC) $(HV_CFLAGS) -c $< -o $@
$(BUILD)/hv/%.o: %.S
	@mkdir -p $(@D)
	@$(CC) $(HV_CFLAGS) -c $< -o $@

define link
$(BUILD)/$(1): $(COMMON) $$(call object,$(XSM_$(2))) hv/x86/cordon.ld
	@echo '  link $$@'
	@$(CC) $(HV_CFLAGS) -nostdlib -static -Wl,--build-id=none,-z,noexecstack,-z,max-page-size=4096 \
		-T hv/x86/cordon.ld $(COMMON) $$(call object,$(XSM_$(2))) -o $$@
endef
$(eval $(call link,cordon,te))
$(eval $(call link,cordon-isolate,isolate))
$(eval $(call link,cordon-deny_all,deny_all))

hypervisor: $(BUILD)/cordon $(BUILD)/cordon-isolate $(BUILD)/cordon-deny_all

policy:
	@policy/build >/dev/null && echo '  policy in $(BUILD)/policy'

clean:
	@rm -rf $(BUILD) && echo 'clean: build/ removed'

-include $(shell find $(BUILD)/hv -name '*.d' 2>/dev/null)
