/* SPDX-License-Identifier: MIT */
#include "fake_disk.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

void fake_disk_make(struct fake_disk *disk)
{
    (void)snprintf(disk->root, sizeof(disk->root), "/tmp/tidegate-test-XXXXXX");
    assert_non_null(mkdtemp(disk->root));
}

static int remove_entry(const char *path, const struct stat *status, int flag, struct FTW *place)
{
    (void)status;
    (void)flag;
    (void)place;
    return remove(path);
}

void fake_disk_remove(struct fake_disk *disk)
{
    assert_int_equal(nftw(disk->root, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
}

void fake_disk_path(const struct fake_disk *disk, const char *path, char out[FAKE_DISK_PATH])
{
    int length = snprintf(out, FAKE_DISK_PATH, "%s%s%s", disk->root, path[0] ? "/" : "", path);
    assert_in_range(length, 1, FAKE_DISK_PATH - 1);
}

void fake_disk_folder(const struct fake_disk *disk, const char *path)
{
    char full[FAKE_DISK_PATH];

    fake_disk_path(disk, path, full);
    assert_int_equal(mkdir(full, 0755), 0);
}

static int create(const struct fake_disk *disk, const char *path)
{
    char full[FAKE_DISK_PATH];

    fake_disk_path(disk, path, full);
    int fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    return fd;
}

void fake_disk_write(const struct fake_disk *disk, const char *path, const char *content)
{
    int fd = create(disk, path);

    assert_int_equal(write(fd, content, strlen(content)), strlen(content));
    assert_int_equal(close(fd), 0);
}

void fake_disk_fill(const struct fake_disk *disk, const char *path, size_t length)
{
    int fd = create(disk, path);

    assert_int_equal(ftruncate(fd, (off_t)length), 0);
    assert_int_equal(close(fd), 0);
}

void fake_disk_link(const struct fake_disk *disk, const char *target, const char *path)
{
    char full[FAKE_DISK_PATH];

    fake_disk_path(disk, path, full);
    assert_int_equal(symlink(target, full), 0);
}

void fake_disk_unlink(const struct fake_disk *disk, const char *path)
{
    char full[FAKE_DISK_PATH];

    fake_disk_path(disk, path, full);
    assert_int_equal(unlink(full), 0);
}

void fake_disk_mode(const struct fake_disk *disk, const char *path, mode_t mode)
{
    char full[FAKE_DISK_PATH];

    fake_disk_path(disk, path, full);
    assert_int_equal(chmod(full, mode), 0);
}
