/* SPDX-License-Identifier: MIT */
#include "net/admin_host.h"

#include <arpa/inet.h>
#include <netinet/in.h>

/* Empty, or ":" and up to five digits. */
static bool is_port(struct tg_str text)
{
    if (text.length == 0) {
        return true;
    }
    if (text.at[0] != ':' || text.length < 2 || text.length > 6) {
        return false;
    }
    for (size_t i = 1; i < text.length; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') {
            return false;
        }
    }
    return true;
}

static bool is_address(int family, struct tg_str text)
{
    char literal[INET6_ADDRSTRLEN];
    struct in6_addr address; /* has room for either */

    if (text.length >= sizeof(literal)) {
        return false;
    }
    memcpy(literal, text.at, text.length);
    literal[text.length] = '\0';
    return strlen(literal) == text.length && inet_pton(family, literal, &address) == 1;
}

bool tg_admin_host_is_literal(struct tg_str host)
{
    if (host.length == 0) {
        return true;
    }
    bool is_ipv6 = host.at[0] == '[';
    const char *end = memchr(host.at, is_ipv6 ? ']' : ':', host.length);
    if (is_ipv6 && !end) {
        return false;
    }
    size_t length = end ? (size_t)(end - host.at) : host.length;
    size_t past = length + (is_ipv6 ? 1 : 0);
    if (!is_port(tg_str(host.at + past, host.length - past))) {
        return false;
    }
    if (is_ipv6) {
        return is_address(AF_INET6, tg_str(host.at + 1, length - 1));
    }
    struct tg_str name = tg_str(host.at, length);
    return tg_str_is_caseless(name, TG_STR("localhost")) || is_address(AF_INET, name);
}
