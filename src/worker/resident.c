/* SPDX-License-Identifier: MIT */
#include "worker/resident.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/err.h"

enum { STATM_MAX = 256, DIGITS_MAX = 15 };

int tg_resident_parse(struct tg_str statm, uint64_t page_bytes, uint64_t *bytes)
{
    struct tg_str rest = statm;
    uint64_t pages = 0;

    (void)tg_str_split(&rest, ' ');
    struct tg_str number = rest.at ? tg_str_split(&rest, ' ') : tg_str(NULL, 0);
    if (number.length < 1 || number.length > DIGITS_MAX) {
        return TG_ERR_SYNTAX;
    }
    for (size_t i = 0; i < number.length; i++) {
        if (number.at[i] < '0' || number.at[i] > '9') {
            return TG_ERR_SYNTAX;
        }
        pages = pages * 10 + (uint64_t)(number.at[i] - '0');
    }
    *bytes = pages * page_bytes;
    return TG_OK;
}

int tg_resident_read(uint64_t *bytes)
{
    char text[STATM_MAX];
    long page_bytes = sysconf(_SC_PAGESIZE);
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        return TG_ERR_NOT_FOUND;
    }
    ssize_t length = read(fd, text, sizeof(text));
    (void)close(fd);
    if (length <= 0 || page_bytes <= 0 ||
        tg_resident_parse(tg_str(text, (size_t)length), (uint64_t)page_bytes, bytes) != TG_OK) {
        return TG_ERR_NOT_FOUND;
    }
    return TG_OK;
}
