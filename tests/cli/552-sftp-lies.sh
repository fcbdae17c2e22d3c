#!/bin/bash
# The source sftp against servers that lie, fall silent or go away: all ends
# soon, with words, and what came until then is true.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
requires python3

python=$(python3 -c 'import sys; print(sys.executable)')
cat > server <<END
#!/bin/sh
exec "$python" -S "$TOP/tests/cli/sftp_liar.py" "\$(cat "$T/lie")"
END
chmod +x server
start_sshd "Subsystem sftp $T/server"
make_key me
cat keys/me.pub >> "$AUTHORIZED_KEYS"
mkdir -p tool/bin
cp "$HELPERS/source" tool/bin
ln -s "$(realpath "$BIN/../plugins")" tool/plugins
uri=sftp://$SSHD_USER@127.0.0.1:$SSHD_PORT/r
# STATUS LIE COMMAND...: two words of a minute that nothing of it needs.
source_of()
{
	local want=$1
	echo "$2" > lie
	expect_status "$want" timeout 120 "$T/tool/bin/source" \
	    -o "key=$T/keys/me" -o "known-hosts=$KNOWN_HOSTS" \
	    -o "timeout=${seconds:-60}" "${@:3}"
}

# ---- names ----

source_of 0 names list "$uri"
grep -o '/r.*' out | sort > sorted
same_text sorted <<-END
	/r
	/r/also
	/r/good
	/r: the server gives names that can be none: left out
END
source_of 0 "no mode" list "$uri"
has_text "unlooked: /r/what: the server does not say what it is"

# ---- no end ----

source_of 0 deep list "$uri"
[ "$(grep -c '^d ' out)" = 2048 ] || fail "$(grep -c '^d ' out) directories"
has_text "/d/d: too deep"
for lie in endless empty "bad for ever"; do
	source_of 0 "$lie" list "$uri"
	has_text "unread: /r: the server gives no new names, and no end"
done
source_of 0 wide list "$uri"
[ "$(wc -l < out)" = 300001 ] || fail "$(wc -l < out) items"

# ---- no SFTP ----

for lie in count length misfit id large greets version; do
	source_of 2 "$lie" list "$uri"
	has_text "no SFTP" err
done
has_text "version 3" err
source_of 2 root list "$uri"
has_text "no SFTP" err
source_of 2 more cat "$uri" /r/file
has_text "no SFTP" err

# ---- no answer ----

seconds=1
for lie in silent mute; do
	source_of 2 "$lie" list "$uri"
	has_text "no answer for 1 s" err
done
seconds=60
for lie in dies "hangs up"; do
	source_of 2 "$lie" list "$uri"
	has_text "connection closed by the server" err
	# What came until then is told.
	grep -q '^d 755 .* /r$' out || fail "no root"
done

# ---- the store: nothing that is not there is taken for deleted ----

scan()
{
	echo "$1" > lie
	run_status lindex scan --store "$T/store" --host web01 --source "$uri" \
	    --identity "$T/keys/me" --known-hosts "$KNOWN_HOSTS" < /dev/null
}
scan true
[ "$status" = 0 ] || fail "status $status"
for lie in dies "hangs up" endless id; do
	scan "$lie"
	[ "$status" = 3 ] || fail "$lie: status $status"
	lsearch --store "$T/store" /r/a > out
	has_text /r/a
done
clean_store "$T/store"
