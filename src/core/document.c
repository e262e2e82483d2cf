/* SPDX-License-Identifier: MIT */
/* Words are copied one by one as relaxed atomics: a reader may race with the writer of its place,
 * and finds out afterwards. begun runs ahead of version while a place is being written:
 *
 *   writer   begun = v + 1;  fence;  write the place of v + 1;  version = v + 1 (release)
 *   reader   v = version (acquire);  copy its place;  fence;  whole when begun < v + 2
 *
 * since versions take turns on the two places, and v's is next written by v + 2. */
#include "core/document.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

enum { PLACES = 2, TRIES_MAX = 8, WORD = sizeof(uint64_t) };

/* Written by the writer; read by all. */
struct place {
    _Atomic uint64_t length;
    _Atomic uint64_t words[]; /* capacity of the document, rounded up */
};

struct head {
    _Atomic uint64_t begun;      /* the version being written, or the last one */
    _Atomic uint64_t version;    /* the last whole one */
    _Atomic uint64_t read_at_ms; /* wall clock */
    _Atomic uint64_t failures;
    _Atomic uint32_t is_kept;
};

/* The heads, then the places of each document in turn. */
struct tg_document_store {
    struct head heads[TG_DOCUMENT_COUNT];
};

static const struct {
    const char *name;
    size_t capacity;
} documents[TG_DOCUMENT_COUNT] = {
    [TG_DOCUMENT_JWKS] = {"jwks", TG_DOCUMENT_JWKS_MAX},
    [TG_DOCUMENT_TENANTS] = {"tenants", TG_DOCUMENT_TENANTS_MAX},
    [TG_DOCUMENT_REVOCATIONS] = {"revocations", TG_DOCUMENT_REVOCATIONS_MAX},
};

static size_t place_bytes(enum tg_document which)
{
    return sizeof(struct place) + (documents[which].capacity + WORD - 1) / WORD * WORD;
}

/* Where the places of a document begin; for COUNT: where the store ends. */
static size_t offset_of(enum tg_document which)
{
    size_t offset = sizeof(struct tg_document_store);

    for (int i = 0; i < (int)which; i++) {
        offset += PLACES * place_bytes((enum tg_document)i);
    }
    return offset;
}

static struct place *place_of(const struct tg_document_store *store, enum tg_document which,
                              uint64_t version)
{
    size_t offset = offset_of(which) + (size_t)(version % PLACES) * place_bytes(which);

    return (struct place *)((uintptr_t)store + offset);
}

struct tg_document_store *tg_document_create(void)
{
    /* The kernel gives zeroed memory, and zero is what an atomic's initial state looks like. */
    void *memory = mmap(NULL, offset_of(TG_DOCUMENT_COUNT), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return memory == MAP_FAILED ? NULL : memory;
}

void tg_document_destroy(struct tg_document_store *store)
{
    if (store) {
        (void)munmap(store, offset_of(TG_DOCUMENT_COUNT));
    }
}

const char *tg_document_name(enum tg_document which)
{
    return documents[which].name;
}

size_t tg_document_capacity(enum tg_document which)
{
    return documents[which].capacity;
}

void tg_document_keep(struct tg_document_store *store, enum tg_document which)
{
    atomic_store(&store->heads[which].is_kept, 1);
}

/* --- the writer --- */

static void write_place(struct place *place, struct tg_str text)
{
    atomic_store_explicit(&place->length, text.length, memory_order_relaxed);
    for (size_t at = 0; at < text.length; at += WORD) {
        uint64_t word = 0;
        size_t rest = text.length - at;
        memcpy(&word, text.at + at, rest < WORD ? rest : WORD);
        atomic_store_explicit(&place->words[at / WORD], word, memory_order_relaxed);
    }
}

/* Nobody writes beside the caller. */
static bool holds(struct place *place, struct tg_str text)
{
    if (atomic_load_explicit(&place->length, memory_order_relaxed) != text.length) {
        return false;
    }
    for (size_t at = 0; at < text.length; at += WORD) {
        uint64_t word = 0;
        size_t rest = text.length - at;
        memcpy(&word, text.at + at, rest < WORD ? rest : WORD);
        if (atomic_load_explicit(&place->words[at / WORD], memory_order_relaxed) != word) {
            return false;
        }
    }
    return true;
}

int tg_document_publish(struct tg_document_store *store, enum tg_document which, struct tg_str text)
{
    struct head *head = &store->heads[which];
    /* Not begun: what a writer that died has left unfinished is written over. */
    uint64_t last = atomic_load_explicit(&head->version, memory_order_relaxed);

    if (text.length > documents[which].capacity) {
        return TG_ERR_TOO_LARGE;
    }
    if (last > 0 && holds(place_of(store, which, last), text)) {
        return TG_OK;
    }
    atomic_store_explicit(&head->begun, last + 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    write_place(place_of(store, which, last + 1), text);
    atomic_store_explicit(&head->version, last + 1, memory_order_release);
    return TG_OK;
}

void tg_document_note_read(struct tg_document_store *store, enum tg_document which,
                           uint64_t wall_ms)
{
    atomic_store(&store->heads[which].read_at_ms, wall_ms);
}

void tg_document_note_failure(struct tg_document_store *store, enum tg_document which)
{
    atomic_fetch_add(&store->heads[which].failures, 1);
}

/* --- readers --- */

uint64_t tg_document_version(const struct tg_document_store *store, enum tg_document which)
{
    return atomic_load_explicit(&store->heads[which].version, memory_order_acquire);
}

/* Fails only for out's sake; what was copied may be torn. */
static int copy_place(struct place *place, size_t capacity, struct tg_buf *out)
{
    uint64_t length = atomic_load_explicit(&place->length, memory_order_relaxed);

    length = length < capacity ? length : capacity;
    tg_buf_clear(out);
    if (tg_buf_reserve(out, (size_t)length) != TG_OK) {
        return out->err;
    }
    for (size_t at = 0; at < length; at += WORD) {
        uint64_t word = atomic_load_explicit(&place->words[at / WORD], memory_order_relaxed);
        size_t rest = (size_t)length - at;
        memcpy(out->at + at, &word, rest < WORD ? rest : WORD);
    }
    out->length = (size_t)length;
    return TG_OK;
}

int tg_document_read(const struct tg_document_store *store, enum tg_document which,
                     struct tg_buf *out, uint64_t *version)
{
    const struct head *head = &store->heads[which];

    for (int i = 0; i < TRIES_MAX; i++) {
        *version = tg_document_version(store, which);
        if (*version == 0) {
            tg_buf_clear(out);
            return TG_OK;
        }
        int err = copy_place(place_of(store, which, *version), documents[which].capacity, out);
        if (err) {
            return err;
        }
        atomic_thread_fence(memory_order_acquire);
        if (atomic_load_explicit(&head->begun, memory_order_relaxed) < *version + PLACES) {
            return TG_OK;
        }
    }
    tg_buf_clear(out);
    return TG_ERR_UNAVAILABLE;
}

void tg_document_state(const struct tg_document_store *store, enum tg_document which,
                       struct tg_document_state *state)
{
    const struct head *head = &store->heads[which];

    *state = (struct tg_document_state){
        .version = tg_document_version(store, which),
        .read_at_ms = atomic_load(&head->read_at_ms),
        .failures = atomic_load(&head->failures),
        .is_kept = atomic_load(&head->is_kept) != 0,
    };
}
