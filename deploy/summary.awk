# Reads `go test -v` and prints what a person wants of it: the closing line of each package, what
# its tests measured (log lines with "measured:"), what was skipped and why, the whole output of
# a package that failed, and at the end the number of tests (each subtest counts).
#
# Lines are held back until the package's closing line tells whether they matter.

/^ *--- PASS: / { passed++ }
/^ *--- FAIL: / { failed++ }
/^ *--- SKIP: / { skipped++; print; printf "%s", said }
/^=== / { said = ""; next }
/\[no test files\]$/ || /^PASS$/ { next }
/^ok  \t/ { print; fflush(); held = said = ""; next }
/^FAIL/ { printf "%s", held; print; fflush(); held = said = ""; next }
/measured: / { sub(/^ +/, "  "); print; fflush(); next }
# The reason of a skip stands before its closing line.
{ if ($0 !~ /^ *--- /) said = said $0 "\n"; else said = "" }
{ held = held $0 "\n" }
END {
    printf "%s", held
    printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
}
