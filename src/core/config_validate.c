/* SPDX-License-Identifier: MIT */
/* What no single key of the configuration can know. */
#include "core/config.h"

#include <string.h>

#include "base/log.h"
#include "core/address_list.h"
#include "core/frame.h"

enum { TENANT_ID_MAX = 63 };

static const char DOMAIN[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

static bool are_equal(const struct tg_address *a, const struct tg_address *b)
{
    /* Port 0 is another port each time. */
    return a->port != 0 && a->port == b->port && strcmp(a->host, b->host) == 0;
}

static int check_addresses(const struct tg_config *config, struct tg_errmsg *msg)
{
    if (config->listen_count == 0) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "listen: expected at least one address");
    }
    for (uint32_t i = 0; i < config->listen_count; i++) {
        const struct tg_address *address = &config->listen[i];
        if (address->host[0] == '\0') {
            return tg_errmsg_set(msg, TG_ERR_INVALID, "listen[%u].address: missing", i + 1);
        }
        if (config->listen_without_port & 1u << i) {
            return tg_errmsg_set(msg, TG_ERR_INVALID, "listen[%u].port: missing", i + 1);
        }
        const struct tg_config_tls *tls = &config->listen_tls[i];
        if (!tls->certificate != !tls->key) {
            return tg_errmsg_set(msg, TG_ERR_INVALID, "listen[%u].tls.%s: missing beside a %s",
                                 i + 1, tls->key ? "certificate" : "key",
                                 tls->key ? "key" : "certificate");
        }
        for (uint32_t j = 0; j < i; j++) {
            if (are_equal(address, &config->listen[j])) {
                return tg_errmsg_set(msg, TG_ERR_INVALID, "listen: %s port %u is there twice",
                                     address->host, address->port);
            }
        }
        if (are_equal(address, &config->admin)) {
            return tg_errmsg_set(msg, TG_ERR_INVALID, "admin: %s port %u is taken by listen",
                                 address->host, address->port);
        }
    }
    return TG_OK;
}

/* RFC 9110 section 5.6.2. */
static bool is_token(const char *text)
{
    static const char others[] = "!#$%&'*+-.^_`|~";

    for (const char *at = text; *at; at++) {
        bool is_letter = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z');
        if (!is_letter && !(*at >= '0' && *at <= '9') && !strchr(others, *at)) {
            return false;
        }
    }
    return *text != '\0';
}

static int check_sources(const struct tg_config *config, struct tg_errmsg *msg)
{
    static const char *const known[] = {"header", "cookie", "subprotocol", "query"};

    for (uint32_t i = 0; i < config->auth_sources.count; i++) {
        bool is_known = false;
        for (size_t j = 0; j < sizeof(known) / sizeof(known[0]); j++) {
            is_known = is_known || strcmp(config->auth_sources.items[i], known[j]) == 0;
        }
        if (!is_known) {
            return tg_errmsg_set(msg, TG_ERR_INVALID,
                                 "auth.sources[%u]: expected header, cookie, subprotocol or query",
                                 i + 1);
        }
    }
    if (!config->auth_cookie || !is_token(config->auth_cookie)) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "auth.cookie: expected the name of a cookie");
    }
    return TG_OK;
}

static int check_auth(const struct tg_config *config, struct tg_errmsg *msg)
{
    if (config->auth_jwks_url && config->auth_jwks_file) {
        return tg_errmsg_set(msg, TG_ERR_INVALID,
                             "auth.jwks: expected one of url and file, got both");
    }
    return tg_config_auth_keys_validate(&config->auth_keys, msg);
}

/* 1 to 63 of a-z 0-9 _ -. */
static bool is_tenant_id(const char *text)
{
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-");

    return length > 0 && length <= TENANT_ID_MAX && text[length] == '\0';
}

static int check_tenant_sources(const struct tg_config *config, struct tg_errmsg *msg)
{
    static const char *const known[] = {"header", "subdomain", "claim"};
    bool is_listed[3] = {false};

    for (uint32_t i = 0; i < config->tenant_sources.count; i++) {
        const char *source = config->tenant_sources.items[i];
        size_t kind = 0;
        while (kind < 3 && strcmp(source, known[kind]) != 0) {
            kind++;
        }
        if (kind == 3) {
            return tg_errmsg_set(msg, TG_ERR_INVALID,
                                 "tenants.sources[%u]: expected header, subdomain or claim", i + 1);
        }
        if (is_listed[kind]) {
            return tg_errmsg_set(msg, TG_ERR_INVALID, "tenants.sources: %s is there twice", source);
        }
        is_listed[kind] = true;
    }
    if (is_listed[1] && !config->tenant_base_domain) {
        return tg_errmsg_set(msg, TG_ERR_INVALID,
                             "tenants.base_domain: missing beside the source subdomain");
    }
    return TG_OK;
}

static int check_tenants(const struct tg_config *config, struct tg_errmsg *msg)
{
    const char *domain = config->tenant_base_domain;

    if (!config->tenant_header || !is_token(config->tenant_header)) {
        return tg_errmsg_set(msg, TG_ERR_INVALID,
                             "tenants.header: expected the name of a request header");
    }
    if (domain && (domain[strspn(domain, DOMAIN)] != '\0' || domain[0] == '.' ||
                   domain[strlen(domain) - 1] == '.')) {
        return tg_errmsg_set(msg, TG_ERR_INVALID,
                             "tenants.base_domain: expected a domain such as \"rt.example\"");
    }
    if (config->tenant_fallback && !is_tenant_id(config->tenant_fallback)) {
        return tg_errmsg_set(msg, TG_ERR_INVALID,
                             "tenants.fallback: expected 1 to %d of a-z 0-9 _ -",
                             (int)TENANT_ID_MAX);
    }
    return check_tenant_sources(config, msg);
}

static int check_limits(const struct tg_config *config, struct tg_errmsg *msg)
{
    if (config->retry_after_min_ms > config->retry_after_max_ms) {
        return tg_errmsg_set(msg, TG_ERR_INVALID,
                             "limits.retry_after_min: expected at most limits.retry_after_max");
    }
    if (config->handshake_burst > 0 && config->handshakes_per_second == 0) {
        return tg_errmsg_set(msg, TG_ERR_INVALID,
                             "limits.handshake_burst: expected a limits.handshakes_per_second "
                             "above 0 beside it");
    }
    /* A healthy client may be silent but for its pongs. */
    if (config->ping_interval_ms > 0 && config->idle_timeout_ms > 0 &&
        config->idle_timeout_ms <= config->ping_interval_ms) {
        return tg_errmsg_set(msg, TG_ERR_INVALID,
                             "limits.idle_timeout: expected 0 or more than limits.ping_interval, "
                             "or silent clients that answer every ping are closed");
    }
    /* Every control frame must fit into an empty queue. */
    if (config->outbound_bytes < TG_FRAME_HEAD_MAX + TG_FRAME_CONTROL_MAX) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "limits.outbound_bytes: expected at least %d",
                             TG_FRAME_HEAD_MAX + TG_FRAME_CONTROL_MAX);
    }
    return TG_OK;
}

static int check_proxies(const struct tg_config *config, struct tg_errmsg *msg)
{
    struct tg_address_list list;
    int err = tg_address_list_read(&list, &config->proxy_protocol, "proxy_protocol", msg);

    return err ? err
               : tg_address_list_read(&list, &config->trusted_proxies, "trusted_proxies", msg);
}

int tg_config_validate(const struct tg_config *config, struct tg_errmsg *msg)
{
    enum tg_log_level level;
    int err = check_addresses(config, msg);

    err = err ? err : check_auth(config, msg);
    err = err ? err : check_sources(config, msg);
    err = err ? err : check_tenants(config, msg);
    err = err ? err : check_limits(config, msg);
    err = err ? err : check_proxies(config, msg);
    if (err) {
        return err;
    }
    if (!config->log_level || tg_log_level_parse(tg_str_of(config->log_level), &level)) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "log.level: expected error, warn, info or debug");
    }
    if (!config->gateways) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "gateways: expected a directory");
    }
    return TG_OK;
}
