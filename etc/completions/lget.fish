# fish completion of lget(1): options as its --help lists them
complete -c lget -f -a "(lget --help 2> /dev/null | string match -arg -- '(--[a-z][a-z-]+)' | sort -u)"
