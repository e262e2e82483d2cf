/* SPDX-License-Identifier: MIT */
#include "jose/public_key.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

enum { EXPONENT_MIN = 65537, EXPONENT_BITS_MAX = 64, POINT_BYTES_MAX = 1 + 2 * 66 };

static int invalid(struct tg_errmsg *msg, const char *what)
{
    return tg_errmsg_set(msg, TG_ERR_INVALID, "%s", what);
}

/* --- judging --- */

static int judge_exponent(const BIGNUM *e, struct tg_errmsg *msg)
{
    if (!e || !BN_is_odd(e) || BN_num_bits(e) > EXPONENT_BITS_MAX ||
        (BN_num_bits(e) < 32 && BN_get_word(e) < EXPONENT_MIN)) {
        return invalid(msg, "expected an odd RSA exponent of at least 65537 and at most 64 bits");
    }
    return TG_OK;
}

static int judge_rsa(const EVP_PKEY *pkey, struct tg_errmsg *msg)
{
    BIGNUM *n = NULL;
    BIGNUM *e = NULL;
    int bits = EVP_PKEY_get_bits(pkey);

    if (bits < TG_PUBLIC_KEY_RSA_BITS_MIN || bits > TG_PUBLIC_KEY_RSA_BITS_MAX) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "expected an RSA key of %d to %d bits, got %d",
                             (int)TG_PUBLIC_KEY_RSA_BITS_MIN, (int)TG_PUBLIC_KEY_RSA_BITS_MAX,
                             bits);
    }
    (void)EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &n);
    (void)EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &e);
    int err = judge_exponent(e, msg);
    if (!err && (!n || !BN_is_odd(n))) {
        err = invalid(msg, "expected an odd RSA modulus");
    }
    BN_free(n);
    BN_free(e);
    return err;
}

static int judge_ec(EVP_PKEY *pkey, const struct tg_algorithm *algorithm, struct tg_errmsg *msg)
{
    char group[64] = "";
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(pkey, NULL);

    (void)EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof(group),
                                         NULL);
    bool is_curve = group[0] != '\0' && OBJ_txt2nid(group) == EC_curve_nist2nid(algorithm->curve);
    bool is_on_curve = context && EVP_PKEY_public_check(context) == 1;
    EVP_PKEY_CTX_free(context);
    if (!is_curve) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "expected a key on the curve %s for %s",
                             algorithm->curve, algorithm->name);
    }
    return is_on_curve ? TG_OK : invalid(msg, "expected a point on its curve");
}

/* RSA-PSS keys are another type and can't sign RS256. */
static int judge(EVP_PKEY *pkey, const struct tg_algorithm *algorithm, struct tg_errmsg *msg)
{
    bool wants_rsa = algorithm->family == TG_ALGORITHM_RSA;

    if (algorithm->family == TG_ALGORITHM_HMAC) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "%s takes a secret, not a public key",
                             algorithm->name);
    }
    if (EVP_PKEY_get_base_id(pkey) != (wants_rsa ? EVP_PKEY_RSA : EVP_PKEY_EC)) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "expected an %s key for %s",
                             wants_rsa ? "RSA" : "EC", algorithm->name);
    }
    return wants_rsa ? judge_rsa(pkey, msg) : judge_ec(pkey, algorithm, msg);
}

/* --- writing --- */

static int write_pem(struct tg_public_key *key, EVP_PKEY *pkey, struct tg_errmsg *msg)
{
    BIO *out = BIO_new(BIO_s_mem());
    char *text = NULL;
    long length = 0;

    if (out && PEM_write_bio_PUBKEY(out, pkey) == 1) {
        length = BIO_get_mem_data(out, &text);
    }
    if (length > 0) {
        key->pem = tg_str_copy(tg_str(text, (size_t)length));
        key->length = (size_t)length;
    }
    BIO_free(out);
    return key->pem ? TG_OK : tg_errmsg_set(msg, TG_ERR_NOMEM, "out of memory");
}

/* Takes pkey over, which may be NULL. What went wrong inside OpenSSL must not stay in its queue:
 * the TLS of this thread would take it for its own. */
static int finish(struct tg_public_key *key, const struct tg_algorithm *algorithm, EVP_PKEY *pkey,
                  struct tg_errmsg *msg)
{
    int err = pkey ? judge(pkey, algorithm, msg) : invalid(msg, "expected a public key");

    if (!err) {
        bool is_rsa = algorithm->family == TG_ALGORITHM_RSA;
        key->signature_bytes = is_rsa ? (size_t)EVP_PKEY_get_size(pkey) : algorithm->octets;
        err = write_pem(key, pkey, msg);
    }
    EVP_PKEY_free(pkey);
    ERR_clear_error();
    return err;
}

/* --- PEM --- */

static const char *describe_block(const char *name)
{
    if (strstr(name, "PRIVATE KEY")) {
        return "expected a public key, got a private one: write its public half with openssl pkey "
               "-pubout";
    }
    if (strstr(name, "CERTIFICATE")) {
        return "expected a public key, got a certificate: write its key with openssl x509 -noout "
               "-pubkey";
    }
    if (strcmp(name, "RSA PUBLIC KEY") == 0) {
        return "expected a PUBLIC KEY in PEM, got an RSA PUBLIC KEY: write it with openssl rsa "
               "-RSAPublicKey_in -pubout";
    }
    return "expected a PUBLIC KEY in PEM";
}

/* Reads one block of PEM, without asking anybody for a passphrase. False when there is none. */
static bool read_block(BIO *in, char **name, unsigned char **octets, long *length)
{
    char *header = NULL;
    bool is_read = PEM_read_bio(in, name, &header, octets, length) == 1;

    OPENSSL_free(header);
    return is_read;
}

static int read_pem(BIO *in, EVP_PKEY **pkey, struct tg_errmsg *msg)
{
    char *name = NULL;
    unsigned char *octets = NULL;
    long length = 0;
    int err = TG_OK;

    if (!read_block(in, &name, &octets, &length)) {
        return invalid(msg, "expected a PUBLIC KEY in PEM");
    }
    if (strcmp(name, "PUBLIC KEY") != 0) {
        err = invalid(msg, describe_block(name));
    } else {
        const unsigned char *at = octets;
        *pkey = d2i_PUBKEY(NULL, &at, length);
        if (*pkey && at != octets + length) {
            EVP_PKEY_free(*pkey);
            *pkey = NULL;
        }
    }
    OPENSSL_free(name);
    OPENSSL_clear_free(octets, (size_t)length);
    name = NULL;
    octets = NULL;
    if (!err && read_block(in, &name, &octets, &length)) {
        EVP_PKEY_free(*pkey);
        *pkey = NULL;
        err = invalid(msg, "expected one PUBLIC KEY in PEM, got more");
        OPENSSL_free(name);
        OPENSSL_clear_free(octets, (size_t)length);
    }
    return err;
}

int tg_public_key_from_pem(struct tg_public_key *key, const struct tg_algorithm *algorithm,
                           struct tg_str pem, struct tg_errmsg *msg)
{
    EVP_PKEY *pkey = NULL;

    *key = (struct tg_public_key){0};
    if (pem.length > INT_MAX) {
        return invalid(msg, "expected a PUBLIC KEY in PEM");
    }
    BIO *in = BIO_new_mem_buf(pem.at, (int)pem.length);
    if (!in) {
        return tg_errmsg_set(msg, TG_ERR_NOMEM, "out of memory");
    }
    int err = read_pem(in, &pkey, msg);
    BIO_free(in);
    if (err) {
        ERR_clear_error();
        return err;
    }
    return finish(key, algorithm, pkey, msg);
}

/* OpenSSL wants the passphrase of a key. There is none to give. */
static int on_passphrase(char *out, int size, int is_writing, void *self)
{
    (void)out;
    (void)size;
    (void)is_writing;
    (void)self;
    return -1;
}

int tg_public_key_of_private(struct tg_public_key *key, const struct tg_algorithm *algorithm,
                             struct tg_str pem, struct tg_errmsg *msg)
{
    *key = (struct tg_public_key){0};
    BIO *in = pem.length <= INT_MAX ? BIO_new_mem_buf(pem.at, (int)pem.length) : NULL;
    EVP_PKEY *pkey = in ? PEM_read_bio_PrivateKey(in, NULL, on_passphrase, NULL) : NULL;

    BIO_free(in);
    if (!pkey) {
        ERR_clear_error();
        return invalid(msg, "expected a private key in PEM, without a passphrase");
    }
    return finish(key, algorithm, pkey, msg);
}

/* --- numbers --- */

/* Makes a key of the type from what the builder holds. NULL when OpenSSL refuses it. */
static EVP_PKEY *build(const char *type, OSSL_PARAM_BLD *builder)
{
    EVP_PKEY *pkey = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);

    if (context && params && EVP_PKEY_fromdata_init(context) == 1) {
        (void)EVP_PKEY_fromdata(context, &pkey, EVP_PKEY_PUBLIC_KEY, params);
    }
    OSSL_PARAM_free(params);
    EVP_PKEY_CTX_free(context);
    return pkey;
}

static bool is_number(struct tg_str octets, size_t bytes_max)
{
    return octets.length > 0 && octets.length <= bytes_max && octets.at[0] != '\0';
}

int tg_public_key_from_rsa(struct tg_public_key *key, const struct tg_algorithm *algorithm,
                           struct tg_str modulus, struct tg_str exponent, struct tg_errmsg *msg)
{
    *key = (struct tg_public_key){0};
    if (!is_number(modulus, TG_PUBLIC_KEY_RSA_BITS_MAX / CHAR_BIT) ||
        !is_number(exponent, EXPONENT_BITS_MAX / CHAR_BIT)) {
        return invalid(msg, "n, e: expected numbers of at most 8192 and 64 bits without leading "
                            "zeros");
    }
    /* Sizes are far below INT_MAX by now. */
    BIGNUM *n = BN_bin2bn((const unsigned char *)modulus.at, (int)modulus.length, NULL);
    BIGNUM *e = BN_bin2bn((const unsigned char *)exponent.at, (int)exponent.length, NULL);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY *pkey = NULL;
    if (n && e && builder && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) == 1) {
        pkey = build("RSA", builder);
    }
    OSSL_PARAM_BLD_free(builder);
    BN_free(n);
    BN_free(e);
    return finish(key, algorithm, pkey, msg);
}

int tg_public_key_from_point(struct tg_public_key *key, const struct tg_algorithm *algorithm,
                             struct tg_str x, struct tg_str y, struct tg_errmsg *msg)
{
    unsigned char point[POINT_BYTES_MAX] = {POINT_CONVERSION_UNCOMPRESSED};
    size_t length = algorithm->octets / 2;

    *key = (struct tg_public_key){0};
    if (algorithm->family != TG_ALGORITHM_EC || x.length != length || y.length != length) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "x, y: expected %zu octets each", length);
    }
    memcpy(point + 1, x.at, length);
    memcpy(point + 1 + length, y.at, length);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY *pkey = NULL;
    if (builder &&
        OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, algorithm->curve, 0) ==
            1 &&
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * length) ==
            1) {
        pkey = build("EC", builder);
    }
    OSSL_PARAM_BLD_free(builder);
    return finish(key, algorithm, pkey, msg);
}

void tg_public_key_fini(struct tg_public_key *key)
{
    free(key->pem);
    *key = (struct tg_public_key){0};
}
