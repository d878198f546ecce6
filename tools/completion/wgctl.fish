# SPDX-License-Identifier: GPL-2.0
# Completion of wgctl for fish: wgctl itself knows what fits.
function __wgctl_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct | string unescape)
    # what is offered behind --option= is the option's value
    set -l option (string match -r -- '^--[^=]*=' "$current")
    set -l value (string replace -r -- '^--[^=]*=' '' "$current")
    for word in (wgctl complete -- $words[2..-1] "$current" 2>/dev/null)
        if test "$word" = @files
            for path in (__fish_complete_path "$value")
                echo "$option$path"
            end
        else
            echo "$option$word"
        end
    end
end
complete -c wgctl -f -a '(__wgctl_complete)'
