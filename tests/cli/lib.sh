# Sourced first by every tests/cli/*.sh: strict bash, a directory of its own
# that goes away whatever happens, and helpers. A test runs alone as well:
# bash tests/cli/NNN-what.sh (after make unit).
#
#   T             the test's directory (StrictModes likes its parents)
#   BIN           where the built programs are, first in PATH
#   HELPERS       where those of tests/tools are
#   TOP           the source tree
#
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash

set -Eeuo pipefail
export LC_ALL=C.UTF-8 TZ=UTC SHELL="$BASH"	# script(1) asks SHELL
umask 022

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
if [ -z "${BIN:-}" ]; then
	BIN=$TOP/build/debug-cc/bin
	[ -d "$BIN" ] || BIN=$TOP/build/bin
fi
HELPERS=${HELPERS:-${BIN%/bin}/tests/tools}
export BIN HELPERS TOP PATH="$BIN:$PATH:/usr/sbin:/sbin"

# ---- the end of a test ----

# shellcheck source=sshd.sh
. "$TOP/tests/cli/sshd.sh"

fail()	# TEXT...: the test failed
{
	echo "FAIL: $*" >&2
	exit 1
}

skip()	# REASON...: the test cannot run here
{
	echo "skip: $*" >&2
	exit 77
}

requires()	# COMMAND...
{
	local c
	for c; do
		command -v "$c" > /dev/null || skip "no $c here"
	done
}

requires_root()
{
	[ "$(id -u)" = 0 ] || skip "needs root"
}

at_end()
{
	local status=$? pid
	trap - ERR EXIT
	set +e
	for pid in "${DAEMONS[@]}"; do
		end_daemon "$pid"
	done
	end_ours
	if [ "$status" != 0 ] && [ "$status" != 77 ]; then
		for f in out err sshd/log; do
			[ ! -s "$T/$f" ] || sed "s,^,$f: ," "$T/$f" | tail -n 30
		done >&2
	fi
	cd /
	awk -v t="$T/" 'index($5, t) == 1 { print $5 }' /proc/self/mountinfo |
	    tac | xargs -r -d '\n' umount -l 2> /dev/null
	[ -n "${KEEP:-}" ] && echo "kept: $T" >&2 && exit $status
	if ! rm -rf --one-file-system "$T" 2> /dev/null; then
		chmod -R u+rwX "$T" 2> /dev/null
		rm -rf --one-file-system "$T"
	fi
	exit $status
}

make_t()
{
	local d
	if [ "$(id -u)" = 0 ]; then
		set -- /var/lib /run	# other accounts can pass through
	else
		set -- "$HOME" "${XDG_RUNTIME_DIR:-/nowhere}"
	fi
	for d in "$@" "${TMPDIR:-/tmp}"; do
		if [ -w "$d" ] && safe_parents "$d"; then
			break
		fi
	done
	T=$(mktemp -d "$d/lookback-test.XXXXXXXX")
	chmod 755 "$T"
}

trap 'echo "FAIL: ${BASH_SOURCE[0]##*/} line $LINENO: $BASH_COMMAND" >&2' ERR
make_t
trap at_end EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
cd "$T"

# ---- running and comparing ----

status=0
run_status()	# COMMAND...: its status in $status, its output in $T/out, $T/err
{
	status=0
	"$@" > "$T/out" 2> "$T/err" || status=$?
}

expect_status()	# N COMMAND...
{
	local want=$1
	shift
	run_status "$@"
	[ "$status" = "$want" ] || fail "status $status, not $want: $*"
}

same_text()	# [FILE]: FILE (default $T/out) is the text on stdin
{
	diff -u --label expected --label got - "${1:-$T/out}" >&2 ||
	    fail "${1:-$T/out} is not as expected"
}

has_text()	# TEXT [FILE]: FILE (default $T/out) holds the text
{
	grep -qF -e "$1" "${2:-$T/out}" || fail "no \"$1\" in ${2:-$T/out}"
}

lacks_text()	# TEXT [FILE]
{
	! grep -qF -e "$1" "${2:-$T/out}" || fail "\"$1\" in ${2:-$T/out}"
}

wait_until()	# SECONDS COMMAND...: until it succeeds; polls
{
	local end=$((SECONDS + $1))
	shift
	until "$@" 2> /dev/null; do
		[ $SECONDS -lt "$end" ] || fail "waited too long for: $*"
		sleep 0.02
	done
}

daemon()	# COMMAND...: in a process group of its own, ended with the test
{
	setsid "$@" < /dev/null > "$T/daemon.log" 2>&1 &
	DAEMONS+=($!)
}

as_ids()	# UID GID[,GID...] COMMAND...: without any privilege
{
	local uid=$1 gids=$2
	shift 2
	setpriv --reuid="$uid" --regid="${gids%%,*}" --groups="$gids" \
	    --bounding-set=-all --inh-caps=-all -- "$@"
}

# WHAT AGAINST OURS THEIRS REACH: a row of `make bench`; OURS / THEIRS is to be
# REACH at most.
figure()
{
	(IFS='|' && echo "figure: $*")
}

# ---- hosts that push to one central store ----

# Sets CENTRAL, SERVER_CONF; a sshd runs.
make_central()
{
	[ -n "${SSHD_PORT:-}" ] || start_sshd
	CENTRAL=$T/central SERVER_CONF=$T/server.conf
	cat > "$SERVER_CONF" <<-END
		store = $CENTRAL
		authorized-keys = $AUTHORIZED_KEYS
	END
}

# NAME: a tree in $T/NAME/tree, $T/NAME/lindex.conf, a key that is enrolled.
make_host()
{
	mkdir -p "$T/$1/tree"
	make_key "$1"
	cat > "$T/$1/lindex.conf" <<-END
		host = $1
		store = $T/$1/store
		[Scan]
		prunefs =
		prunenames =
		prunepaths =
		prune-bind-mounts = no
		[Server]
		server = 127.0.0.1
		port = $SSHD_PORT
		user = $SSHD_USER
		key = $T/keys/$1
		known-hosts = $KNOWN_HOSTS
	END
	lindex enrol --config "$SERVER_CONF" "$1" "$T/keys/$1.pub"
}

host_scan()	# NAME [OPTION...]: one more snapshot of its tree
{
	local name=$1
	shift
	lindex scan --config "$T/$name/lindex.conf" -U "$T/$name/tree" "$@"
}

host_push()	# NAME [OPTION...]
{
	local name=$1
	shift
	lindex push --config "$T/$name/lindex.conf" "$@"
}

# What both stores say of a host's snapshots: dates, counts, digests.
snapshots_of()	# STORE HOST
{
	lindex snapshots --store "$1" --host "$2" --jsonl |
	    sed -E 's/"(number|received|clock)":[^,]*,//g'
}

same_snapshots()	# NAME: the central store holds what the host's own does
{
	snapshots_of "$T/$1/store" "$1" > "$T/theirs"
	snapshots_of "$CENTRAL" "$1" | same_text "$T/theirs"
}

n_snapshots()	# STORE HOST
{
	lindex snapshots --store "$1" --host "$2" --jsonl | wc -l
}

clean_store()	# STORE
{
	lindex check --store "$1" > "$T/checked" 2>&1 ||
	    fail "$1: $(cat "$T/checked")"
}

# Processes of `lindex receive` for the central store: "PID receiving", or "PID
# merging" for those that have nothing more to read.
receivers()
{
	local f p
	for f in $(grep -lsaF receive /proc/[0-9]*/cmdline || true); do
		p=${f%/cmdline}
		grep -qsaF -e "$CENTRAL" "$f" || continue
		case $(readlink "$p/fd/0" || true) in
		'') ;;	# it has ended
		/dev/null) echo "${p#/proc/} merging" ;;
		*) echo "${p#/proc/} receiving" ;;
		esac
	done
}

receivers_gone()
{
	[[ "$(receivers)" != *receiving* ]]
}

stop_merging()
{
	local pid what
	while read -r pid what; do
		[ "$what" != merging ] || kill -KILL "$pid" 2> /dev/null || true
	done < <(receivers)
	while [[ "$(receivers)" == *merging* ]]; do
		sleep 0.01
	done
}
