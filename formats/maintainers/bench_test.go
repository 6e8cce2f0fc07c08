package maintainers

import (
	"os"
	"testing"
)

// BenchmarkOwners asks for the owners of files of a whole kernel tree; one
// operation is one file.
func BenchmarkOwners(b *testing.B) {
	folder := os.Getenv("DROVER_TEST_LINUX")
	if folder == "" {
		b.Skip("needs the folder of a kernel tree in DROVER_TEST_LINUX")
	}
	text, err := os.ReadFile(folder + "/MAINTAINERS")
	if err != nil {
		b.Fatal(err)
	}
	ix := NewIndex(parse(b, string(text)), Options{})
	files := sample(b, folder, 5000)
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		ix.Owners(files[i%len(files)], "")
	}
}
