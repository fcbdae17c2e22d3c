#!/bin/bash
# The commands in the manuals' EXAMPLES do what they say: lines "# command" as
# root, "$ command" as a member of group lookback, on a server with two hosts, in
# a network of its own.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/cli/root.sh"
requires mandoc
own_network "${1:-}"

make_root cp mkdir cat cut env find ip grep head jq sort ssh-keygen tail wc xargs
mkdir -p "$ROOT/home/alice"
chown "$ALICE_ID:$ALICE_ID" "$ROOT/home/alice"
make_lab_root
make_central
cat > "$SERVER_CONF" <<END
store = $ROOT/var/lib/lookback/central
authorized-keys = $AUTHORIZED_KEYS
END
for host in web01 db01; do
	make_host $host
done

# What the examples speak of; each once there, then changed or gone.
mkdir -p {web01,db01}/tree/{etc/nginx,etc/ssl,home/alice,srv/www,var/log}
for f in etc/passwd etc/hosts etc/fstab etc/nginx/nginx.conf etc/ssl/old.key \
    home/alice/report.ods srv/www/index.html var/log/syslog etc/report.txt; do
	echo one > "web01/tree/$f"
	echo one > "db01/tree/$f"
done
nights()
{
	for host in web01 db01; do
		lindex run --config $host/lindex.conf -U "$T/$host/tree"
	done
}
nights
echo changed >> web01/tree/etc/hosts
rm {web01,db01}/tree/{home/alice/report.ods,etc/ssl/old.key,etc/fstab}
rm web01/tree/etc/nginx/nginx.conf web01/tree/etc/report.txt
nights
chown -R "$LOOKBACK_ID:$LOOKBACK_ID" "$ROOT/var/lib/lookback/central"

# Archives of two nights, and what libc-bin has for reading them.
mkdir -p "$ROOT"/{b,usr/lib/locale}
cp -r /usr/lib/locale/C.utf8 "$ROOT/usr/lib/locale/"
for night in 20 21; do
	tar -C web01/tree --zstd -cf "$ROOT/b/etc-2026-11-$night.tar.zst" etc
	touch -d "2026-11-$night 02:00" "$ROOT/b/etc-2026-11-$night.tar.zst"
done

touch "$ROOT"/etc/{hosts,fstab,zshrc,host.conf}

# What hosts left on the server before there was a store.
mkdir -p "$ROOT/home/index"
printf 'd\t\t\t%s\n' /etc /home /home/alice > old.tsv
printf 'f\t\t\t%s\n' /etc/fstab /home/alice/report.ods >> old.tsv
for f in 131120-web01.db 131121-web01.db 131121-db01.db mail01-20131121.mlocate; do
	"$HELPERS/mlocatedb" "$ROOT/home/index/$f" old.tsv
done

# The host of the examples: its settings, its keys, the server reached here.
mkdir -p "$ROOT/etc/lookback"
cp keys/web01 "$KNOWN_HOSTS" "$ROOT/etc/lookback/"
sed "s,$T/keys/,/etc/lookback/,; s,$T/sshd/,/etc/lookback/,
    s,^store = .*,store = /var/lib/lookback/local,
    /^prune/d" web01/lindex.conf \
    > "$ROOT/etc/lookback/lindex.conf"
cat > "$ROOT/etc/lookback/server.conf" <<- 'END'
	[Retention]
	keep-daily = 7
	[Repository "/b"]
	pattern = {set}-{date}.tar.*
	host = web01
END
make_key mail01
cp keys/mail01.pub "$ROOT/root/mail01.pub"
expect_status 0 in_root 0:0 /usr/bin/lindex run

shown()	# MANUAL: its EXAMPLES
{
	mandoc -T ascii -O width=1000 "$1" | sed 's/.\x08//g' |
	    awk '/^[A-Z]/ { on = /^EXAMPLES/ } on'
}
examples()	# MANUAL: the commands of its EXAMPLES
{
	shown "$1" | sed -nE 's/^ +([$#] )/\1/p'
}

n=0 said=0
for manual in "$TOP"/man/*.[158]; do
	while IFS= read -r line; do
		user=alice: home=/home/alice
		[ "${line:0:1}" = '$' ] || user=0:0 home=/root
		run_status in_root $user /bin/sh -c "cd $home && ${line:2}"
		# A search may find nothing.
		[ "$status" = 0 ] || [[ $status$line == 1*lsearch* ]] ||
		    fail "${manual##*/}: status $status: $line"
		n=$((n + 1))
		[ ! -s out ] || said=$((said + 1))
		cat out >> "said.${manual##*/}"
	done < <(examples "$manual")
done
[ $said -ge 7 ] || fail "only $said of $n examples print something"

# What labrouter(8) shows as answers are some, in their order, but for counts.
no_counts()
{
	sed -E 's/[0-9]+ (changes|steps)/N \1/'
}
shown "$TOP/man/labrouter.8" | sed -nE '/^ {11}[$#] /,/^$/s/^ {11}//p' |
    sed -E '/^([$#] |$)/d' | no_counts > want
no_counts < said.labrouter.8 | grep -xFf want > answers
same_text answers < want

# What lookback-lab(5) shows is a lab.
shown "$TOP/man/lookback-lab.5" | sed -n 's/^ \{11\}//p' > shown.lab
expect_status 0 labrouter check shown.lab
same_text <<< 'shown: nothing is wrong'
