/* SPDX-License-Identifier: MIT */
#include "jose/claims.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

enum { MS_PER_S = 1000 };

/* Seconds since the epoch up to which times are believed: the year 9999. */
static const json_int_t TIME_MAX = 253402300799;

/* The texts on their way into one block: jansson's, but for json, which may be the payload. */
struct texts {
    struct tg_str json;
    struct tg_str issuer; /* .at NULL: none, as the next ones */
    struct tg_str subject;
    struct tg_str id;
    struct tg_str tenant;
    struct tg_str audiences[TG_CLAIMS_AUDIENCES_MAX];
    uint32_t audience_count;
};

/* RFC 7519 section 2, NumericDate, without fractions. False when it is there and is none. */
static bool read_time(const json_t *object, const char *name, struct tg_claims_time *time)
{
    const json_t *value = json_object_get(object, name);

    *time = (struct tg_claims_time){.is_set = value != NULL};
    if (!value) {
        return true;
    }
    json_int_t seconds = json_integer_value(value);
    if (!json_is_integer(value) || seconds < 0 || seconds > TIME_MAX) {
        return false;
    }
    time->ms = (uint64_t)seconds * MS_PER_S;
    return true;
}

static bool read_text(const json_t *value, size_t length_max, struct tg_str *text)
{
    if (!value) {
        return true;
    }
    *text = tg_str(json_string_value(value), json_string_length(value));
    return json_is_string(value) && text->length <= length_max;
}

static bool read_audience(const json_t *aud, struct texts *texts)
{
    if (!aud) {
        return true;
    }
    if (!json_is_array(aud)) {
        texts->audience_count = 1;
        return read_text(aud, SIZE_MAX, &texts->audiences[0]);
    }
    if (json_array_size(aud) > TG_CLAIMS_AUDIENCES_MAX) {
        return false;
    }
    texts->audience_count = (uint32_t)json_array_size(aud);
    for (uint32_t i = 0; i < texts->audience_count; i++) {
        if (!read_text(json_array_get(aud, i), SIZE_MAX, &texts->audiences[i])) {
            return false;
        }
    }
    return true;
}

/* Gives the claim that is wrong, NULL for none. */
static const char *read_claims(const json_t *object, const char *tenant_claim,
                               struct tg_claims *claims, struct texts *texts)
{
    if (!read_time(object, "exp", &claims->expires)) {
        return "exp";
    }
    if (!read_time(object, "nbf", &claims->not_before)) {
        return "nbf";
    }
    if (!read_time(object, "iat", &claims->issued)) {
        return "iat";
    }
    if (!read_text(json_object_get(object, "iss"), SIZE_MAX, &texts->issuer)) {
        return "iss";
    }
    if (!read_audience(json_object_get(object, "aud"), texts)) {
        return "aud";
    }
    if (!read_text(json_object_get(object, "sub"), TG_CLAIMS_NAME_MAX, &texts->subject)) {
        return "sub";
    }
    if (!read_text(json_object_get(object, "jti"), TG_CLAIMS_NAME_MAX, &texts->id)) {
        return "jti";
    }
    if (!read_text(json_object_get(object, tenant_claim), TG_CLAIMS_NAME_MAX, &texts->tenant)) {
        return "tenant";
    }
    return NULL;
}

static size_t measure(const struct texts *texts)
{
    size_t size = texts->json.length + texts->issuer.length + texts->subject.length +
                  texts->id.length + texts->tenant.length + 5;

    for (uint32_t i = 0; i < texts->audience_count; i++) {
        size += texts->audiences[i].length + 1;
    }
    return size;
}

/* Copies the text to *at, terminated, and moves *at behind it. */
static const char *place(char **at, struct tg_str text)
{
    char *start = *at;

    if (!text.at) {
        return NULL;
    }
    memcpy(start, text.at, text.length);
    start[text.length] = '\0';
    *at += text.length + 1;
    return start;
}

static struct tg_claims *make_block(const struct tg_claims *read, const struct texts *texts)
{
    size_t bytes = sizeof(struct tg_claims) + measure(texts);
    struct tg_claims *claims = malloc(bytes);

    if (!claims) {
        return NULL;
    }
    char *at = (char *)(claims + 1);
    *claims = *read;
    claims->refs = 1;
    claims->bytes = bytes;
    claims->json = place(&at, texts->json);
    claims->issuer = place(&at, texts->issuer);
    claims->subject = place(&at, texts->subject);
    claims->id = place(&at, texts->id);
    claims->tenant = place(&at, texts->tenant);
    claims->audiences = at;
    claims->audience_count = texts->audience_count;
    for (uint32_t i = 0; i < texts->audience_count; i++) {
        (void)place(&at, texts->audiences[i]);
    }
    return claims;
}

/* Whether a text that is JSON has no blank outside of its strings. */
static bool is_compact(struct tg_str json)
{
    bool is_string = false;

    for (size_t i = 0; i < json.length; i++) {
        char octet = json.at[i];
        if (is_string && octet == '\\') {
            i++; /* what it escapes ends no string */
        } else if (octet == '"') {
            is_string = !is_string;
        } else if (!is_string && (octet == ' ' || (octet >= '\t' && octet <= '\r'))) {
            return false;
        }
    }
    return true;
}

static int create(struct tg_str payload, const json_t *object, const char *tenant_claim,
                  struct tg_claims **claims, const char **why)
{
    struct tg_claims read = {0};
    struct texts texts = {.json = payload};
    char *dumped = NULL;

    *why = read_claims(object, tenant_claim, &read, &texts);
    if (*why) {
        return TG_ERR_DENIED;
    }
    /* Nearly every issuer writes it so; writing it anew costs as much as reading it. */
    if (!is_compact(payload)) {
        dumped = json_dumps(object, JSON_COMPACT);
        if (!dumped) {
            return TG_ERR_NOMEM;
        }
        texts.json = tg_str_of(dumped);
    }
    *claims = make_block(&read, &texts);
    if (dumped) {
        explicit_bzero(dumped, texts.json.length);
        free(dumped);
    }
    return *claims ? TG_OK : TG_ERR_NOMEM;
}

int tg_claims_create(struct tg_str payload, const char *tenant_claim, struct tg_claims **claims,
                     const char **why)
{
    json_error_t error;

    *claims = NULL;
    *why = "payload";
    json_t *object = json_loadb(payload.at, payload.length, JSON_REJECT_DUPLICATES, &error);
    if (!object) {
        return json_error_code(&error) == json_error_out_of_memory ? TG_ERR_NOMEM : TG_ERR_DENIED;
    }
    int err = TG_ERR_DENIED;
    if (json_is_object(object)) {
        err = create(payload, object, tenant_claim, claims, why);
    }
    json_decref(object);
    return err;
}

struct tg_claims *tg_claims_ref(struct tg_claims *claims)
{
    claims->refs++;
    return claims;
}

void tg_claims_unref(struct tg_claims *claims)
{
    if (claims && --claims->refs == 0) {
        explicit_bzero(claims, claims->bytes);
        free(claims);
    }
}

bool tg_claims_has_audience(const struct tg_claims *claims, struct tg_str wanted)
{
    const char *audience = claims->audiences;

    for (uint32_t i = 0; i < claims->audience_count; i++) {
        if (tg_str_is(tg_str_of(audience), wanted)) {
            return true;
        }
        audience += strlen(audience) + 1;
    }
    return false;
}
