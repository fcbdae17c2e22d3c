#!/bin/bash
# Figures against the peers' own, in one run on the same machine: make bench
# CORPUS=DIR [BENCH="scan cold store wire search loop push memory lab archive import
# image lget sftp"].
#
# CORPUS is what corpus.sh makes. The work is done in BENCH_DIR (default
# build/bench), which wants some 10 GB and ends empty; databases of the peer
# that do not change stay in CORPUS/plocate. BENCH=lab needs no corpora, but root;
# BENCH=sftp needs none.
#
# SPDX-License-Identifier: BSD-2-Clause
set -Eeuo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
bin=${BIN:-$top/build/release-cc/bin}
helpers=${bin%/bin}/tests/bench
corpus=${CORPUS:-$top/build/corpus}
work=${BENCH_DIR:-$top/build/bench}
runs=${RUNS:-5}
parts=" ${*:-scan cold store wire search loop push memory lab
    archive import image lget sftp} "
export LC_ALL=C.UTF-8 PATH="$bin:$PATH:/usr/sbin"
if [ "$parts" != " lab " ] && [ "$parts" != " sftp " ]; then
	[ -e "$corpus/v1/h000/base.tsv" ] || {
		echo "no corpora in $corpus: tests/bench/corpus.sh makes them" >&2
		exit 2
	}
	corpus=$(cd "$corpus" && pwd)
fi
mkdir -p "$work"
work=$(cd "$work" && pwd)
trap 'echo "bench: line $LINENO: $BASH_COMMAND" >&2' ERR

# ---- printing ----

results=$work/results
: > "$results"

row()	# WHAT PEER OURS THEIRS REACH: the ratio is OURS / THEIRS
{
	local line
	line=$(awk -v w="$1" -v p="$2" -v a="$3" -v b="$4" -v r="$5" 'BEGIN {
	    q = b > 0 ? a / b : 0
	    printf "| %s | %s | %s | %s | %.3g | <= %s | %s |", w, p, a, b, q, r,
		q <= r ? "reached" : "NOT reached" }')
	echo "$line" | tee -a "$results" >&2
}

peak()	# WHAT KIB: against 256 MiB
{
	row "memory: $1, KiB" "256 MiB" "$2" 262144 1
}

note()
{
	echo "-- $*" >&2
}

wants()	# PART
{
	[[ $parts == *" $1 "* ]]
}

# ---- measuring ----

# RUNS then commands as of measure.c; results in $m1 $k1 $s1, $m2 ...: seconds,
# KiB, status
m1=0 m2=0 m3=0 k1=0 k2=0 k3=0 s1=0 s2=0
measure()
{
	local i=0 s k st
	while read -r s k st; do
		i=$((i + 1))
		printf -v m$i %s "$s"
		printf -v k$i %s "$k"
		printf -v s$i %s "$st"
	done < <("$helpers/measure" "$@")
	[ $i != 0 ] || { echo "measure failed: $*" >&2; exit 1; }
}

median()
{
	printf '%s\n' "$@" | sort -g | awk '{ v[NR] = $1 }
	    END { print v[int((NR + 1) / 2)] }'
}

bytes()	# PATH...: of the files below
{
	find "$@" -type f -printf '%s\n' | awk '{ n += $1 } END { print n }'
}

cold='sync; echo 3 > /proc/sys/vm/drop_caches'
# DIR NIGHT OUT: an mlocate.db of that night of the host in DIR
mlocate_of()
{
	local k deltas=()
	for ((k = 1; k <= $2; k++)); do
		deltas+=("$1/$(printf d%03d "$k").delta")
	done
	"${helpers%/bench}/tools/mlocatedb" "$3" "$1/base.tsv" "${deltas[@]}"
}
corpus_py()
{
	python3 "$top/tests/bench/corpus.py" "$@"
}

all_of_it=(--prunefs= --prunenames= --prunepaths= --prune-bind-mounts=no)
scan=(lindex scan --host h000 "${all_of_it[@]}" -U "$work/tree")
updatedb=(updatedb.plocate -l no --prunefs= --prunenames= --prunepaths=
    --prune-bind-mounts=no -U "$work/tree" -o "$work/plocate.db")

# ---- scans: a real tree, night after night ----

if wants scan || wants cold; then
	note "making the tree of night 0"
	rm -rf "$work"/{tree,store,names,plocate.db}
	corpus_py tree "$corpus/v1/h000/base.tsv" "$work/tree"
	sleep 4		# directories younger than 3 s are never trusted
fi

if wants scan; then
	note "full scans"
	measure "$runs" "rm -rf $work/store" "${scan[@]}" --store "$work/store" \
	    ::: "rm -f $work/plocate.db" "${updatedb[@]}"
	row "full scan, 1 M, metadata, warm, s" "plocate's updatedb" "$m1" "$m2" 1.0
	peak "full scan" "$k1"
	row "store after one scan, metadata, bytes" plocate.db \
	    "$(bytes "$work/store")" "$(bytes "$work/plocate.db")" 1.1
fi
if wants cold; then
	note "full scans, cold"
	measure 3 "rm -rf $work/store; $cold" "${scan[@]}" --store "$work/store" \
	    ::: "rm -f $work/plocate.db; $cold" "${updatedb[@]}"
	row "full scan, cold, s" "plocate's updatedb" "$m1" "$m2" 0.7
fi

# NIGHT PREPARE...: one night's changes, then each of the three once
a_night()
{
	corpus_py step "$corpus/v1/h000/$(printf d%03d "$1").delta" "$work/tree"
	sleep 4
	measure 1 "$2" "${scan[@]}" --store "$work/store" \
	    ::: "$2" "${scan[@]}" --store "$work/names" --names-only \
	    ::: "$2" "${updatedb[@]}"
	ours+=("$m1") names+=("$m2") theirs+=("$m3")
	peak_scan=$k1 peak_names=$k2
}

night=1
if wants scan || wants cold; then
	"${scan[@]}" --store "$work/names" --names-only > /dev/null
	[ -e "$work/store" ] || "${scan[@]}" --store "$work/store" > /dev/null
	[ -e "$work/plocate.db" ] || "${updatedb[@]}"
	for how in warm cold; do
		wants ${how/warm/scan} || continue
		note "nights: $how"
		ours=() names=() theirs=() prepare='' reach=(0.9 0.3)
		[ $how = warm ] || { prepare=$cold; reach=(1.2 0.6); }
		for _ in 1 2 3 4 5; do
			a_night $night "$prepare"
			night=$((night + 1))
		done
		row "nightly rescan, $how, s" "plocate's updatedb" \
		    "$(median "${ours[@]}")" "$(median "${theirs[@]}")" "${reach[0]}"
		row "the same, --names-only, $how, s" "plocate's updatedb" \
		    "$(median "${names[@]}")" "$(median "${theirs[@]}")" "${reach[1]}"
	done
	peak "nightly rescan" "$peak_scan"
	peak "nightly rescan, --names-only" "$peak_names"
	rm -rf "$work"/{tree,store,names,plocate.db}
fi

# ---- stores of many nights, fed from the lists ----

# STORE HOST FIRST LAST [FROM [OPTION]]: its nights into a store
feed()
{
	local store=$1 host=$2 k files=()
	for ((k = $3; k <= $4; k++)); do
		[ "$k" = 0 ] && files+=("$corpus/${5:-v10}/$host/base.tsv") ||
		    files+=("$corpus/${5:-v10}/$host/$(printf d%03d "$k").delta")
	done
	"$helpers/feed" --store "$store" --series "$host" ${6:+"$6"} "${files[@]}"
}

if wants store; then
	note "30 nights of a host"
	rm -rf "$work/store"
	feed "$work/store" h000 0 0 v1
	first=$(bytes "$work/store")
	feed "$work/store" h000 1 29 v1
	measure 1 "" lindex compact --store "$work/store"
	row "store after 30 nights, merged, bytes" "the first night" \
	    "$(bytes "$work/store")" "$first" 1.75
	peak "merge of 30 nights" "$k1"
	rm -rf "$work/store"
fi

# HOST NIGHT: its plocate.db, made once
plocate_of()
{
	local db=$corpus/plocate/$1.$2.db
	if [ ! -s "$db" ]; then
		mkdir -p "$corpus/plocate"
		corpus_py night "$corpus/v10/$1" "$2" "$work/night.tsv"
		corpus_py paths "$work/night.tsv" > "$work/night.list"
		plocate-build -p "$work/night.list" "$db.tmp" > /dev/null
		mv "$db.tmp" "$db"
		rm "$work"/night.*
	fi
	echo "$db"
}

# The middle one of the long names that occur once.
rare_name()
{
	cut -f 4 "$corpus/v1/h000/base.tsv" | sed 's,.*/,,' | sort | uniq -u |
	    grep -E '^[A-Za-z_]{14,24}$' | awk '{ v[NR] = $0 }
	    END { print v[int(NR / 2)] }'
}

if wants search || wants loop; then
	rare=$(rare_name)
	db=$(plocate_of h000 0)
fi
if wants search; then
	note "searches for $rare and others, one host, one night"
	rm -rf "$work/one"
	feed "$work/one" h000 0 0 v1
	one=(lsearch --store "$work/one")
	against=(plocate -d "$db")
	measure 21 "" "${one[@]}" "$rare" ::: "" "${against[@]}" "$rare"
	row "rare name, 1 host x 1 night, s" plocate "$m1" "$m2" 1.0
	measure "$runs" "" "${one[@]}" zq ::: "" "${against[@]}" zq
	row "two characters, s" plocate "$m1" "$m2" 0.8
	peak "search of two characters" "$k1"
	for q in '\.so\.[0-9]+$ 0.1' '[0-9]{4}-[0-9]{2}$ 0.3'; do
		measure "$runs" "" "${one[@]}" --regex "${q% *}" \
		    ::: "" "${against[@]}" --regex "${q% *}"
		row "--regex '${q% *}', s" plocate "$m1" "$m2" "${q##* }"
	done
	rm -rf "$work/one"
fi
if wants search || wants loop; then
	note "10 hosts x 30 nights"
	rm -rf "$work/ten"
	for h in "$corpus"/v10/h*; do
		feed "$work/ten" "${h##*/}" 0 29
	done
	lindex compact --store "$work/ten"
	ten=(lsearch --store "$work/ten")
	if wants search; then
		measure 21 "" "${ten[@]}" "$rare" ::: "" plocate -d "$db" "$rare"
		row "rare name, 10 hosts x 30 nights, s" "plocate, one night" \
		    "$m1" "$m2" 1.5
	fi
	if wants loop; then
		note "300 databases of plocate (made once)"
		dbs=()
		for h in "$corpus"/v10/h*; do
			for k in {0..29}; do
				dbs+=("$(plocate_of "${h##*/}" "$k")")
			done
		done
		# shellcheck disable=SC2016 # the inner shell's
		measure 3 "" "${ten[@]}" "$rare" ::: "" bash -c \
		    'p=$1; shift; for d; do plocate -d "$d" "$p"; done; true' \
		    bash "$rare" "${dbs[@]}"
		row "rare name, 10 hosts x 30 nights, s" \
		    "loop of plocate over 300" "$m1" "$m2" 0.01
	fi
	rm -rf "$work/ten"
fi

# ---- pushes through a real sshd ----

# HOST: a host of the fixture with its store in $work
pushing_host()
{
	[ -d "$1" ] || make_host "$1" > /dev/null
	sed -i "s,^store = .*,store = $work/$1," "$1/lindex.conf"
	rm -rf "${work:?}/$1"
	feed "$work/$1" "$1" 0 0 v10 --now
	host_push "$1" > /dev/null
}

pushes()
(
	# shellcheck source=../cli/lib.sh
	. "$top/tests/cli/lib.sh"
	make_central
	sed -i "s,^store = .*,store = $work/central," "$SERVER_CONF"
	rm -rf "$work/central"
	if wants wire; then
		note "one night on the wire"
		pushing_host h000
		feed "$work/h000" h000 1 1 v10 --now
		cat > wire <<-END
			#!/bin/bash
			set -o pipefail
			tee "$T/up" | /usr/bin/time -f %M -o "$T/kib" "\$@" | tee "$T/down"
		END
		chmod +x wire
		sed -i "s,command=\",&$T/wire ," "$AUTHORIZED_KEYS"
		measure 1 "" lindex push --config "$T/h000/lindex.conf"
		[ "$s1" = 0 ] || fail "push: status $s1"
		sed -i "s,$T/wire ,," "$AUTHORIZED_KEYS"
		mlocate_of "$corpus/v10/h000" 1 "$work/h000.mlocate"
		row "one night on the wire, bytes" mlocate.db \
		    "$(bytes up down)" "$(bytes "$work/h000.mlocate")" 0.02
		peak "push of a night" "$k1"
		peak "receive of a night" "$(tail -n 1 kib)"
		rm -rf "$work/h000" "$work/central"
	fi
	if wants push; then
		note "ten hosts at once"
		[ -e keys/scp ] || make_key scp
		cat keys/scp.pub >> "$AUTHORIZED_KEYS"
		hosts=()
		for h in "$corpus"/v10/h*; do
			h=${h##*/}
			hosts+=("$h")
			pushing_host "$h"
			mlocate_of "$corpus/v10/$h" 1 "$work/$h.mlocate"
		done
		cat > ten-pushes <<-END
			for h in ${hosts[*]}; do
				lindex push --config "$T/\$h/lindex.conf" > /dev/null &
				pids="\$pids \$!"
			done
			for p in \$pids; do wait \$p || exit 1; done
		END
		cat > ten-copies <<-END
			for h in ${hosts[*]}; do
				scp -O -q -F none -i "$T/keys/scp" -P $SSHD_PORT \
				    -o UserKnownHostsFile="$KNOWN_HOSTS" \
				    "$work/\$h.mlocate" \
				    "$SSHD_USER@127.0.0.1:$work/\$h.copy" &
				pids="\$pids \$!"
			done
			for p in \$pids; do wait \$p || exit 1; done
		END
		ours=() theirs=()
		for k in 1 2 3; do
			for h in "${hosts[@]}"; do
				feed "$work/$h" "$h" $k $k v10 --now
			done
			measure 1 "" bash ten-pushes ::: "" bash ten-copies
			[ "$s1$s2" = 00 ] || fail "pushes: status $s1, scp: $s2"
			ours+=("$m1") theirs+=("$m2")
		done
		row "ten hosts push a night at once, s" "scp of mlocate.db" \
		    "$(median "${ours[@]}")" "$(median "${theirs[@]}")" 0.5
		rm -rf "$work"/h0* "$work/central"
	fi
)
if wants wire || wants push; then
	pushes
fi

# ---- memory where it is hard ----

if wants memory; then
	note "2 million names in one directory"
	rm -rf "$work/wide" "$work/store"
	mkdir -p "$work/wide"
	(cd "$work/wide" && seq -f 'some-name-%.0f' 2000000 | xargs touch)
	measure 1 "" lindex scan --host h --store "$work/store" \
	    "${all_of_it[@]}" -U "$work/wide"
	peak "scan of 2 M names in one directory" "$k1"
	rm -rf "$work/wide" "$work/store"
	note "8 million paths"
	awk 'NR > 1 { t = index($0, last "/") == 1 ? "d" : "f"
		print t "\t0\t1700000000000000000\t" last }
	    { last = $0 }
	    END { print "f\t0\t1700000000000000000\t" last }' \
	    "$corpus/ball.list" > "$work/ball.tsv"
	for s in one two; do
		"$helpers/feed" --store "$work/store" --series $s "$work/ball.tsv"
	done
	measure 1 "" lindex compact --store "$work/store" \
	    ::: "" lsearch --store "$work/store" -c zq \
	    ::: "" lsearch --store "$work/store" usr/share/doc
	peak "merge of 8 M paths of two hosts" "$k1"
	peak "count of two characters in 8 M paths" "$k2"
	peak "/usr/share/doc in 8 M paths" "$k3"
	rm -rf "$work/store" "$work/ball.tsv"
fi

# ---- sources: each in a file of its own ----

for part in archive import image lget sftp; do
	file=$top/tests/bench/source_$part.sh
	if wants $part && [ -e "$file" ]; then
		# shellcheck disable=SC1090
		. "$file"
	fi
done

# ---- labs ----

if wants lab; then
	rows_of()	# COMMAND...: lines of WHAT|AGAINST|OURS|THEIRS|REACH
	{
		local what against ours theirs reach
		"$@" > "$work/lab/rows"
		while IFS='|' read -r what against ours theirs reach; do
			row "$what" "$against" "$ours" "$theirs" "$reach"
		done < "$work/lab/rows"
	}
	# NAME...: tests that print figures, or say why not
	figures_of()
	{
		local name log=$work/lab/log
		for name; do
			note "$name"
			bash "$top/tests/cli/$name.sh" > "$log" 2>&1 || {
				tail -n 20 "$log" >&2
				row "$name fails" "no failure" 1 1 0
			}
			rows_of sed -n 's/^figure: //p' "$log"
		done
	}
	# shellcheck disable=SC2031 # what that one changes, it keeps
	export BIN=$bin HELPERS=${bin%/bin}/tests/tools
	mkdir -p "$work/lab"
	note "labs start"
	RUNS=$runs rows_of bash "$top/tests/bench/lab.sh" "${bin%/bin}" "$work/lab"
	note "a packet's way"
	RUNS=$runs rows_of bash "$top/tests/bench/lab_flows.sh"
	figures_of 925-lab-closed 926-lab-closed-single 980-lab-prove \
	    942-lab-reload 922-lab-twins 970-lab-trace
	rm -rf "$work/lab"
fi

echo
echo "| what | against | ours | theirs | ratio | reach | |"
echo "| --- | --- | --- | --- | --- | --- | --- |"
cat "$results"
