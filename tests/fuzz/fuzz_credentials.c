/* SPDX-License-Identifier: MIT */
/* Where a request may bear a token. The first line names the sources, the second is the query, the
 * others are header fields. A token is found once or denied; none stays in the query. */
#include "target.h"

#include <stdlib.h>

#include "base/check.h"
#include "hub/credentials.h"
#include "hub/handshake.h"

enum { HEADERS_MAX = 32 };

/* What a form's reader would take the text for. */
static bool is_access_token(struct tg_str name)
{
    static const char wanted[] = "access_token";
    size_t at = 0;

    for (size_t i = 0; i < name.length; i++, at++) {
        char octet = name.at[i];
        if (octet == '%' && name.length - i > 2) {
            char digits[3] = {name.at[i + 1], name.at[i + 2], '\0'};
            char *end;
            long value = strtol(digits, &end, 16);
            bool is_escape = end == digits + 2 && digits[0] != '+' && digits[0] != '-' &&
                             digits[0] != ' ' && !(digits[0] >= '\t' && digits[0] <= '\r') &&
                             digits[1] != 'x' && digits[1] != 'X';
            octet = is_escape ? (char)value : octet;
            i += is_escape ? 2 : 0;
        }
        if (at >= sizeof(wanted) - 1 || octet != wanted[at]) {
            return false;
        }
    }
    return at == sizeof(wanted) - 1;
}

static void check_query(struct tg_str query)
{
    while (query.at) {
        struct tg_str rest = tg_str_split(&query, '&');
        tg_require(!is_access_token(tg_str_split(&rest, '=')));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
    struct tg_config config;
    struct tg_header headers[HEADERS_MAX];
    struct tg_handshake request = {.path = TG_STR("/"), .headers = headers};
    struct tg_str rest = tg_str((const char *)input, length);
    struct tg_credentials found;
    struct tg_errmsg msg;
    const char *why = NULL;

    tg_require(tg_config_init(&config) == TG_OK);
    (void)tg_config_set(&config, "auth.sources", tg_str_split(&rest, '\n'), &msg);
    request.query = rest.at ? tg_str_split(&rest, '\n') : TG_STR("");
    while (rest.at && request.header_count < HEADERS_MAX) {
        struct tg_str value = tg_str_split(&rest, '\n');
        struct tg_str name = tg_str_split(&value, ':');
        headers[request.header_count++] =
            (struct tg_header){.name = name, .value = value.at ? tg_str_trim(value) : TG_STR("")};
    }
    int err = tg_credentials_find(&config, &request, &found, &why);
    tg_require(err == TG_OK || (err == TG_ERR_DENIED && why));
    tg_require(found.query.length <= request.query.length);
    check_query(found.query);
    tg_require(err == TG_ERR_DENIED || found.token.length <= length);
    tg_credentials_fini(&found);
    tg_config_fini(&config);
    return 0;
}
