/* SPDX-License-Identifier: MIT */
/* The first line is a gateway's path, the rest a request's. What matches must have as many
 * segments, and parameters must be plain views into the request. */
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "hub/gateway.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length);

static size_t count_slashes(struct tg_str text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.length; i++) {
        count += text.at[i] == '/' ? 1 : 0;
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length)
{
    struct tg_str rest = tg_str((const char *)octets, length);
    struct tg_str pattern = tg_str_split(&rest, '\n');
    struct tg_str path = rest.at ? rest : tg_str("", 0);
    struct tg_gateway *gateway = tg_gateway_create(TG_STR("fuzz"));
    struct tg_param params[TG_GATEWAY_PARAMS_MAX];
    struct tg_errmsg msg;
    uint32_t count = 0;

    tg_require(gateway);
    if (tg_gateway_set_path(gateway, pattern, &msg) == TG_OK &&
        tg_gateway_match_path(gateway, path, params, &count)) {
        tg_require(count_slashes(path) == count_slashes(tg_str_of(gateway->path)));
        tg_require(count <= TG_GATEWAY_PARAMS_MAX);
        for (uint32_t i = 0; i < count; i++) {
            tg_require(params[i].value.length > 0 && params[i].value.length <= TG_NAME_MAX);
            tg_require(params[i].value.at >= path.at &&
                       params[i].value.at + params[i].value.length <= path.at + path.length);
            tg_require(count_slashes(params[i].value) == 0);
        }
    }
    tg_gateway_destroy(gateway);
    return 0;
}
