package targeting

// arches are the names that the kernel and distributions give to the same
// architecture, the kernel's first.
var arches = [][]string{
	{"x86_64", "amd64"}, {"arm64", "aarch64"}, {"powerpc", "ppc64le", "ppc64"}, {"s390", "s390x"}, {"riscv", "riscv64"},
	{"arm", "armv7hl"}, {"i386", "i686"}, {"loongarch", "loongarch64"},
}

// ArchNames are all names of an architecture, so that a condition may have any.
func ArchNames(name string) []string {
	for _, names := range arches {
		for _, one := range names {
			if one == name {
				return names
			}
		}
	}
	return []string{name}
}
