# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Completion of wgctl for bash: wgctl itself knows what fits.
_wgctl() {
	local current=${COMP_WORDS[COMP_CWORD]} word
	COMPREPLY=()
	while IFS= read -r word; do
		case $word in
		@files) compopt -o default ;;
		*=) compopt -o nospace; COMPREPLY+=("$word") ;;
		*) COMPREPLY+=("$(printf %q "$word")") ;;
		esac
	done < <(wgctl complete -- "${COMP_WORDS[@]:1:COMP_CWORD-1}" "$current" 2> /dev/null)
}
complete -F _wgctl wgctl
