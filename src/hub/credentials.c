/* SPDX-License-Identifier: MIT */
#include "hub/credentials.h"

#include <stdint.h>
#include <stdlib.h>

#include "hub/handshake.h"

/* Finds the source's token. 0 with token->at NULL when the request has none there. */
typedef int (*source_fn)(const struct tg_config *config, const struct tg_handshake *request,
                         struct tg_credentials *found, const char **why);

/* A second one in the same place is denied: which of them would count? */
static int keep(struct tg_credentials *found, struct tg_str token)
{
    if (found->token.at) {
        return TG_ERR_DENIED;
    }
    /* An empty token is one all the same. */
    found->token = token.at ? token : TG_STR("");
    return TG_OK;
}

static int find_in_header(const struct tg_config *config, const struct tg_handshake *request,
                          struct tg_credentials *found, const char **why)
{
    struct tg_str value = {NULL, 0};
    struct tg_str scheme = TG_STR("bearer ");
    uint32_t count = tg_handshake_find(request, TG_STR("authorization"), &value);

    (void)config;
    if (count == 0) {
        return TG_OK;
    }
    *why = "authorization";
    if (count > 1 || value.length < scheme.length ||
        !tg_str_is_caseless(tg_str(value.at, scheme.length), scheme)) {
        return TG_ERR_DENIED;
    }
    return keep(found, tg_str_trim(tg_str(value.at + scheme.length, value.length - scheme.length)));
}

/* RFC 6265 section 4.1.1: a value may stand in double quotes. */
static struct tg_str without_quotes(struct tg_str value)
{
    if (value.length >= 2 && value.at[0] == '"' && value.at[value.length - 1] == '"') {
        return tg_str(value.at + 1, value.length - 2);
    }
    return value;
}

static int find_in_cookie(const struct tg_config *config, const struct tg_handshake *request,
                          struct tg_credentials *found, const char **why)
{
    struct tg_str name = tg_str_of(config->auth_cookie);

    *why = "cookie";
    for (uint32_t i = 0; i < request->header_count; i++) {
        struct tg_str rest = request->headers[i].value;
        bool is_cookie = tg_str_is_caseless(request->headers[i].name, TG_STR("cookie"));
        while (is_cookie && rest.at) {
            struct tg_str value = tg_str_trim(tg_str_split(&rest, ';'));
            struct tg_str key = tg_str_split(&value, '=');
            if (value.at && tg_str_is(key, name) && keep(found, without_quotes(value)) != TG_OK) {
                return TG_ERR_DENIED;
            }
        }
    }
    return TG_OK;
}

static const char SUBPROTOCOL_START[] = "bearer.";

bool tg_credentials_is_subprotocol(struct tg_str offered)
{
    return tg_str_starts(offered, tg_str_of(SUBPROTOCOL_START));
}

static int find_in_subprotocol(const struct tg_config *config, const struct tg_handshake *request,
                               struct tg_credentials *found, const char **why)
{
    size_t start = sizeof(SUBPROTOCOL_START) - 1;

    (void)config;
    *why = "subprotocol";
    for (uint32_t i = 0; i < request->header_count; i++) {
        struct tg_str rest = request->headers[i].value;
        bool is_offer =
            tg_str_is_caseless(request->headers[i].name, TG_STR("sec-websocket-protocol"));
        while (is_offer && rest.at) {
            struct tg_str offered = tg_str_trim(tg_str_split(&rest, ','));
            if (tg_credentials_is_subprotocol(offered) &&
                keep(found, tg_str(offered.at + start, offered.length - start)) != TG_OK) {
                return TG_ERR_DENIED;
            }
        }
    }
    return TG_OK;
}

/* --- the query --- */

static int digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Writes the octets behind the text's escapes (RFC 3986 section 2.1) to out, which has room for
 * text.length. False when a '%' begins no escape; it stands for itself then. */
static bool decode(struct tg_str text, char *out, size_t *length)
{
    bool is_strict = true;

    *length = 0;
    for (size_t i = 0; i < text.length; i++) {
        char octet = text.at[i];
        bool is_escape = octet == '%' && text.length - i > 2 && digit(text.at[i + 1]) >= 0 &&
                         digit(text.at[i + 2]) >= 0;
        is_strict = is_strict && (octet != '%' || is_escape);
        if (is_escape) {
            octet = (char)(digit(text.at[i + 1]) * 16 + digit(text.at[i + 2]));
            i += 2;
        }
        out[(*length)++] = octet;
    }
    return is_strict;
}

/* However it is escaped: scripts are given decoded names. */
static bool is_token_name(struct tg_str name)
{
    static const struct tg_str wanted = {"access_token", sizeof("access_token") - 1};
    char decoded[3 * sizeof("access_token")];
    size_t length;

    if (name.length < wanted.length || name.length > 3 * wanted.length) {
        return false;
    }
    (void)decode(name, decoded, &length);
    return tg_str_is(tg_str(decoded, length), wanted);
}

/* Where parameters of the query are told apart. */
static struct tg_str next_parameter(struct tg_str *rest, struct tg_str *name, struct tg_str *value)
{
    struct tg_str whole = tg_str_split(rest, '&');

    *value = whole;
    *name = tg_str_split(value, '=');
    return whole;
}

/* Copies all other parameters to out, which has room for the whole query. */
static struct tg_str strip(struct tg_str query, char *out)
{
    struct tg_str rest = query;
    struct tg_str name;
    struct tg_str value;
    size_t length = 0;

    while (rest.at) {
        struct tg_str whole = next_parameter(&rest, &name, &value);
        if (is_token_name(name)) {
            continue;
        }
        if (length > 0) {
            out[length++] = '&';
        }
        if (whole.length > 0) {
            memcpy(out + length, whole.at, whole.length);
            length += whole.length;
        }
    }
    return tg_str(out, length);
}

static bool has_token(struct tg_str query)
{
    struct tg_str name;
    struct tg_str value;

    while (query.at) {
        (void)next_parameter(&query, &name, &value);
        if (is_token_name(name)) {
            return true;
        }
    }
    return false;
}

/* Behind the stripped query, memory has room for the query once more. */
static int find_in_query(const struct tg_config *config, const struct tg_handshake *request,
                         struct tg_credentials *found, const char **why)
{
    struct tg_str rest = request->query;
    char *out = found->memory ? found->memory + request->query.length : NULL;

    (void)config;
    *why = "query";
    while (out && rest.at) {
        struct tg_str name;
        struct tg_str value;
        size_t length;
        (void)next_parameter(&rest, &name, &value);
        if (!is_token_name(name)) {
            continue;
        }
        if (!decode(value, out, &length) || keep(found, tg_str(out, length)) != TG_OK) {
            return TG_ERR_DENIED;
        }
        out += length;
    }
    return TG_OK;
}

static int clean_query(const struct tg_handshake *request, struct tg_credentials *found)
{
    found->query = request->query;
    if (!has_token(request->query)) {
        return TG_OK;
    }
    size_t bytes = 2 * request->query.length;
    found->memory = malloc(bytes);
    if (!found->memory) {
        return TG_ERR_NOMEM;
    }
    found->memory_bytes = bytes;
    found->query = strip(request->query, found->memory);
    return TG_OK;
}

/* --- all of them --- */

int tg_credentials_find(const struct tg_config *config, const struct tg_handshake *request,
                        struct tg_credentials *found, const char **why)
{
    static const struct {
        const char *name;
        source_fn find;
    } sources[] = {
        {"header", find_in_header},
        {"cookie", find_in_cookie},
        {"subprotocol", find_in_subprotocol},
        {"query", find_in_query},
    };

    *found = (struct tg_credentials){0};
    *why = "no_token";
    int err = clean_query(request, found);
    for (size_t i = 0; !err && !found->token.at && i < sizeof(sources) / sizeof(sources[0]); i++) {
        if (tg_config_list_has(&config->auth_sources, tg_str_of(sources[i].name))) {
            err = sources[i].find(config, request, found, why);
        }
    }
    if (err || found->token.at) {
        return err;
    }
    *why = "no_token";
    if (!tg_config_list_has(&config->auth_sources, TG_STR("subprotocol"))) {
        struct tg_credentials unwanted = {0};
        err = find_in_subprotocol(config, request, &unwanted, why);
        if (err || unwanted.token.at) {
            *why = "token_in_subprotocol";
            return TG_ERR_DENIED;
        }
    }
    return TG_OK;
}

void tg_credentials_fini(struct tg_credentials *credentials)
{
    if (credentials->memory) {
        explicit_bzero(credentials->memory, credentials->memory_bytes);
    }
    free(credentials->memory);
    *credentials = (struct tg_credentials){0};
}
