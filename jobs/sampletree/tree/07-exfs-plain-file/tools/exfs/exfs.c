// SPDX-License-Identifier: Apache-2.0
/*
 * Works on exfs images without a kernel. Data comes from standard input and
 * goes to standard output, messages go to standard error. Exit status: 0 fine,
 * 1 failed or something is wrong with the image, 2 misuse.
 */
#include <stdlib.h>
#include <string.h>

#include <linux/exfs.h>
#include <linux/printk.h>

#define MAX_FILE (1 << 20)

static int fail(const char *what, int error)
{
	fprintf(stderr, "exfs: %s: %s\n", what, strerror(-error));
	return 1;
}

static int store(struct exfs_super *super, const char *name)
{
	static char data[MAX_FILE];
	size_t length = fread(data, 1, sizeof(data), stdin);
	int error = exfs_store(super, name, data, length);

	return error ? fail(name, error) : 0;
}

static int cat(struct exfs_super *super, const char *name)
{
	static char data[MAX_FILE];
	struct exfs_entry *entry = exfs_lookup(super, name);
	int error;

	if (!*name || !entry || entry->length > sizeof(data)) {
		fprintf(stderr, "exfs: %s: no such file\n", name);
		return 1;
	}
	error = exfs_load(super, entry, data);
	if (error)
		return fail(name, error);
	return fwrite(data, 1, entry->length, stdout) == entry->length ? 0 : 1;
}

static int list(struct exfs_super *super)
{
	for (int i = 0; i < EXFS_FILES; i++) {
		struct exfs_entry *entry = &super->header.entries[i];

		if (entry->name[0])
			printf("%-20s %8u bytes at block %u\n", entry->name, entry->length,
			       entry->first);
	}
	return 0;
}

static int check(struct exfs_super *super)
{
	unsigned int problems = exfs_check(super);

	printf("%u problems\n", problems);
	return problems ? 1 : 0;
}

static int run(struct exfs_super *super, int argc, char **argv)
{
	if (!strcmp(argv[1], "ls") && argc == 3)
		return list(super);
	if (!strcmp(argv[1], "fsck") && argc == 3)
		return check(super);
	if (!strcmp(argv[1], "store") && argc == 4)
		return store(super, argv[3]);
	if (!strcmp(argv[1], "cat") && argc == 4)
		return cat(super, argv[3]);
	return 2;
}

int main(int argc, char **argv)
{
	struct exfs_super super;
	int error, status = 2;

	console_use(stderr);
	if (argc == 4 && !strcmp(argv[1], "mkfs")) {
		error = exfs_format(argv[2], strtoul(argv[3], NULL, 0));
		return error ? fail(argv[2], error) : 0;
	}
	if (argc >= 3) {
		error = exfs_mount(&super, argv[2]);
		if (error)
			return fail(argv[2], error);
		status = run(&super, argc, argv);
		/* Not unmounted: that would write a good checksum over a bad one. */
		fclose(super.backing);
	}
	if (status == 2)
		fprintf(stderr, "usage: exfs mkfs IMAGE BLOCKS | ls IMAGE | fsck IMAGE | "
			"store IMAGE NAME | cat IMAGE NAME\n");
	return status;
}
