/* SPDX-License-Identifier: MIT */
#include "deploy/bundle_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/archive.h"

enum { SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE };

static int write_all(int fd, struct tg_str octets)
{
    size_t done = 0;

    while (done < octets.length) {
        ssize_t written = write(fd, octets.at + done, octets.length - done);
        if (written < 0 && errno != EINTR) {
            return TG_ERR_IO;
        }
        done += written > 0 ? (size_t)written : 0;
    }
    return TG_OK;
}

static int make_file(const struct tg_bundle *bundle, struct tg_str octets, int *fd,
                     struct tg_errmsg *msg)
{
    int made = memfd_create("tidegate-gateway", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (made < 0) {
        return tg_errmsg_set(msg, TG_ERR_IO, "%s: a memory file: %s", bundle->origin,
                             strerror(errno));
    }
    if (write_all(made, octets) != TG_OK || fcntl(made, F_ADD_SEALS, SEALS) != 0) {
        int cause = errno;
        (void)close(made);
        return tg_errmsg_set(msg, TG_ERR_IO, "%s: a memory file: %s", bundle->origin,
                             strerror(cause));
    }
    *fd = made;
    return TG_OK;
}

int tg_bundle_file_seal(const struct tg_bundle *bundle, int *fd, struct tg_errmsg *msg)
{
    struct tg_buf archive;

    tg_buf_init(&archive, TG_ARCHIVE_BYTES_MAX);
    int err = tg_archive_write(bundle, &archive);
    if (err) {
        (void)tg_errmsg_set(msg, err, "%s: it can't be archived: %s",
                            bundle->origin ? bundle->origin : "a gateway", tg_err_text(err));
    } else {
        err = make_file(bundle, tg_buf_str(&archive), fd, msg);
    }
    tg_buf_fini(&archive);
    return err;
}

int tg_bundle_file_open(int fd, struct tg_bundle *bundle, struct tg_errmsg *msg)
{
    struct stat status;
    int seals = fcntl(fd, F_GET_SEALS);

    *bundle = (struct tg_bundle){0};
    if (seals < 0 || (seals & SEALS) != SEALS) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "a gateway's file is not a sealed one");
    }
    if (fstat(fd, &status) != 0) {
        return tg_errmsg_set(msg, TG_ERR_IO, "a gateway's file: %s", strerror(errno));
    }
    if (status.st_size == 0 || status.st_size > TG_ARCHIVE_BYTES_MAX) {
        return tg_errmsg_set(msg, status.st_size == 0 ? TG_ERR_SYNTAX : TG_ERR_TOO_LARGE,
                             "a gateway's file has %lld octets", (long long)status.st_size);
    }
    size_t length = (size_t)status.st_size;
    void *octets = mmap(NULL, length, PROT_READ, MAP_PRIVATE, fd, 0);
    if (octets == MAP_FAILED) {
        return tg_errmsg_set(msg, TG_ERR_NOMEM, "a gateway's file: %s", strerror(errno));
    }
    int err = tg_archive_read(tg_str(octets, length), bundle);
    (void)munmap(octets, length);
    return err ? tg_errmsg_set(msg, err, "a gateway's file: %s", tg_err_text(err)) : TG_OK;
}
