# bash completion of labrouter(8): commands and options as its --help lists
# them, labs by their names
_labrouter()
{
	local cur=$2 cmd=${COMP_WORDS[1]:-}
	if [ "$COMP_CWORD" = 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W "$(labrouter --help \
		    2> /dev/null | sed -nE 's/^  ([a-z]+) .*/\1/p') \
		    --help --version" -- "$cur")
	elif [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(labrouter "$cmd" --help \
		    2> /dev/null | grep -oE -e '--[a-z][a-z-]+' | sort -u)" \
		    -- "$cur")
	elif [[ $cmd == @(at|de)tach && ${COMP_WORDS[COMP_CWORD-1]} != --lab ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(cd /sys/class/net && echo *)" \
		    -- "$cur")
	elif [[ $cur != */* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(for f in \
		    /etc/lookback/labs/*.lab; do [ -e "$f" ] || continue
		    f=${f##*/}; echo "${f%.lab}"; done)" -- "$cur")
	fi
}
complete -o default -F _labrouter labrouter
