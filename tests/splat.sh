# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# splat.sh, to be sourced: what a kernel log must not contain.

# Each line is one family of complaints, in the kernel's words.
splat_patterns() {
	cat <<-'P'
	Kernel panic|Oops|BUG[: ]|kernel BUG|Kernel mode fault|Segfault with no mm
	WARNING[: ]|Call Trace|Modules linked in:.*\bwg\b
	KASAN|KCSAN|KFENCE|UBSAN|kmemleak: [1-9][0-9]* new|unreferenced object
	general protection|unable to handle|double fault|stack guard|bad page
	INFO: (task|rcu|possible|trying|suspicious)|suspicious RCU|possible (recursive|circular|irq)
	inconsistent lock|bad unlock balance|held lock freed|lock held when returning
	soft lockup|hard LOCKUP|rcu_[a-z]* (self-)?detected|blocked for more than
	sleeping function|scheduling while atomic|Voluntary context switch within RCU
	refcount_t|list_(add|del) corruption|ODEBUG|leaked reference|ref_tracker
	unregister_netdevice: waiting|Out of memory|invoked oom-killer|page allocation failure
	segfault at|general protection fault|trap invalid opcode
	P
}

# splats FILE...: print the lines that are complaints, each once.
# ALLOW is an extended regexp of lines that this run may print.
splats() {
	cat "$@" 2>/dev/null | tr -d '\r' |
		grep -aE "$(splat_patterns | paste -sd'|')" |
		grep -avE "${ALLOW:-^$}" | sort -u || :
}
