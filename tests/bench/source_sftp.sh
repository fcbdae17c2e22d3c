# Sourced by run.sh: a machine over SFTP on loopback, against OpenSSH's sftp.
# Its ls does not go into directories, so it is told all of them beforehand, in
# one connection: it lists them, and need not look for them.
#
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154 # what run.sh sets

# DIRECTORY...: 50,000 files in each tree
sftp_trees()
{
	python3 - "$@" <<-'END'
		import os, sys
		many, wide = sys.argv[1:]
		for a in range(50):
		    for b in range(50):
		        d = f"{many}/usr-{a:02}/some-package-{b:02}"
		        os.makedirs(d)
		        for c in range(20):
		            open(f"{d}/file-name-of-{c:02}.txt", "x").close()
		os.makedirs(wide)
		for i in range(50000):
		    open(f"{wide}/some-name-{i:05}.txt", "x").close()
	END
}

sftp_walks()
(
	# shellcheck source=../cli/lib.sh
	. "$top/tests/cli/lib.sh"
	start_sshd "Subsystem sftp internal-sftp"
	make_key me
	cat keys/me.pub >> "$AUTHORIZED_KEYS"
	sftp_trees "$work/sftp/many" "$work/sftp/wide"
	for tree in many wide; do
		dir=$work/sftp/$tree
		find "$dir" -type d | sed 's/^/ls -lan /' > dirs
		measure "$runs" "rm -rf $work/sftp/store" lindex scan \
		    --store "$work/sftp/store" --host h \
		    --identity keys/me --known-hosts "$KNOWN_HOSTS" \
		    --source "sftp://$SSHD_USER@127.0.0.1:$SSHD_PORT$dir" \
		    ::: "" sftp -q -F none -b dirs -P "$SSHD_PORT" -i keys/me \
		    -o UserKnownHostsFile="$KNOWN_HOSTS" "$SSHD_USER@127.0.0.1"
		[ "$s1$s2" = 00 ] || fail "scan: status $s1, sftp: $s2"
		row "scan of 50,000 files over SFTP, $(wc -l < dirs) directories, s" \
		    "sftp's ls -lan of each" "$m1" "$m2" 1.0
		peak "the same" "$k1"
	done
)

note "SFTP on loopback"
rm -rf "$work/sftp"
sftp_walks
rm -rf "$work/sftp"
