#!/bin/bash
# A restored machine that is one: a QEMU guest with a kernel of its own and its
# production address, on a tap in the lab. It is reached by the mask and by its
# static mapping, while production's machine of that address lives on, and it
# reaches nobody. Software emulation, so that any machine will do.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/../cli/lab.sh"
requires qemu-system-x86_64 busybox dpkg-deb
KERNEL_DEB=${KERNEL_DEB:?a linux-image-*.deb: make check-vm fetches it}

# ---- the guest: kernel, one program, a page to serve ----

make_guest()	# GUEST/vmlinuz and GUEST/initrd, in $T
{
	local root=guest/root modules m
	# In the order in which they need each other.
	modules=(drivers/virtio/virtio_ring drivers/virtio/virtio
	    drivers/virtio/virtio_pci_legacy_dev
	    drivers/virtio/virtio_pci_modern_dev drivers/virtio/virtio_pci
	    net/core/failover drivers/net/net_failover drivers/net/virtio_net)
	mkdir -p guest "$root"/{bin,lib,proc,www}
	dpkg-deb -x "$KERNEL_DEB" guest/deb
	mv guest/deb/boot/vmlinuz-* guest/vmlinuz
	for m in "${modules[@]}"; do
		cp guest/deb/lib/modules/*/kernel/"$m.ko" "$root/lib/"
	done
	cp "$(command -v busybox)" "$root/bin/busybox"
	{ ldd "$root/bin/busybox" || true; } 2> err | grep -oE '/[^ )]+' |
	    while read -r m; do
		mkdir -p "$root${m%/*}"
		cp -L "$m" "$root$m"
	done || true	# or it is static
	echo "the restored machine" > "$root/www/index.html"
	{
		echo '#!/bin/busybox sh'
		echo '/bin/busybox mount -t proc proc /proc'
		for m in "${modules[@]##*/}"; do
			echo "/bin/busybox insmod /lib/$m.ko"
		done
		cat <<-'END'
			busybox() { /bin/busybox "$@"; }
			busybox ip link set lo up
			busybox ip addr add 192.168.149.36/24 dev eth0
			busybox ip link set eth0 up &&
			    busybox ip route add default via 192.168.149.2 &&
			    busybox httpd -h /www && echo "guest: up"
			ask() {
			    printf 'GET / HTTP/1.0\r\n\r\n' |
				busybox nc -w 3 "$1" 80 > /answer
			    busybox grep -q 200 /answer &&
				echo "guest: $1 answers" ||
				echo "guest: $1 is out of reach"
			}
			ask 127.0.0.1
			ask 192.168.149.22
			ask 99.99.99.1
			busybox sleep 1000000
		END
	} > "$root/init"
	chmod +x "$root/init"
	(cd "$root" && find . | busybox cpio -o -H newc) > guest/initrd 2> err
}

# ---- production, and a lab at its side ----

served()	# NS ADDRESS TEXT
{
	# shellcheck disable=SC2016 # the inner shell's
	[ "$(timeout 5 ip netns exec "$1" bash -c 'exec 3<> "/dev/tcp/$1/80" &&
	    printf "GET / HTTP/1.0\r\n\r\n" >&3 && tail -n 1 <&3' - "$2")" = "$3" ]
}
serve_page()	# NS TEXT
{
	mkdir "www-$1"
	echo "$2" > "www-$1/index.html"
	daemon ip netns exec "$1" busybox httpd -f -h "$T/www-$1"
	wait_until 10 served "$1" 127.0.0.1 "$2"
}
console_says()	# TEXT
{
	grep -q "$1" console
}

cp -a /etc/alternatives "$T"
mount -t tmpfs tmpfs /etc
mv alternatives /etc
mkdir -p /etc/lookback/labs
make_production
machine gw - br0 192.168.149.2/24
machine vbs - br0 192.168.149.22/24 192.168.149.2
machine sf36 - br0 192.168.149.36/24 192.168.149.2
machine c77 - br0 192.168.149.77/24 192.168.149.2
ip -n gw addr add 99.99.99.1/24 dev eth0
ip netns exec gw sysctl -qw net.ipv4.ip_forward=1
for ns in vbs sf36; do
	ip -n $ns route add 192.168.150.0/24 via 192.168.149.50
done
serve_page sf36 "production"
serve_page vbs "the backup server"
serve_page gw "the world"
sed 's/eth0/br0/; s/^Tcp .*/Tcp = 80/' "$TOP/etc/labs/static.lab" \
    > /etc/lookback/labs/vm.lab

expect_status 0 labrouter start vm
make_guest
daemon labrouter attach --lab vm --tap guest "VM Network" -- \
    qemu-system-x86_64 -accel tcg -m 256 -nodefaults -no-user-config \
    -display none -no-reboot -serial "file:$T/console" \
    -kernel "$T/guest/vmlinuz" -initrd "$T/guest/initrd" \
    -append 'console=ttyS0 quiet panic=-1' \
    -netdev tap,id=net,fd=3 -device virtio-net-pci,netdev=net,romfile=
wait_until 300 console_says "guest: up"

# ---- who reaches whom ----

ip netns exec vbs busybox ping -c 3 192.168.150.36 > out ||
    fail "no ping through the mask"
served vbs 192.168.150.36 "the restored machine" || fail "not by the mask"
served c77 192.168.149.136 "the restored machine" || fail "not by its mapping"
served sf36 192.168.150.36 "the restored machine" || fail "not from its twin"
served vbs 192.168.149.36 "production" || fail "production has gone"
expect_status 0 labrouter verify vm
wait_until 60 console_says "guest: 127.0.0.1 answers"
wait_until 60 console_says "guest: 192.168.149.22 is out of reach"
wait_until 60 console_says "guest: 99.99.99.1 is out of reach"
expect_status 0 labrouter status vm
has_text guest

expect_status 0 labrouter stop vm
! served vbs 192.168.150.36 "the restored machine" || fail "it is still there"
served vbs 192.168.149.36 "production" || fail "production has gone"
