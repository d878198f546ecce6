# SPDX-License-Identifier: GPL-2.0
# Completion of wgctl for fish: wgctl itself knows what fits.
function __wgctl_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for word in (wgctl complete -- $words[2..-1] "$current" 2>/dev/null)
        if test "$word" = @files
            __fish_complete_path "$current"
        else
            echo $word
        end
    end
end
complete -c wgctl -f -a '(__wgctl_complete)'
