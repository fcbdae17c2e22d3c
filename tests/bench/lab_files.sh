# Sourced by the benchmarks of labs: lab files on the bridge br0.
#
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash

production()	# ADDRESS
{
	printf '[Production]\nAttach = br0\nAddress = %s/12\nProbeWait = 1ms\n' "$1"
}
networks()	# N: of one mask each
{
	local i
	for ((i = 0; i < $1; i++)); do
		printf '[Network "N%d"]\nGateway = 192.168.149.2/24\nMask = 10.%d.%d.0/24\n' \
		    $i $((1 + i / 250)) $((i % 250))
	done
}
network()	# MASK: of 65,534 machines
{
	printf '[Network "N"]\nGateway = 10.20.0.1/16\nMask = %s/16\n' "$1"
}
mappings()	# N FORMAT: of both addresses, the last byte of the first one less
{
	local i
	for ((i = 0; i < $1; i++)); do
		# shellcheck disable=SC2059 # the format is the caller's
		printf "$2" $((i / 250)) $((i % 250 + 1)) $((i / 250)) $((i % 250 + 2))
	done
}
# shellcheck disable=SC2034 # who sources it uses it
static='Static = 172.17.%d.%d -> 10.20.%d.%d\n'
