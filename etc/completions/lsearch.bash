# bash completion of lsearch(1): options as its --help lists them
_lsearch()
{
	if [[ $2 == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(lsearch --help \
		    2> /dev/null | grep -oE -e '--[a-z][a-z-]+' | sort -u)" \
		    -- "$2")
	fi
}
complete -o default -F _lsearch lsearch
