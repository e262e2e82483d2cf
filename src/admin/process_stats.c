/* SPDX-License-Identifier: MIT */
#include "admin/process_stats.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"

enum { PATH_BYTES = 64, LINE_BYTES = 256 };

static int fail(void)
{
    return errno == ENOENT || errno == ESRCH ? TG_ERR_NOT_FOUND : TG_ERR_IO;
}

int tg_process_stats_resident(uint64_t pid, uint64_t *bytes)
{
    char path[PATH_BYTES];
    char line[LINE_BYTES];

    (void)snprintf(path, sizeof(path), "/proc/%" PRIu64 "/statm", pid);
    FILE *file = fopen(path, "re");
    if (!file) {
        return fail();
    }
    const char *read = fgets(line, sizeof(line), file);
    (void)fclose(file);
    /* The second number, in pages; the first is the size of the address space. */
    const char *second = read ? strchr(line, ' ') : NULL;
    if (!second) {
        return TG_ERR_IO;
    }
    *bytes = strtoull(second, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
    return TG_OK;
}

int tg_process_stats_descriptors(uint64_t pid, uint64_t *count)
{
    char path[PATH_BYTES];

    (void)snprintf(path, sizeof(path), "/proc/%" PRIu64 "/fd", pid);
    DIR *stream = opendir(path);
    if (!stream) {
        return fail();
    }
    *count = 0;
    for (const struct dirent *entry = readdir(stream); entry; entry = readdir(stream)) {
        *count += entry->d_name[0] != '.';
    }
    (void)closedir(stream);
    return TG_OK;
}
