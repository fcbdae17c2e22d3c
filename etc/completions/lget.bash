# bash completion of lget(1): options as its --help lists them
_lget()
{
	if [[ $2 == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(lget --help \
		    2> /dev/null | grep -oE -e '--[a-z][a-z-]+' | sort -u)" \
		    -- "$2")
	fi
}
complete -o default -F _lget lget
