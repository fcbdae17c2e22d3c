# fish completion of lsearch(1): options as its --help lists them
complete -c lsearch -f -a "(lsearch --help 2> /dev/null | string match -arg -- '(--[a-z][a-z-]+)' | sort -u)"
