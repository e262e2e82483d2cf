/* SPDX-License-Identifier: MIT */
#include "jose/key_set.h"

#include <stdlib.h>

#include "jose/hmac.h"

static bool has_kid(const struct tg_key *key, struct tg_str kid)
{
    return key->kid && tg_str_is(tg_str_of(key->kid), kid);
}

bool tg_key_set_has_kid(const struct tg_key_set *set, struct tg_str kid)
{
    for (uint32_t i = 0; i < set->count; i++) {
        if (has_kid(&set->keys[i], kid)) {
            return true;
        }
    }
    return false;
}

int tg_key_set_add(struct tg_key_set *set, struct tg_key *key)
{
    if (set->count == TG_KEY_SET_MAX) {
        return TG_ERR_FULL;
    }
    if (key->kid && tg_key_set_has_kid(set, tg_str_of(key->kid))) {
        return TG_ERR_EXISTS;
    }
    if (!set->keys) {
        set->keys = calloc(TG_KEY_SET_MAX, sizeof(*set->keys));
        if (!set->keys) {
            return TG_ERR_NOMEM;
        }
    }
    set->keys[set->count++] = *key;
    *key = (struct tg_key){0};
    return TG_OK;
}

static int copy_key(struct tg_key *copy, const struct tg_key *key)
{
    *copy = *key;
    copy->kid = key->kid ? tg_str_copy(tg_str_of(key->kid)) : NULL;
    copy->text = tg_str_copy(tg_str(key->text, key->length));
    copy->hmac = key->hmac ? tg_hmac_copy(key->hmac) : NULL;
    if (!copy->text || (key->kid && !copy->kid) || (key->hmac && !copy->hmac)) {
        tg_key_fini(copy);
        return TG_ERR_NOMEM;
    }
    return TG_OK;
}

int tg_key_set_add_all(struct tg_key_set *set, const struct tg_key_set *from)
{
    for (uint32_t i = 0; i < from->count; i++) {
        struct tg_key copy;
        int err = copy_key(&copy, &from->keys[i]);
        err = err ? err : tg_key_set_add(set, &copy);
        if (err) {
            tg_key_fini(&copy);
            return err;
        }
    }
    return TG_OK;
}

void tg_key_set_fini(struct tg_key_set *set)
{
    for (uint32_t i = 0; i < set->count; i++) {
        tg_key_fini(&set->keys[i]);
    }
    free(set->keys);
    *set = (struct tg_key_set){0};
}

const struct tg_key *tg_key_set_find(const struct tg_key_set *set, struct tg_str alg,
                                     struct tg_str kid, const char **why)
{
    const struct tg_algorithm *algorithm = tg_algorithm_find(alg);
    const struct tg_key *only = NULL;
    uint32_t of_algorithm = 0;
    uint32_t candidates = 0;

    for (uint32_t i = 0; algorithm && i < set->count; i++) {
        const struct tg_key *key = &set->keys[i];
        bool fits = key->algorithm == algorithm;
        if (kid.at && has_kid(key, kid)) {
            *why = "alg";
            return fits ? key : NULL;
        }
        of_algorithm += fits ? 1 : 0;
        if (fits && (!kid.at || !key->kid)) {
            only = key;
            candidates++;
        }
    }
    *why = of_algorithm == 0 && !kid.at ? "alg" : "kid";
    if (!algorithm) {
        *why = "alg";
    }
    return candidates == 1 ? only : NULL;
}
