# Wants out: new namespaces, mounts, devices, another root, the kernel's own settings.
all:
	-unshare -Ur true && echo ESCAPED unshare
	-unshare -m true && echo ESCAPED mounts
	-mount -t tmpfs none /tmp && echo ESCAPED mount
	-mount -o remount,rw / && echo ESCAPED remount
	-umount /work/src && echo ESCAPED umount
	-mknod disk b 8 0 && echo ESCAPED mknod
	-mknod memory c 1 1 && echo ESCAPED mknod
	-chroot / true && echo ESCAPED chroot
	-nsenter -t 1 -m true && echo ESCAPED nsenter
	-pattern=$$(cat /proc/sys/kernel/core_pattern) && echo "$$pattern" > /proc/sys/kernel/core_pattern && echo ESCAPED core
	-touch /usr/pwned /etc/pwned /dev/pwned /pwned && echo ESCAPED write
	-ls /sys/fs/cgroup/memory && echo ESCAPED groups
	-ls /work/git /work/mirror && echo ESCAPED index
	-setpriv --reuid 0 true && echo ESCAPED root
	-grep -E '^CapEff:.*[1-9a-f]' /proc/self/status && echo ESCAPED capabilities
	-ls -l /proc/self/fd | grep -vE ' (pipe|/dev/null|/proc|total)' | grep -E '/(jobs|slots|runner)' && echo ESCAPED descriptors
	@echo attacked
