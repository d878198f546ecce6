# SPDX-License-Identifier: GPL-2.0
# What programs are made of that run the module's decisions in a virtual world, and
# how: for tests/simulate and tests/prove, which say SOURCES, OUT and more of CPPFLAGS.

TOP := $(abspath ../..)
SRC ?= $(TOP)/src
HOST := $(TOP)/tests/host
WORLD := $(TOP)/tests/simulate
CC ?= cc

# All of proto/ and core/, and of what stands around them what decides something.
MODULE := $(wildcard $(SRC)/proto/*.c $(SRC)/core/*.c) \
	$(addprefix $(SRC)/table/,index.c pubkey.c ratelimiter.c) \
	$(wildcard $(addprefix $(SRC)/path/,tx.c hs.c coalesce.c))
HEADERS := $(wildcard $(CURDIR)/*.h $(CURDIR)/*/*.h $(WORLD)/*.h $(SRC)/*/*.h) \
	$(shell find $(HOST)/include -name '*.h')

# Headers of the kernel that the host tests have no use for.
INCLUDED := $(shell grep -hoE '^.include <[^>]+>' $(SRC)/*/*.[ch] | \
	sed 's/.*<//; s/>//' | sort -u)
FORWARDS = $(addprefix $(OUT)/include/,$(filter-out linux/errno.h \
	$(shell cd $(HOST)/include && find * -name '*.h'),$(INCLUDED)))

CPPFLAGS = -I$(HOST)/include -I$(OUT)/include -I$(CURDIR) -I$(WORLD) -I$(SRC) -D_GNU_SOURCE
CFLAGS = -std=gnu11 -g -O2 -fno-strict-aliasing -Wall -Wextra -Wno-sign-compare \
	-Wno-missing-field-initializers -Wno-unused-parameter -Wno-unused-value

object = $(addprefix $(OUT)/,$(addsuffix .o,$(notdir $(basename $(1)))))

all:

$(OUT)/%.o: %.c $(FORWARDS) $(HEADERS) $(MAKEFILE_LIST)
	@echo "  CC $(notdir $@)"; $(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $(abspath $<)

$(FORWARDS):
	@mkdir -p $(@D)
	@echo '#include "shim.h"' > $@

clean:
	rm -rf $(OUT)

.PHONY: all clean
