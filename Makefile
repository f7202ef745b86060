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
	-fno-tree-slp-vectorize \
	-ffile-prefix-map=$(CURDIR)=. -MMD -MP

XSM_te := $(filter-out xsm/isolate.c xsm/deny_all.c xsm/simple_labels.c,$(wildcard xsm/*.c))
XSM_isolate := xsm/isolate.c xsm/simple_labels.c
XSM_deny_all := xsm/deny_all.c xsm/simple_labels.c

PURE := $(wildcard hv/core/*.c evtchn/*.c grants/*.c audit/*.c)
MACHINE := $(wildcard hv/x86/*.c hv/x86/*.S)
object = $(patsubst %,$(BUILD)/hv/%.o,$(basename $(1)))
COMMON := $(call object,$(PURE) $(MACHINE))

.PHONY: help setup hypervisor policy tools guests image run demo unit diff structure check system test \
	bench evidence fuzz fuzz-guest clean prove prove-deep print-hv-cflags
help:
	@echo 'make run     boot Cordon in QEMU to the shell of its management VM (Ctrl-A x ends QEMU)'
	@echo 'make demo    the main job, scripted; leaves its transcript in build/demo/'
	@echo 'make test    every test: check, differential, system tests in QEMU'
	@echo 'make check   structure and unit tests (seconds)'
	@echo 'make prove   proofs of the deciding modules (Frama-C); make prove-deep tries to break them'
	@echo 'make fuzz-guest RUNS=n SEED=s   a hostile guest against a build that checks itself'
	@echo 'make fuzz    a minute of fuzzing the readers of foreign bytes; MINUTES=n for longer'
	@echo 'make bench   instructions a call, and workloads, beside Xen 4.17'
	@echo 'make evidence  what an auditor asks for, in one archive (hours, fewer after make test)'
	@echo 'make image   everything that boots; make hypervisor; make clean'
	@echo 'XSM=te|isolate|deny_all chooses the security module that `make run` boots'

setup:
	@image/setup

# --- hypervisor -------------------------------------------------------------------------------------
# Inline is what the text says, and nothing else: a call's usual way is one function, which saves its
# registers once, and what is rare is no part of it.
$(call object,hv/core/gate.c): HV_CFLAGS += -fno-inline-functions -fno-inline-small-functions \
	-fno-inline-functions-called-once --param=max-inline-insns-single=600

$(BUILD)/hv/%.o: %.c
	@mkdir -p $(@D)
	@$(CC) $(HV_CFLAGS) -c $< -o $@
$(BUILD)/hv/%.o: %.S
	@mkdir -p $(@D)
	@$(CC) $(HV_CFLAGS) -c $< -o $@

define link
$(BUILD)/$(1): $(COMMON) $$(call object,$(XSM_$(2))) hv/x86/cordon.ld
	@echo '  link $$@'
	@ld -nostdlib -static -z noexecstack -z max-page-size=4096 -T hv/x86/cordon.ld \
		$(COMMON) $$(call object,$(XSM_$(2))) -o $$@
endef
$(eval $(call link,cordon,te))
$(eval $(call link,cordon-isolate,isolate))
$(eval $(call link,cordon-deny_all,deny_all))

# Test images: the objects of build/cordon, with others around some of their functions.
define wrapped
$(BUILD)/cordon-$(1): $(COMMON) $$(call object,$(2)) $$(call object,$(XSM_te)) hv/x86/cordon.ld
	@echo '  link $$@'
	@ld -nostdlib -static -z noexecstack -z max-page-size=4096 -T hv/x86/cordon.ld $(3:%=--wrap=%) \
		$(COMMON) $$(call object,$(2)) $$(call object,$(XSM_te)) -o $$@
endef
$(eval $(call wrapped,debug,tests/debug/invariants.c tests/gate/invariant.c,frames_start debug_key \
	gate_hypercall gate_crash gate_schedule machine_power_off machine_reset))
$(eval $(call wrapped,reinject,tests/reinject/reinject.c,inject_prepare inject_again gate_crash \
	machine_power_off))
$(eval $(call wrapped,refused,tests/refused/refused.c,svm_cpu_start))

hypervisor: $(if $(DEBUG),$(BUILD)/cordon-debug) $(BUILD)/cordon $(BUILD)/cordon-isolate $(BUILD)/cordon-deny_all

# --- what boots with it -----------------------------------------------------------------------------
include tests/guest/guest.mk tools/tools.mk

policy: $(BUILD)/policy/policy.bin
$(BUILD)/policy/policy.bin: $(wildcard policy/*) xsm/vocabulary.h
	@policy/build >/dev/null && echo '  policy $@'

# With what tests of attackers need.
$(BUILD)/policy/attackers.bin: tests/guest/warden/attackers.te $(BUILD)/policy/policy.bin
	@policy/build --output $@ --module $< >/dev/null && echo '  policy $@'

$(BUILD)/image/root-packages.done: image/root-packages image/fetch-packages
	@image/fetch-packages

image: setup
	@$(MAKE) --no-print-directory hypervisor $(BUILD)/cordon-reinject $(BUILD)/cordon-refused policy tools guests $(BUILD)/image/root-packages.done
	@image/make-initramfs

run: image
	@image/run --xsm $(XSM)

demo: image
	@image/demo

bench: image
	@bench/run
	@bench/workloads

# --- tests ------------------------------------------------------------------------------------------
unit: policy
	@tests/unit/run

# Fuzzing of what reads foreign bytes: 60 seconds, or MINUTES=n.
fuzz: policy guests
	@tests/fuzz/run $(if $(MINUTES),$$(( $(MINUTES) * 60 )),60)

diff: policy
	@tests/diff/run

structure: hypervisor
	@failed=0; for check in layers 'budgets $(BUILD)/cordon' headers format \
		'calls --check SECURITY.md' mediation; do verify/$$check || failed=1; done; \
	if [ $$failed = 0 ]; then echo 'structure: ok'; \
	else echo 'structure: FAILED: mend what is listed above'; exit 1; fi

check: setup
	@$(MAKE) --no-print-directory policy structure unit && echo 'check: ok' || \
		{ echo 'check: FAILED: see the lines above'; exit 1; }

# Two modules at a time; verify/prove NAME... proves single ones.
prove:
	@image/setup --proof
	@verify/prove

prove-deep:
	@image/setup --proof
	@verify/prove --smoke
	@verify/prove gate
	@verify/mutants

print-hv-cflags:
	@echo '$(HV_CFLAGS)'

system: image
	@$(MAKE) --no-print-directory hypervisor DEBUG=1 $(BUILD)/policy/attackers.bin
	@tests/system/run

RUNS ?= 1
SEED ?= 1
fuzz-guest: setup
	@tests/fuzz-guest --runs $(RUNS) --seed $(SEED)

test:
	@tests/run

evidence: image
	@verify/evidence

clean:
	@rm -rf $(BUILD) && echo 'clean: build/ removed'

-include $(shell find $(BUILD)/hv -name '*.d' 2>/dev/null)
