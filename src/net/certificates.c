/* SPDX-License-Identifier: MIT */
#include "net/certificates.h"

#include <string.h>

#include <libwebsockets.h>

#include "base/log.h"
#include "net/server_state.h"
#include "net/tls.h"

static const char LOG_MODULE[] = "net";

bool tg_certificates_are_wanted(const struct tg_config *config)
{
    for (uint32_t i = 0; i < config->listen_count; i++) {
        if (config->listen_tls[i].certificate) {
            return true;
        }
    }
    return false;
}

static void log_certificate(const struct tg_tls *tls, const char *message)
{
    char name[TG_ERRMSG_BYTES];
    char expires[TG_TLS_TIME_BYTES];
    bool is_in_force = tg_tls_is_in_force(tls, expires);

    (void)tg_log_quote(name, sizeof(name), tg_str_of(tg_tls_name(tls)));
    TG_LOG_INFO(message, "certificate=%s expires=%s", name, expires);
    if (!is_in_force) {
        TG_LOG_WARN("certificate is not in force", "certificate=%s expires=%s", name, expires);
    }
}

/* libwebsockets is given no file: it would leave parts of the old pair behind when the key of a new
 * one is of another type. */
static int load(struct tg_server *server, const struct tg_config_tls *files,
                struct lws_context_creation_info info, struct tg_errmsg *msg)
{
    struct tg_server_certificate *certificate = &server->certificates[server->certificate_count];

    certificate->tls = tg_tls_create(files, msg);
    if (!certificate->tls) {
        return TG_ERR_INVALID;
    }
    server->certificate_count++;
    info.vhost_name = "tls";
    info.options |= LWS_SERVER_OPTION_CREATE_VHOST_SSL_CTX;
    info.user = certificate->tls;
    certificate->vhost = lws_create_vhost(server->context, &info);
    if (!certificate->vhost) {
        return tg_errmsg_set(msg, TG_ERR_UNAVAILABLE, "%s: libwebsockets made no vhost",
                             files->certificate);
    }
    log_certificate(certificate->tls, "certificate loaded");
    return TG_OK;
}

/* The first listener that has the files of this one: this one itself when none before it does. */
static uint32_t first_alike(const struct tg_config *config, uint32_t index)
{
    const struct tg_config_tls *files = config->listen_tls;

    for (uint32_t i = 0; i < index; i++) {
        if (files[i].certificate && strcmp(files[i].certificate, files[index].certificate) == 0 &&
            strcmp(files[i].key, files[index].key) == 0) {
            return i;
        }
    }
    return index;
}

int tg_certificates_load(struct tg_server *server, const struct lws_context_creation_info *info,
                         struct tg_errmsg *msg)
{
    struct lws_vhost *plain = lws_get_vhost_by_name(server->context, "default");

    if (!plain) {
        return tg_errmsg_set(msg, TG_ERR_UNAVAILABLE, "libwebsockets made no vhost");
    }
    for (uint32_t i = 0; i < server->config->listen_count; i++) {
        const struct tg_config_tls *files = &server->config->listen_tls[i];
        struct tg_door *door = &server->doors[i];
        door->vhost = plain;
        door->is_secure = files->certificate != NULL;
        if (!door->is_secure) {
            continue;
        }
        uint32_t alike = first_alike(server->config, i);
        int err = alike < i ? TG_OK : load(server, files, *info, msg);
        if (err) {
            return tg_errmsg_wrap(msg, err, "listen[%u].tls", i + 1);
        }
        door->vhost = alike < i ? server->doors[alike].vhost
                                : server->certificates[server->certificate_count - 1].vhost;
    }
    return TG_OK;
}

void tg_certificates_reload(struct tg_server *server)
{
    for (uint32_t i = 0; i < server->certificate_count; i++) {
        struct tg_tls *tls = server->certificates[i].tls;
        struct tg_errmsg msg = {0};
        char reason[TG_ERRMSG_BYTES * 2];
        if (tg_tls_reload(tls, &msg) == TG_OK) {
            log_certificate(tls, "certificate reloaded");
        } else {
            TG_LOG_ERROR("certificate refused, the one before is served on", "reason=%s",
                         tg_log_quote(reason, sizeof(reason), tg_str_of(msg.text)));
        }
    }
}

void tg_certificates_fini(struct tg_server *server)
{
    for (uint32_t i = 0; i < server->certificate_count; i++) {
        tg_tls_destroy(server->certificates[i].tls);
    }
    server->certificate_count = 0;
}
