# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Completion of wgctl for bash: wgctl itself knows what fits.
_wgctl() {
	local current=${COMP_WORDS[COMP_CWORD]} word before=()
	# bash takes --option=value for three words
	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		[[ $word == = ]] || before+=("$word")
	done
	[[ $current != = ]] || current=
	COMPREPLY=()
	while IFS= read -r word; do
		case $word in
		@files) compopt -o default ;;
		--*=) compopt -o nospace; COMPREPLY+=("$word") ;;
		*) COMPREPLY+=("$(printf %q "$word")") ;;
		esac
	done < <(wgctl complete -- "${before[@]}" "$current" 2> /dev/null)
}
complete -F _wgctl wgctl
