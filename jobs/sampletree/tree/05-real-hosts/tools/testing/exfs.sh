# SPDX-License-Identifier: Apache-2.0
#
# Makes file system images in $DROVER_OUT, uses them, damages them. One file
# system is made on a loop device, which every test host has to have.

. tools/testing/ktap.sh

exfs=tools/exfs/exfs
image=$DROVER_OUT/image
disk=/dev/exloop0

# fill IMAGE: two files, one of them longer than a block.
fill() {
	$exfs mkfs "$1" 64 &&
		printf 'hello\n' | $exfs store "$1" hello &&
		$exfs store "$1" maintainers < MAINTAINERS
}

read_back() {
	[ "$($exfs cat "$image" hello)" = hello ] &&
		[ "$($exfs cat "$image" maintainers | cksum)" = "$(cksum < MAINTAINERS)" ]
}

listed() {
	[ "$($exfs ls "$image" | grep -c bytes)" = 2 ]
}

refuse_second() {
	! printf 'again\n' | $exfs store "$image" hello
}

# 64 blocks are 32 KiB.
refuse_too_long() {
	! dd if=/dev/zero bs=1024 count=40 2> /dev/null | $exfs store "$image" zeros
}

image_cases() {
	ktap_plan 5
	ktap_case fill fill "$image"
	ktap_case read_back read_back
	ktap_case list listed
	ktap_case refuse_second refuse_second
	ktap_case refuse_too_long refuse_too_long
}

# damage OFFSET: a copy of the image with one byte overwritten.
damage() {
	cp "$image" "$image.bad" &&
		printf '\377' | dd of="$image.bad" bs=1 seek="$1" conv=notrunc 2> /dev/null
}

finds() {
	! $exfs fsck "$image.bad"
}

fsck_cases() {
	ktap_plan 4
	ktap_case clean $exfs fsck "$image"
	damage 0
	ktap_case bad_magic finds
	damage 20
	ktap_case bad_header finds
	damage 513
	ktap_case bad_data finds
}

# mounted IMAGE: a file system that is used through this path is sound.
mounted() {
	fill "$1" && $exfs fsck "$1"
}

ktap_plan 3
ktap_group image image_cases
ktap_group fsck fsck_cases
if [ -b $disk ]; then
	ktap_case mount mounted $disk
else
	ktap_note "mount: $disk: No such device"
	ktap_error mount "no loop device on this host"
fi
ktap_exit
