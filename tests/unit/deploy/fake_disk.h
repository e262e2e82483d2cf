/* SPDX-License-Identifier: MIT */
/* A folder of its own below the system's for temporary files, to be filled and removed by a test.
 * Every function fails the test when the system refuses. Paths are below the folder. */
#ifndef TG_TESTS_FAKE_DISK_H
#define TG_TESTS_FAKE_DISK_H

#include <stddef.h>
#include <sys/types.h>

enum { FAKE_DISK_PATH = 512 };

struct fake_disk {
    char root[64];
};

void fake_disk_make(struct fake_disk *disk);

/* With all that is in it. */
void fake_disk_remove(struct fake_disk *disk);

void fake_disk_path(const struct fake_disk *disk, const char *path, char out[FAKE_DISK_PATH]);
void fake_disk_folder(const struct fake_disk *disk, const char *path);
void fake_disk_write(const struct fake_disk *disk, const char *path, const char *content);

/* A file of that many octets. */
void fake_disk_fill(const struct fake_disk *disk, const char *path, size_t length);

/* A symbolic link at path; target is as it will stand in it. */
void fake_disk_link(const struct fake_disk *disk, const char *target, const char *path);
void fake_disk_unlink(const struct fake_disk *disk, const char *path);
void fake_disk_mode(const struct fake_disk *disk, const char *path, mode_t mode);

#endif
