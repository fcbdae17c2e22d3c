# fish completion of lindex(8): commands and options as its --help lists them
complete -c lindex -n __fish_use_subcommand -f -a "(lindex --help 2> /dev/null | string replace -rf '^  ([a-z]+) +(.*)' '\$1\t\$2')"
complete -c lindex -n 'not __fish_use_subcommand' -a "(lindex (commandline -opc)[2] --help 2> /dev/null | string match -arg -- '(--[a-z][a-z-]+)' | sort -u)"
