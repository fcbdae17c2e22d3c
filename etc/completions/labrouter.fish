# fish completion of labrouter(8): commands and options as its --help lists them,
# labs by their names
complete -c labrouter -n __fish_use_subcommand -f -a "(labrouter --help 2> /dev/null | string replace -rf '^  ([a-z]+) +(.*)' '\$1\t\$2')"
complete -c labrouter -n 'not __fish_use_subcommand' -a "(labrouter (commandline -opc)[2] --help 2> /dev/null | string match -arg -- '(--[a-z][a-z-]+)' | sort -u)"
complete -c labrouter -n 'not __fish_use_subcommand' -a "(for f in /etc/lookback/labs/*.lab; string replace -r '.*/(.*)\.lab\$' '\$1' \$f; end)"
complete -c labrouter -n '__fish_seen_subcommand_from route' -l os -x -a 'linux windows macos'
complete -c labrouter -n '__fish_seen_subcommand_from route' -a 'print add del'
complete -c labrouter -n '__fish_seen_subcommand_from attach' -a '(command ls /sys/class/net)'
complete -c labrouter -n '__fish_seen_subcommand_from trace' -a 'icmp tcp udp'
