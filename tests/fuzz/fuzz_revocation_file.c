/* SPDX-License-Identifier: MIT */
/* What the file becomes is what the hub takes, and becomes the same when it is read as a file. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/check.h"
#include "hub/revocations.h"
#include "keeper/revocation_file.h"

enum { OUT_MAX = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length);

static void look_at_line(struct tg_str line)
{
    struct tg_str value = line;
    struct tg_str kind = tg_str_split(&value, ' ');

    tg_require(tg_str_is(kind, TG_STR("jti")) || tg_str_is(kind, TG_STR("sub")) ||
               tg_str_is(kind, TG_STR("tenant")));
    tg_require(value.length > 0 && value.length <= TG_REVOCATION_VALUE_MAX);
    tg_require(!memchr(value.at, '\0', value.length));
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length)
{
    struct tg_str text = tg_str((const char *)octets, length);
    struct tg_buf once;
    struct tg_buf twice;
    struct tg_errmsg msg;

    tg_buf_init(&once, OUT_MAX);
    tg_buf_init(&twice, OUT_MAX);
    if (tg_revocation_file_parse(text, "file", &once, &msg) == TG_OK) {
        struct tg_str rest = tg_buf_str(&once);
        while (rest.length > 0) {
            look_at_line(tg_str_split(&rest, '\n'));
        }
        tg_require(tg_revocation_file_parse(tg_buf_str(&once), "file", &twice, &msg) == TG_OK);
        tg_require(tg_str_is(tg_buf_str(&once), tg_buf_str(&twice)));
    } else {
        tg_require(strncmp(msg.text, "file:", 5) == 0);
    }
    tg_buf_fini(&once);
    tg_buf_fini(&twice);
    return 0;
}
