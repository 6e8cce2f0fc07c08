// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include <linux/crc32.h>
#include <linux/exfs.h>

/* NULL if there is no such file; "" finds an entry that is not in use. */
struct exfs_entry *exfs_lookup(struct exfs_super *super, const char *name)
{
	for (int i = 0; i < EXFS_FILES; i++)
		if (!strncmp(super->header.entries[i].name, name, EXFS_NAME))
			return &super->header.entries[i];
	return NULL;
}

/* A file is one run of blocks and is written once. */
int exfs_store(struct exfs_super *super, const char *name, const void *data, size_t length)
{
	uint32_t blocks = (length + EXFS_BLOCK - 1) / EXFS_BLOCK;
	struct exfs_entry *entry;

	if (!*name || strlen(name) >= EXFS_NAME)
		return -EINVAL;
	if (exfs_lookup(super, name))
		return -EEXIST;
	entry = exfs_lookup(super, "");
	if (!entry || blocks > super->header.blocks - super->header.next)
		return -ENOSPC;
	if (fseek(super->dev, (long)super->header.next * EXFS_BLOCK, SEEK_SET) ||
	    fwrite(data, 1, length, super->dev) != length)
		return -EIO;
	strcpy(entry->name, name);
	entry->first = super->header.next;
	entry->length = length;
	entry->crc = crc32(data, length);
	super->header.next += blocks;
	return exfs_sync(super);
}

/* data has room for entry->length bytes. */
int exfs_load(struct exfs_super *super, const struct exfs_entry *entry, void *data)
{
	if (fseek(super->dev, (long)entry->first * EXFS_BLOCK, SEEK_SET) ||
	    fread(data, 1, entry->length, super->dev) != entry->length)
		return -EIO;
	return crc32(data, entry->length) == entry->crc ? 0 : -EBADMSG;
}
