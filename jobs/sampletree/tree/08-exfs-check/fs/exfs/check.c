// SPDX-License-Identifier: Apache-2.0
#define pr_fmt(format) "exfs: " format

#include <stdbool.h>
#include <stdlib.h>

#include <linux/exfs.h>
#include <linux/printk.h>

/* The bytes that the backing really has; less than promised if it was cut. */
static long device_size(struct exfs_super *super)
{
	if (fseek(super->backing, 0, SEEK_END))
		return -1;
	return ftell(super->backing);
}

static bool check_entry(struct exfs_super *super, const struct exfs_entry *entry)
{
	uint32_t blocks = (entry->length + EXFS_BLOCK - 1) / EXFS_BLOCK;
	void *data;
	int error;

	if (entry->first < 1 || entry->first > super->header.next ||
	    blocks > super->header.next - entry->first) {
		pr_err("%.*s: blocks %u+%u are outside of the image\n", EXFS_NAME, entry->name,
		       entry->first, blocks);
		return false;
	}
	data = malloc(entry->length + 1);
	if (!data)
		return false;
	error = exfs_load(super, entry, data);
	free(data);
	if (error)
		pr_err("%.*s: checksum or read error %d\n", EXFS_NAME, entry->name, error);
	return error == 0;
}

/* Says what is wrong with the image; returns how many things are. */
unsigned int exfs_check(struct exfs_super *super)
{
	unsigned int problems = 0;

	if (device_size(super) < (long)super->header.blocks * EXFS_BLOCK) {
		pr_err("backing is shorter than its %u blocks\n", super->header.blocks);
		problems++;
	}
	if (super->header.crc != exfs_header_crc(&super->header)) {
		pr_err("header: checksum 0x%08x, expected 0x%08x\n", super->header.crc,
		       exfs_header_crc(&super->header));
		problems++;
	}
	for (int i = 0; i < EXFS_FILES; i++) {
		const struct exfs_entry *entry = &super->header.entries[i];

		if (entry->name[0] && !check_entry(super, entry))
			problems++;
	}
	return problems;
}
