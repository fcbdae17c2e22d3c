# Sourced after lib.sh and image.sh by tests of LVM: volume groups as its own tools
# make them on loop devices, without the device mapper.
#
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash

export LVM_SUPPRESS_FD_WARNINGS=1
loops=()
lvm_on()	# COMMAND ARGUMENT...: without the device mapper
{
	local command=$1
	shift
	"$command" --driverloaded n --config "
		devices { use_devicesfile=0 dir=\"/dev\"
			filter=[$(printf '"a|^%s$|",' "${loops[@]}")\"r|.*|\"] }
		global { event_activation=0 locking_dir=\"$T\" }
		activation { udev_sync=0 udev_rules=0 monitoring=0 }
		backup { backup=0 archive=0 }" "$@" > lvm.log 2>&1 ||
	    fail "$command $*: $(cat lvm.log)"
}
end_loops()
{
	[ ${#loops[@]} = 0 ] || losetup -d "${loops[@]}"
	loops=()
}
lvm_at_end()	# as at_end, which looks at how the test ended
{
	local ended=$?
	trap - ERR
	set +e
	end_loops
	(exit $ended)
	at_end
}
trap lvm_at_end EXIT

# IMAGE OFFSET MIB: a loop device with that part of it, among the loops
add_loop()
{
	loops+=("$(losetup -f --show -o "$2" --sizelimit $(($3 << 20)) "$1")") ||
	    skip "no loop devices here"
}

# IMAGE VG-AT FILE LV PV=AT...: the file's bytes to where LVM put the volume, asked
# of its own text: what is copied there is not by our reckoning but by LVM's map.
# VG-AT and AT are where physical volumes begin, those of 1 MiB extents from 1 MiB.
fill_lv()
{
	python3 - "$@" <<-'END'
		import re, sys
		image, vg_at, data, lv = sys.argv[1:5]
		pv_at = dict((p, int(at)) for p, at in
		    (a.split("=") for a in sys.argv[5:]))
		data = open(data, "rb")
		f = open(image, "r+b")
		f.seek(int(vg_at) + 4096 + 40)
		off, size = [int.from_bytes(f.read(8), "little") for _ in range(2)]
		f.seek(int(vg_at) + 4096 + off)
		t = f.read(size).decode()
		t = t[t.index("\n%s {" % lv):]
		n = int(re.search(r"segment_count = (\d+)", t)[1])
		for seg in re.findall(r"segment\d+ \{(.*?)\n\}", t, re.S)[:n]:
		    count = int(re.search(r"extent_count = (\d+)", seg)[1]) << 20
		    stripes = re.findall(r'"(pv\d)", (\d+)', seg)
		    size = re.search(r"stripe_size = (\d+)", seg)
		    size = int(size[1]) * 512 if size else 1 << 20
		    for i in range(0, count, size):
		        pv, at = stripes[i // size % len(stripes)]
		        part = data.read(size)
		        if part.count(0) == len(part):
		            continue
		        f.seek(pv_at[pv] + (1 << 20) + (int(at) << 20) +
		            i // size // len(stripes) * size)
		        f.write(part)
	END
}
