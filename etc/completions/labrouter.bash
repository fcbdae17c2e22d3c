# bash completion of labrouter(8): commands and options as its --help lists
# them, labs by their names, networks by theirs, interfaces of this host
_labrouter_labs()	# those with a file, and those that stand without
{
	local f
	for f in /etc/lookback/labs/*.lab /run/lookback/labs.d/*.lab; do
		[ -e "$f" ] || continue
		f=${f##*/}
		echo "${f%.lab}"
	done | sort -u
}
_labrouter_networks()
{
	sed -n 's/^\[Network "\(.*\)"\].*/\1/p' /etc/lookback/labs/*.lab \
	    2> /dev/null | sort -u
}
_labrouter_attached()
{
	labrouter status 2> /dev/null | grep -v ': nothing attached$' |
	    sed -n 's/^[a-z0-9-]*: .* ([0-9./]*): //p' | tr ' ' '\n'
}
_labrouter()
{
	local - cur=$2 prev=$3 cmd=${COMP_WORDS[1]:-} tap='' n=0 i IFS=$'\n'
	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		set -- "$(labrouter --help 2> /dev/null |
		    sed -nE 's/^  ([a-z]+) .*/\1/p')" --help --version
		mapfile -t COMPREPLY < <(compgen -W "$*" -- "$cur")
		return
	fi
	for ((i = 2; i < COMP_CWORD; i++)); do	# which word that is no option
		case ${COMP_WORDS[i]} in
		--) return ;;
		--tap) tap=1 i=$((i + 1)) ;;
		--lab | --from | --os) i=$((i + 1)) ;;
		-*) ;;
		*) n=$((n + 1)) ;;
		esac
	done
	case $prev:$cmd:$tap$n:$cur in
	--lab:*) set -- "$(_labrouter_labs)" ;;
	--os:*) set -- $'linux\nwindows\nmacos' ;;
	--from:*) set -- "production$IFS$(_labrouter_networks)" ;;
	--tap:*) return ;;
	*:*:*:-*)
		set -- "$(labrouter "$cmd" --help 2> /dev/null |
		    grep -oE -e '--[a-z][a-z-]+' | sort -u)"
		;;
	*:attach:0:*) set -- "$(ls /sys/class/net)" ;;
	*:detach:0:*) set -- "$(_labrouter_attached)" ;;
	*:attach:1:* | *:attach:10:* | *:detach:1:*)
		set -- "$(_labrouter_networks)" ;;
	*:trace:2:*) set -- $'icmp\ntcp\nudp' ;;
	*:attach:* | *:detach:* | *:trace:* | *:*:*:*/*) return ;;
	*:route:0:*) set -- $'print\nadd\ndel\n'"$(_labrouter_labs)" ;;
	*) set -- "$(_labrouter_labs)" ;;
	esac
	# A network's name may hold anything, which compgen would expand.
	set -f
	for i in $1; do
		[[ $i == "$cur"* ]] || continue
		[[ ${COMP_WORDS[COMP_CWORD]} == [\"\']* ]] ||
		    printf -v i %q "$i"
		COMPREPLY+=("$i")
	done
}
complete -o default -F _labrouter labrouter
