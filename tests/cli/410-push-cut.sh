#!/bin/bash
# The connection is cut, or stands still, after any number of bytes: what was
# acknowledged stays, and the rest goes with the next push.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"

make_central > out
make_host web01 > out
for _ in 1 2 3; do
	for _ in $(seq 150); do
		head -c 9 /dev/urandom | od -An -tx1 | tr -d ' \n'
		echo
	done > names
	(cd web01/tree && xargs touch) < names
	host_scan web01 > out 2>&1
done
cp -a web01/store store.new

start_relay()	# up|down BYTES cut|stall
{
	rm -f port
	daemon "$HELPERS/relay" "$T/port" "$SSHD_PORT" "$@"
	RELAY=$!
	wait_until 60 test -s port
	awk -v p="$(cat port)" '{ print "[127.0.0.1]:" p, $1, $2 }' \
	    sshd/host_key.pub > known
	sed "s,^port = .*,port = $(cat port),
	    s,^known-hosts = .*,known-hosts = $T/known," \
	    web01/lindex.conf > relay.conf
}

# A store of a host that was never pushed, and a server without it.
begin_again()
{
	wait_until 60 receivers_gone
	stop_merging
	rm -rf "$CENTRAL" web01/store
	cp -a store.new web01/store
}

# A whole push has so many bytes each way.
start_relay up 100000000 cut
begin_again
lindex push --config relay.conf
end_daemon $RELAY

cuts=0 retried=0
for way in up down; do
	for ((k = 1; k < 12000; k += 877)); do
		begin_again
		start_relay $way $k cut
		run_status lindex push --config relay.conf
		case $status in
		3)
			cuts=$((cuts + 1))
			has_text "server 127.0.0.1: " err
			acked=$(lindex hosts --store web01/store --jsonl |
			    sed -n 's/.*"acked":\([0-9]*\).*/\1/p')
			wait_until 60 receivers_gone
			have=0
			[ ! -e "$CENTRAL/manifest.db" ] ||
			    have=$(n_snapshots "$CENTRAL" web01)
			[ "$acked" -le "$have" ] ||
			    fail "$way $k: $acked acknowledged, $have there"
			;;
		0)	# before the log-in it was tried again; or behind the end
			retried=$((retried + 1))
			;;
		*)
			fail "$way $k: status $status: $(cat err)"
			;;
		esac
		lindex push --config relay.conf 2> err ||
		    fail "$way $k: not healed: $(cat err)"
		same_snapshots web01
		clean_store "$CENTRAL"
		end_daemon $RELAY
	done
done
[ $cuts -ge 8 ] || fail "only $cuts pushes were cut"
[ $retried -ge 2 ] || fail "none was tried again"

# A client that stops in the middle and stays: the server lets go of it, and
# says so where it can.
begin_again
cp "$SERVER_CONF" patient.conf
printf '[Quota]\nidle-timeout = 1 s\n' >> "$SERVER_CONF"
start_relay up 4000 stall
lindex push --config relay.conf > out 2> err &
pid=$!
wait_until 60 test -s "$CENTRAL/manifest.db"
wait_until 60 receivers_gone
mv patient.conf "$SERVER_CONF"
host_push web01 || fail "a push that stands still keeps others out"
same_snapshots web01
kill $pid
wait $pid || true
[ -z "$(find "$CENTRAL/tmp" -type f)" ] || fail "temporaries stay behind"
