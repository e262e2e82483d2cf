/* SPDX-License-Identifier: MIT */
/* A pair of files is loaded into a context of its own, which is never served from: it is where the
 * pair is checked, and where each handshake takes it from. So a reload is one exchange of
 * pointers, connections keep what they began with, and a key of another type leaves nothing of the
 * old pair behind, as loading into the served context would. */
#include "net/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <libwebsockets.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/str.h"
#include "net/server_state.h"

/* A record is read whole, so that nothing waits inside OpenSSL while the socket is silent. */
_Static_assert(TG_SERVER_READ_BYTES >= SSL3_RT_MAX_PLAIN_LENGTH, "a read holds a record");

/* For TLS 1.2; all suites of TLS 1.3 are like these. */
static const char SUITES[] = "ECDHE+AESGCM:ECDHE+CHACHA20";

struct tg_tls {
    struct tg_config_tls files;
    SSL_CTX *pair;
};

/* --- loading --- */

/* Before OpenSSL opens it: a FIFO would hold the worker up. */
static int check_file(const char *path, struct tg_errmsg *msg)
{
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    int err = TG_OK;

    if (fd < 0) {
        return tg_errmsg_set(msg, TG_ERR_IO, "%s: %s", path, strerror(errno));
    }
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
        err = tg_errmsg_set(msg, TG_ERR_IO, "%s: not a regular file", path);
    } else if (about.st_size > TG_TLS_FILE_MAX) {
        err = tg_errmsg_set(msg, TG_ERR_TOO_LARGE, "%s: larger than %d KiB", path,
                            TG_TLS_FILE_MAX >> 10);
    }
    (void)close(fd);
    return err;
}

/* What failed first is what the rest follows from. */
static int refuse(const char *path, const char *what, struct tg_errmsg *msg)
{
    const char *reason = ERR_reason_error_string(ERR_peek_error());

    ERR_clear_error();
    return tg_errmsg_set(msg, TG_ERR_INVALID, "%s: %s: %s", path, what,
                         reason ? reason : "OpenSSL gives no reason");
}

/* OpenSSL asks for a passphrase; by itself it would ask on the terminal. */
static int on_passphrase(char *passphrase, int size, int is_writing, void *self)
{
    bool *was_asked = self;

    (void)passphrase;
    (void)size;
    (void)is_writing;
    *was_asked = true;
    return -1;
}

static int load_key(SSL_CTX *pair, const struct tg_config_tls *files, struct tg_errmsg *msg)
{
    bool was_asked = false;

    SSL_CTX_set_default_passwd_cb(pair, on_passphrase);
    SSL_CTX_set_default_passwd_cb_userdata(pair, &was_asked);
    int is_loaded = SSL_CTX_use_PrivateKey_file(pair, files->key, SSL_FILETYPE_PEM);
    SSL_CTX_set_default_passwd_cb_userdata(pair, NULL);
    if (was_asked) {
        ERR_clear_error();
        return tg_errmsg_set(msg, TG_ERR_INVALID, "%s: a key with a passphrase can't be used",
                             files->key);
    }
    /* A key of the certificate's type is compared while loading, one of another type here. */
    if ((is_loaded && SSL_CTX_check_private_key(pair) != 1) ||
        ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH) {
        ERR_clear_error();
        return tg_errmsg_set(msg, TG_ERR_INVALID, "%s: not the key of the certificate in %s",
                             files->key, files->certificate);
    }
    return is_loaded ? TG_OK : refuse(files->key, "no usable private key in PEM", msg);
}

static int load(SSL_CTX **loaded, const struct tg_config_tls *files, struct tg_errmsg *msg)
{
    int err = check_file(files->certificate, msg);

    err = err ? err : check_file(files->key, msg);
    if (err) {
        return err;
    }
    ERR_clear_error();
    SSL_CTX *pair = SSL_CTX_new(TLS_server_method());
    if (!pair) {
        ERR_clear_error();
        return tg_errmsg_set(msg, TG_ERR_NOMEM, "%s: OpenSSL can't start", files->certificate);
    }
    if (SSL_CTX_use_certificate_chain_file(pair, files->certificate) != 1) {
        err = refuse(files->certificate, "no usable certificate chain in PEM", msg);
    } else {
        err = load_key(pair, files, msg);
    }
    if (err) {
        SSL_CTX_free(pair);
        return err;
    }
    *loaded = pair;
    return TG_OK;
}

struct tg_tls *tg_tls_create(const struct tg_config_tls *files, struct tg_errmsg *msg)
{
    struct tg_tls *tls = calloc(1, sizeof(*tls));

    if (!tls) {
        (void)tg_errmsg_set(msg, TG_ERR_NOMEM, "out of memory");
        return NULL;
    }
    tls->files.certificate = tg_str_copy(tg_str_of(files->certificate));
    tls->files.key = tg_str_copy(tg_str_of(files->key));
    if (!tls->files.certificate || !tls->files.key) {
        (void)tg_errmsg_set(msg, TG_ERR_NOMEM, "out of memory");
        goto err_after_tls;
    }
    if (load(&tls->pair, &tls->files, msg) != TG_OK) {
        goto err_after_tls;
    }
    return tls;

err_after_tls:
    tg_tls_destroy(tls);
    return NULL;
}

void tg_tls_destroy(struct tg_tls *tls)
{
    if (!tls) {
        return;
    }
    SSL_CTX_free(tls->pair);
    free(tls->files.certificate);
    free(tls->files.key);
    free(tls);
}

int tg_tls_reload(struct tg_tls *tls, struct tg_errmsg *msg)
{
    SSL_CTX *before = tls->pair;
    int err = load(&tls->pair, &tls->files, msg);

    if (!err) {
        SSL_CTX_free(before);
    }
    return err;
}

/* --- handshakes --- */

/* A ClientHello has come; the second of a handshake may come after a reload. */
static int on_hello(SSL *ssl, void *self)
{
    const struct tg_tls *tls = self;
    STACK_OF(X509) *chain = NULL;

    SSL_certs_clear(ssl);
    (void)SSL_CTX_get0_chain_certs(tls->pair, &chain);
    return SSL_use_cert_and_key(ssl, SSL_CTX_get0_certificate(tls->pair),
                                SSL_CTX_get0_privatekey(tls->pair), chain, 1);
}

int tg_tls_set_up(struct tg_tls *tls, struct ssl_ctx_st *context)
{
    (void)SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
                                           SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    (void)SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    (void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    /* That of libwebsockets would look for a vhost by the name that the client sends, and find that
     * of another listener. */
    (void)SSL_CTX_set_tlsext_servername_callback(context, NULL);
    SSL_CTX_set_cert_cb(context, on_hello, tls);
    bool is_set = SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
                  SSL_CTX_set_num_tickets(context, 0) == 1 &&
                  SSL_CTX_set_cipher_list(context, SUITES) == 1;
    ERR_clear_error();
    return is_set ? TG_OK : TG_ERR_UNAVAILABLE;
}

const char *tg_tls_name(const struct tg_tls *tls)
{
    return tls->files.certificate;
}

bool tg_tls_is_in_force(const struct tg_tls *tls, char out[TG_TLS_TIME_BYTES])
{
    const X509 *certificate = SSL_CTX_get0_certificate(tls->pair);
    const ASN1_TIME *last = X509_get0_notAfter(certificate);
    struct tm at = {0};

    if (ASN1_TIME_to_tm(last, &at) != 1 ||
        strftime(out, TG_TLS_TIME_BYTES, "%Y-%m-%dT%H:%M:%SZ", &at) == 0) {
        (void)memcpy(out, "?", 2);
    }
    /* 0 is an error: a time that can't be read. */
    return X509_cmp_current_time(X509_get0_notBefore(certificate)) < 0 &&
           X509_cmp_current_time(last) > 0;
}

/* --- connections --- */

bool tg_tls_is_on(struct lws *wsi)
{
    return lws_get_ssl(wsi) != NULL;
}

bool tg_tls_is_established(struct lws *wsi)
{
    const SSL *ssl = lws_get_ssl(wsi);

    return !ssl || SSL_is_init_finished(ssl);
}

int tg_tls_shut(struct lws *wsi)
{
    SSL *ssl = lws_get_ssl(wsi);

    if (!ssl) {
        return TG_OK;
    }
    ERR_clear_error();
    int result = SSL_shutdown(ssl);
    bool is_refused = result < 0 && SSL_get_error(ssl, result) == SSL_ERROR_WANT_WRITE;
    if (!is_refused) {
        /* By itself OpenSSL gives back its 16 KiB after data alone, and a peer may be long in
         * answering. */
        (void)SSL_free_buffers(ssl);
    }
    ERR_clear_error();
    return is_refused ? TG_ERR_INCOMPLETE : TG_OK;
}
