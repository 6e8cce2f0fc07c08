/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _LINUX_EXFS_H
#define _LINUX_EXFS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define EXFS_MAGIC 0x73667865u /* "exfs" */
#define EXFS_BLOCK 512         /* bytes */
#define EXFS_FILES 15
#define EXFS_NAME 20           /* bytes, with the ending zero */

struct exfs_entry {
	char name[EXFS_NAME]; /* empty: not in use */
	uint32_t first;       /* block */
	uint32_t length;      /* bytes */
	uint32_t crc;         /* of the data */
};

/* Block 0. In the byte order of the machine that made the image. */
struct exfs_header {
	uint32_t magic;
	uint32_t blocks; /* of the image, with this one */
	uint32_t next;   /* the first block that was never given away */
	uint32_t crc;    /* of the header, with this field zero */
	struct exfs_entry entries[EXFS_FILES];
};

struct exfs_super {
	FILE *dev;
	struct exfs_header header;
};

int exfs_format(const char *path, uint32_t blocks);
int exfs_mount(struct exfs_super *super, const char *path);
int exfs_sync(struct exfs_super *super);
int exfs_unmount(struct exfs_super *super);
uint32_t exfs_header_crc(const struct exfs_header *header);

struct exfs_entry *exfs_lookup(struct exfs_super *super, const char *name);
int exfs_store(struct exfs_super *super, const char *name, const void *data, size_t length);
int exfs_load(struct exfs_super *super, const struct exfs_entry *entry, void *data);

unsigned int exfs_check(struct exfs_super *super);

#endif
