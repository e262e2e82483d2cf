/* SPDX-License-Identifier: MIT */
/* What is taken can be put into a request as it is: no blanks, no control octets, bounded. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/check.h"
#include "net/http_url.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length);

static void look_at(const char *text)
{
    for (; *text; text++) {
        tg_require(*text > ' ' && *text <= '~');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length)
{
    struct tg_http_url url;
    struct tg_errmsg msg;

    if (tg_http_url_parse(tg_str((const char *)octets, length), &url, &msg) == TG_OK) {
        look_at(url.host);
        look_at(url.port);
        look_at(url.target);
        tg_require(url.host[0] != '\0' && url.target[0] == '/');
        tg_require(strlen(url.port) >= 1 && strlen(url.port) <= 5);
        (void)tg_http_url_is_loopback(&url);
    }
    return 0;
}
