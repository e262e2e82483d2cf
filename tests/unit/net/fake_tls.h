/* SPDX-License-Identifier: MIT */
/* The other side of TLS in a test: certificates made on the spot, and a client by OpenSSL.
 * Lives in: tests. */
#ifndef TG_FAKE_TLS_H
#define TG_FAKE_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "core/config.h"

struct ssl_st; /* OpenSSL's SSL */

enum fake_tls_kind { FAKE_TLS_EC, FAKE_TLS_RSA, FAKE_TLS_WEAK /* RSA, 512 bits */ };

struct fake_tls_pair {
    enum fake_tls_kind kind;
    long serial;
    long from_s; /* from now */
    long until_s;
};

/* A folder of its own, with the paths of a pair in it; nothing is written yet. */
struct fake_tls_folder {
    char root[40];
    char certificate[64];
    char key[64];
    struct tg_config_tls files; /* views of those */
};

void fake_tls_folder_init(struct fake_tls_folder *folder);
void fake_tls_folder_fini(struct fake_tls_folder *folder);

/* Writes a pair that is good for an hour, or as told. */
void fake_tls_write(const struct fake_tls_folder *folder, enum fake_tls_kind kind, long serial);
void fake_tls_write_pair(const struct fake_tls_folder *folder, const struct fake_tls_pair *pair);
void fake_tls_write_text(const char *path, const char *text);

/* A client over a connected socket, which has not said anything yet. It trusts anybody. */
struct ssl_st *fake_tls_client(int fd);
void fake_tls_client_free(struct ssl_st *ssl);

/* One try each, like connect, send and recv of a non-blocking socket: -1 with EAGAIN for later; 0
 * of a receive: close_notify or the end of the connection has come. */
int fake_tls_connect(struct ssl_st *ssl);
ssize_t fake_tls_send(struct ssl_st *ssl, const void *octets, size_t length);
ssize_t fake_tls_receive(struct ssl_st *ssl, void *octets, size_t length);

/* Whether close_notify has come. */
bool fake_tls_was_told_the_end(const struct ssl_st *ssl);

/* Of the server's certificate. */
long fake_tls_serial(const struct ssl_st *ssl);

#endif
