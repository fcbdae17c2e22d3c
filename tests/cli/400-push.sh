#!/bin/bash
# Hosts push to a real sshd: what arrives, what is refused, and what is said.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
requires ssh ssh-keyscan

start_sshd "Subsystem sftp internal-sftp"
make_central > out

# ---- two hosts, two nights each ----

for h in web01 web02; do
	make_host $h > out
	has_text "$h: ssh-ed25519 SHA256:"
	for i in 1 2; do
		echo $i > $h/tree/file$i
		host_scan $h > out 2>&1
	done
	expect_status 0 host_push $h
	[ ! -s out ] || fail "a push that goes well prints something"
	[ ! -s err ] || fail "a push that goes well says something"
	same_snapshots $h
done
rm web01/tree/file1
host_scan web01 > out 2>&1
expect_status 0 host_push web01
same_snapshots web01
same_snapshots web02
# Nothing new is nothing to do.
expect_status 0 host_push web01
lacks_text warning err
[ "$(n_snapshots "$CENTRAL" web01)" = 3 ] || fail "pushed again"
expect_status 0 lindex hosts --store web01/store --jsonl
has_text '"acked":3,"waiting":0'

# A series of another host stays here, and a store with nothing else says so.
lindex scan --config web01/lindex.conf --host other --store other -U web01/tree \
    > out 2>&1
expect_status 0 lindex push --config web01/lindex.conf --store other
has_text "another host's" err

# ---- settings ----

expect_status 2 lindex push --config nowhere.conf
has_text "nowhere.conf" err
expect_status 2 lindex push --config web01/lindex.conf --store nowhere
has_text "nowhere" err
echo 'host = web01' > no-server.conf
expect_status 2 lindex push --config no-server.conf --store web01/store
has_text "no server to push to" err
expect_status 2 lindex push --no-such-option
expect_status 2 lindex push word
has_text '"word"' err
expect_status 0 lindex push --help
has_text "usage: lindex push"

# ---- the server's key ----

push_with()	# KEY VALUE [HOST]: with another setting
{
	sed "s,^$1 = .*,$1 = $2," "${3:-web01}/lindex.conf" > other.conf
	run_status lindex push --config other.conf
}

for s in '-oProxyCommand=touch there' 'a b' 'a;touch there' '%h'; do
	push_with server "$s"
	[ $status = 3 ] || fail "a server called $s: status $status"
	has_text "server $s: not a host name" err
done
[ ! -e there ] || fail "a setting was run"
push_with user 'a b;c'
[ $status = 3 ] || fail "a user that cannot be: status $status"
has_text '"a b;c" cannot be a user' err

: > empty
push_with known-hosts "$T/empty"
[ $status = 3 ] || fail "an unknown server: status $status"
has_text "server 127.0.0.1: its host key is not known (" err
has_text "ssh-keyscan -p $SSHD_PORT 127.0.0.1 >> $T/empty" err
[ ! -s empty ] || fail "an unknown host key was taken by itself"
# What it says to do helps.
sh -c "$(sed -n 's/.*: \(ssh-keyscan .*\)/\1/p' err)" 2> /dev/null
push_with known-hosts "$T/empty"
[ $status = 0 ] || fail "after ssh-keyscan: status $status"

make_key another
awk -v p="$SSHD_PORT" '{ print "[127.0.0.1]:" p, $1, $2 }' \
    keys/another.pub > "changed hosts"
push_with known-hosts "$T/changed hosts"
[ $status = 3 ] || fail "a changed server: status $status"
has_text "host key has changed" err
has_text "ssh-keygen -f '$T/changed hosts' -R '[127.0.0.1]:$SSHD_PORT' && ssh-keyscan" err
sh -c "$(sed -n 's/.*: \(ssh-keygen .*\)/\1/p' err)" > out 2>&1
push_with known-hosts "$T/changed hosts"
[ $status = 0 ] || fail "after ssh-keygen -R: status $status"

# ---- our key ----

make_key stranger
push_with key "$T/keys/stranger"
[ $status = 3 ] || fail "a stranger's key: status $status"
has_text "did not accept the key $T/keys/stranger" err
has_text "lindex enrol" err
push_with key "$T/keys/nowhere"
[ $status = 3 ] || fail "a missing key: status $status"
has_text "keys/nowhere: No such file" err
for format in PEM RFC4716; do
	rm -f keys/closed*
	ssh-keygen -q -t ecdsa -m $format -N secret -f keys/closed
	push_with key "$T/keys/closed"
	[ $status = 3 ] || fail "a key with a passphrase: status $status"
	has_text "passphrase" err
done

# ---- the key of a host does this and nothing else ----

as_web01()	# ARGUMENT...: of ssh
{
	timeout 100 ssh -F none -i keys/web01 -o BatchMode=yes \
	    -o UserKnownHostsFile="$KNOWN_HOSTS" -p "$SSHD_PORT" \
	    "$@" < /dev/null
}
before=$(snapshots_of "$CENTRAL" 'web*')
for c in "lindex hosts --store $CENTRAL" "rm -rf $CENTRAL" "touch $T/broken" ""; do
	# shellcheck disable=SC2086
	expect_status 2 as_web01 "$SSHD_USER@127.0.0.1" ${c:+"$c"}
	has_text "receive web01: nothing came" err
	lacks_text "$CENTRAL"
done
expect_status 2 as_web01 -s "$SSHD_USER@127.0.0.1" sftp
has_text "nothing came"
run_status as_web01 -tt "$SSHD_USER@127.0.0.1"
[ $status != 0 ] || fail "a terminal"
lacks_text "$CENTRAL"
run_status as_web01 -o ExitOnForwardFailure=yes -N \
    -R 127.0.0.1:0:127.0.0.1:1 "$SSHD_USER@127.0.0.1"
[ $status = 255 ] || fail "a port could be forwarded back: $status"
run_status as_web01 -W "127.0.0.1:$SSHD_PORT" "$SSHD_USER@127.0.0.1"
[ $status != 0 ] || fail "a port could be forwarded"
lacks_text SSH-2.0
run_status timeout 100 scp -q -F none -i keys/web01 -o BatchMode=yes \
    -o UserKnownHostsFile="$KNOWN_HOSTS" -P "$SSHD_PORT" \
    "$SSHD_USER@127.0.0.1:$SERVER_CONF" stolen
[ $status != 0 ] || fail "scp goes well"
[ ! -s stolen ] || fail "scp took a file"
[ "$before" = "$(snapshots_of "$CENTRAL" 'web*')" ] || fail "something changed"
[ ! -e "$T/broken" ] || fail "a command ran"
# Nor does its environment matter, or the command that it asks for.
SSH_ORIGINAL_COMMAND="--host web02" LOOKBACK_HOST=web02 LOOKBACK_STORE=/nowhere \
    expect_status 2 lindex receive --config "$SERVER_CONF" --host web01 \
    < /dev/null
has_text "receive web01: nothing came" err

# ---- receive by hand ----

expect_status 2 lindex receive --config "$SERVER_CONF"
has_text "--host" err
expect_status 2 lindex receive --config "$SERVER_CONF" --host ../x
expect_status 2 lindex receive --config nowhere.conf --host web01
has_text "nowhere.conf" err
head -c 100000 /dev/urandom > garbage
expect_status 2 lindex receive --config "$SERVER_CONF" --host web01 < garbage
has_text "not a message of the push protocol" err
if command -v script > /dev/null; then
	run_status script -qec "lindex receive --config $SERVER_CONF --host web01" \
	    /dev/null
	has_text "this is a terminal"
fi
clean_store "$CENTRAL"

# ---- a command that stands between, and waits for the end ----

cat > between <<END
#!/bin/sh
tee "$T/from-client" | "\$@" | tee "$T/from-server"
END
chmod +x between
cp "$AUTHORIZED_KEYS" keys.true
sed "s,command=\"\([^\"]*\)\",command=\"$T/between \1\"," keys.true \
    > "$AUTHORIZED_KEYS"
echo between > web02/tree/between
host_scan web02 > out 2>&1
# Time is only for one that hangs.
expect_status 0 timeout 60 lindex push --config web02/lindex.conf
[ -s from-client ] && [ -s from-server ] || fail "nothing went through it"
same_snapshots web02
cp keys.true "$AUTHORIZED_KEYS"

# ---- a server that is not there ----

echo 3 > web01/tree/file3
host_scan web01 > out 2>&1
push_with server nowhere.invalid
[ $status = 3 ] || fail "an unknown name: status $status"
has_text "server nowhere.invalid: the name is not known" err
stop_sshd
expect_status 3 host_push web01
has_text "server 127.0.0.1: cannot connect to port $SSHD_PORT: Connection refused" err
start_sshd
sed -i "s/^port = .*/port = $SSHD_PORT/" web0?/lindex.conf
expect_status 0 host_push web01
same_snapshots web01
# The log keeps what went wrong.
[ -z "$(find "$CENTRAL/tmp" -type f)" ] || fail "temporaries stay behind"
