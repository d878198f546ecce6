# SPDX-License-Identifier: GPL-2.0
#
# `make help` lists what there is. Every target that needs packages calls
# `make setup` itself.

KDIR   ?= /lib/modules/$(shell uname -r)/build
KERNEL ?= 6.12
PREFIX ?= /usr
DESTDIR ?=
SECONDS ?= 60

version := $(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
DKMS_SOURCE = /usr/src/wg-$(version)

# Out-of-tree builds for several kernels live side by side under build/.
release := $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' \
		$(KDIR)/include/generated/utsrelease.h 2>/dev/null)
BUILD   ?= $(CURDIR)/build/$(or $(release),none)$(if $(WG_KUNIT),-kunit)
override BUILD := $(abspath $(BUILD))
kbuild   = $(MAKE) -C $(KDIR) M=$(BUILD) $(if $(ARCH),ARCH=$(ARCH)) \
	   $(if $(WG_KUNIT),WG_KUNIT=1)

export PATH := $(CURDIR)/tools:$(PATH):/usr/sbin:/sbin

all: module tools		## wg.ko for the running kernel (or KDIR=...) and wgctl

help:				## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22
	@echo
	@echo "  KDIR=dir       kernel build directory for module, install"
	@echo "  KERNEL=6.12    Debian kernel of a virtual machine: 6.1, 6.12, newest, ..."
	@echo "  SCRIPT=path    what to run in it;  ARGS='...' its arguments"
	@echo "  SECONDS=60     how long each fuzzer runs"

setup:				## install the Debian packages that are missing
	@tests/setup.sh

setup-deb setup-field:
	@tests/setup.sh $(@:setup-%=%)

headers:
	@test -n "$(release)" || { \
		echo "$(KDIR): no kernel headers there; give KDIR=..." >&2; exit 1; }

module: headers			## wg.ko alone, in build/<kernel release>/
	@tests/stage.sh $(BUILD)
	+@flock $(BUILD)/.lock $(kbuild) modules

layouts: module			## how peers and sessions lie in memory, by pahole
	@pahole -C wg_peer,wg_peer_hs,wg_session,wg_allowed_ip $(BUILD)/wg.ko

tools:				## wgctl alone
	+@$(MAKE) --no-print-directory -C tools

install: all			## install module and tool (DESTDIR, PREFIX)
	$(kbuild) modules_install INSTALL_MOD_DIR=updates INSTALL_MOD_STRIP=1 \
		$(if $(DESTDIR),INSTALL_MOD_PATH=$(DESTDIR))
	$(if $(DESTDIR),,depmod -a $(release))
	$(MAKE) -C tools install DESTDIR=$(DESTDIR) PREFIX=$(PREFIX)

uninstall: headers		## take both away again
	rm -f $(DESTDIR)/lib/modules/$(release)/updates/wg.ko*
	$(if $(DESTDIR),,depmod -a $(release))
	$(MAKE) -C tools uninstall DESTDIR=$(DESTDIR) PREFIX=$(PREFIX)

deb: setup-deb			## Debian packages: module (DKMS), tool, compat
	@tests/deb/build

deb-try: setup-field		## install, use, upgrade and purge them: Debian 12 and 13 (slow)
	@tests/deb/try 12
	@tests/deb/try 13

dist: setup-deb			## the source as an archive
	@tests/deb/build dist

dkms:				## register the source with DKMS, or anew, and build it
	! dkms status -m wg -v $(version) | grep -q . || dkms remove wg/$(version) --all
	rm -rf $(DKMS_SOURCE)
	tests/stage.sh $(DKMS_SOURCE)
	dkms add wg/$(version)
	dkms install wg/$(version) $(if $(DKMS_KERNEL),-k $(DKMS_KERNEL))

demo: setup			## two namespaces, a tunnel and a ping on a stock kernel
	@tests/vm/run $(KERNEL) examples/two-namespaces.sh

test: setup			## everything that fits in 40 minutes, with a summary
	@tests/run

check: setup			## pure layers on the host with sanitizers, and coverage
	+@$(MAKE) --no-print-directory -j$(shell nproc) -O check-host check-tool simulate litmus check-prove

check-host:
	+@$(MAKE) --no-print-directory -C tests/host check coverage

check-tool:
	+@$(MAKE) --no-print-directory -C tests/tools check

simulate:			## peers in a virtual world; SEED=n: one run of it
	+@$(MAKE) --no-print-directory -C tests/simulate check

litmus:				## what one CPU can see of another, by C11's rules
	@tests/litmus/check --needed tests/litmus/known/* Documentation/litmus/*

check-prove:
	+@$(MAKE) --no-print-directory -C tests/prove check

prove:				## every order in which things can happen to two peers
	+@$(MAKE) --no-print-directory -C tests/prove prove

kunit: setup			## KUnit suites in User Mode Linux, 6.12 and the newest
	@tests/uml/kunit 6.12
	@tests/uml/kunit newest

check-debug: setup			## KUnit and network tests under KASAN, lockdep, kmemleak
	@tests/uml/check-debug

check-debug-vm: setup		## the same in a two-CPU debug kernel under QEMU (slow)
	@tests/vm/check-debug

fuzz: setup			## every fuzzer for SECONDS each
	+@$(MAKE) --no-print-directory -j$(shell nproc) -O -C tests/fuzz run SECONDS=$(SECONDS)

lint: setup			## layers, sparse, checkpatch, kernel-doc, shellcheck, ...
	@tests/lint/run

bench: setup			## the in-tree module and ours side by side
	@tests/bench/run

bench-scale: setup		## what peers cost, up to a million of them
	@tests/bench/scale

mutants: setup			## break the source place by place; do the tests notice?
	@tests/mutants/run

vm: setup			## run SCRIPT in a virtual machine with a Debian KERNEL
	@tests/vm/run $(KERNEL) $(SCRIPT) $(ARGS)

field: setup-field		## stock tools in whole Debian systems drive both modules
	@tests/field/run $(ARGS)

netns: setup			## the kernel's own wireguard selftest against wg.ko
	@tests/vm/netns-selftest $(KERNEL)

kernels:			## fetch the kernels that the tests boot
	@for k in 6.1 6.12 newest; do tests/vm/kernel $$k || exit 1; done

clean:				## remove what was built (not the kernels in .cache/)
	rm -rf build
	-@$(MAKE) -s -C tools clean
	-@$(MAKE) -s -C tests/host clean
	-@$(MAKE) -s -C tests/simulate clean
	-@$(MAKE) -s -C tests/prove clean
	-@$(MAKE) -s -C tests/fuzz clean

distclean: clean		## remove the cached kernels too
	rm -rf .cache

.PHONY: all help setup setup-deb setup-field headers module tools install uninstall dkms demo test check \
	check-host check-tool check-prove simulate prove litmus deb deb-try dist \
	kunit check-debug check-debug-vm fuzz lint bench bench-scale mutants vm field netns \
	kernels clean distclean
