# bash completion of lindex(8): commands and options as its --help lists them
_lindex()
{
	local cur=$2 cmd=${COMP_WORDS[1]:-}
	if [ "$COMP_CWORD" = 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W "$(lindex --help 2> /dev/null |
		    sed -nE 's/^  ([a-z]+) .*/\1/p') --help --version" -- "$cur")
	elif [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(lindex "$cmd" --help \
		    2> /dev/null | grep -oE -e '--[a-z][a-z-]+' | sort -u)" \
		    -- "$cur")
	fi
}
complete -o default -F _lindex lindex
