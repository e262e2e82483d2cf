/* SPDX-License-Identifier: MIT */
#include "fake_tls.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unistd.h>

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

enum { HOUR_S = 3600, RSA_BITS = 2048, WEAK_BITS = 512 };

void fake_tls_folder_init(struct fake_tls_folder *folder)
{
    (void)snprintf(folder->root, sizeof(folder->root), "/tmp/tidegate-tls-XXXXXX");
    assert_non_null(mkdtemp(folder->root));
    (void)snprintf(folder->certificate, sizeof(folder->certificate), "%s/tls.crt", folder->root);
    (void)snprintf(folder->key, sizeof(folder->key), "%s/tls.key", folder->root);
    folder->files = (struct tg_config_tls){folder->certificate, folder->key};
}

void fake_tls_folder_fini(struct fake_tls_folder *folder)
{
    (void)unlink(folder->certificate);
    (void)unlink(folder->key);
    assert_int_equal(rmdir(folder->root), 0);
}

static EVP_PKEY *make_key(enum fake_tls_kind kind)
{
    EVP_PKEY *key = kind == FAKE_TLS_EC ? EVP_EC_gen("P-256")
                                        : EVP_RSA_gen(kind == FAKE_TLS_WEAK ? WEAK_BITS : RSA_BITS);
    assert_non_null(key);
    return key;
}

static X509 *make_certificate(EVP_PKEY *key, const struct fake_tls_pair *pair)
{
    X509 *certificate = X509_new();
    X509_NAME *name = X509_NAME_new();

    assert_non_null(certificate);
    assert_non_null(name);
    assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                                (const unsigned char *)"localhost", -1, -1, 0),
                     1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(certificate), pair->serial), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(certificate), pair->from_s));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(certificate), pair->until_s));
    assert_int_equal(X509_set_subject_name(certificate, name), 1);
    assert_int_equal(X509_set_issuer_name(certificate, name), 1);
    assert_int_equal(X509_set_pubkey(certificate, key), 1);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    X509_NAME_free(name);
    return certificate;
}

static FILE *open_to_write(const char *path)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    return file;
}

void fake_tls_write_pair(const struct fake_tls_folder *folder, const struct fake_tls_pair *pair)
{
    EVP_PKEY *key = make_key(pair->kind);
    X509 *certificate = make_certificate(key, pair);

    FILE *file = open_to_write(folder->certificate);
    assert_int_equal(PEM_write_X509(file, certificate), 1);
    assert_int_equal(fclose(file), 0);
    file = open_to_write(folder->key);
    assert_int_equal(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
    assert_int_equal(fclose(file), 0);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

void fake_tls_write(const struct fake_tls_folder *folder, enum fake_tls_kind kind, long serial)
{
    struct fake_tls_pair pair = {.kind = kind, .serial = serial, .from_s = -1, .until_s = HOUR_S};

    fake_tls_write_pair(folder, &pair);
}

void fake_tls_write_text(const char *path, const char *text)
{
    FILE *file = open_to_write(path);

    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* --- the client --- */

struct ssl_st *fake_tls_client(int fd)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());

    assert_non_null(context);
    SSL *ssl = SSL_new(context);
    assert_non_null(ssl);
    SSL_CTX_free(context); /* ssl holds it */
    assert_int_equal(SSL_set_fd(ssl, fd), 1);
    (void)SSL_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return ssl;
}

void fake_tls_client_free(struct ssl_st *ssl)
{
    SSL_free(ssl);
}

/* What a socket would say in place of what OpenSSL does. */
static int told(struct ssl_st *ssl, int result)
{
    int err = SSL_get_error(ssl, result);

    ERR_clear_error();
    if (result > 0) {
        return result;
    }
    if (err == SSL_ERROR_WANT_READ || err == SSL_ERROR_WANT_WRITE) {
        errno = EAGAIN;
        return -1;
    }
    if (err == SSL_ERROR_ZERO_RETURN) {
        return 0;
    }
    errno = ECONNRESET;
    return -1;
}

int fake_tls_connect(struct ssl_st *ssl)
{
    return told(ssl, SSL_connect(ssl));
}

ssize_t fake_tls_send(struct ssl_st *ssl, const void *octets, size_t length)
{
    return told(ssl, SSL_write(ssl, octets, (int)length));
}

ssize_t fake_tls_receive(struct ssl_st *ssl, void *octets, size_t length)
{
    return told(ssl, SSL_read(ssl, octets, (int)length));
}

bool fake_tls_was_told_the_end(const struct ssl_st *ssl)
{
    return (SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN) != 0;
}

long fake_tls_serial(const struct ssl_st *ssl)
{
    const X509 *certificate = SSL_get0_peer_certificate(ssl);

    assert_non_null(certificate);
    return ASN1_INTEGER_get(X509_get0_serialNumber(certificate));
}
