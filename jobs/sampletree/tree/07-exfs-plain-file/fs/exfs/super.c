// SPDX-License-Identifier: Apache-2.0
#define pr_fmt(format) "exfs: " format

#include <errno.h>
#include <string.h>

#include <linux/crc32.h>
#include <linux/exfs.h>
#include <linux/init.h>
#include <linux/printk.h>

_Static_assert(sizeof(struct exfs_header) <= EXFS_BLOCK, "the header is block 0");

uint32_t exfs_header_crc(const struct exfs_header *header)
{
	struct exfs_header copy = *header;

	copy.crc = 0;
	return crc32(&copy, sizeof(copy));
}

/* A device is never created: "r+b" fails where the host has none. */
static FILE *open_backing(const char *path, const char *mode)
{
	size_t prefix = strlen(EXFS_LOOP_PREFIX);
	FILE *device;

	if (strncmp(path, EXFS_LOOP_PREFIX, prefix))
		return fopen(path, mode);
	device = fopen(EXFS_LOOP_DEVICE, "r+b");
	if (device)
		return device;
	pr_info("no loop device, using the plain file %s\n", path + prefix);
	return fopen(path + prefix, mode);
}

/* Makes an empty file system of that many blocks, over whatever path held. */
int exfs_format(const char *path, uint32_t blocks)
{
	struct exfs_super super = { .backing = open_backing(path, "w+b") };

	if (!super.backing)
		return -errno;
	super.header.magic = EXFS_MAGIC;
	super.header.blocks = blocks;
	super.header.next = 1;
	/* The last byte, so that the image has its full size from the start. */
	if (blocks < 2 || fseek(super.backing, (long)blocks * EXFS_BLOCK - 1, SEEK_SET) ||
	    fputc(0, super.backing) == EOF) {
		fclose(super.backing);
		return -EINVAL;
	}
	return exfs_unmount(&super);
}

int exfs_mount(struct exfs_super *super, const char *path)
{
	super->backing = open_backing(path, "r+b");
	if (!super->backing)
		return -errno;
	if (fread(&super->header, sizeof(super->header), 1, super->backing) != 1 ||
	    super->header.magic != EXFS_MAGIC) {
		pr_err("%s: bad magic number 0x%08x\n", path, super->header.magic);
		fclose(super->backing);
		return -EINVAL;
	}
#ifdef CONFIG_EXFS_DEBUG
	pr_info("%s: mounted, %u of %u blocks in use\n", path, super->header.next,
		super->header.blocks);
#endif
	return 0;
}

int exfs_sync(struct exfs_super *super)
{
	super->header.crc = exfs_header_crc(&super->header);
	if (fseek(super->backing, 0, SEEK_SET) ||
	    fwrite(&super->header, sizeof(super->header), 1, super->backing) != 1 ||
	    fflush(super->backing))
		return -EIO;
	return 0;
}

int exfs_unmount(struct exfs_super *super)
{
	int error = exfs_sync(super);

	return fclose(super->backing) ? -EIO : error;
}

static int exfs_init(void)
{
	pr_info("registered, up to %d files an image\n", EXFS_FILES);
	return 0;
}
module_init(exfs_init);
