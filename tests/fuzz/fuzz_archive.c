/* SPDX-License-Identifier: MIT */
/* Any octets as an archive: what is read is a bundle that can be, and the one that is written as
 * these octets. */
#include "target.h"

#include "base/buf.h"
#include "base/check.h"
#include "core/archive.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
    struct tg_str octets = tg_str((const char *)input, length);
    struct tg_bundle bundle;
    struct tg_buf again;
    int err = tg_archive_read(octets, &bundle);

    if (err) {
        tg_require(err == TG_ERR_SYNTAX || err == TG_ERR_NOMEM);
        tg_require(!bundle.name && !bundle.files && bundle.count == 0);
        return 0;
    }
    tg_require(bundle.name && bundle.origin && bundle.count <= TG_BUNDLE_FILES_MAX);
    for (uint32_t i = 0; i < bundle.count; i++) {
        const struct tg_bundle_file *file = &bundle.files[i];
        tg_require(tg_bundle_find(&bundle, tg_str_of(file->path)) == file);
    }
    tg_buf_init(&again, TG_ARCHIVE_BYTES_MAX);
    tg_require(tg_archive_write(&bundle, &again) == TG_OK);
    tg_require(tg_str_is(tg_buf_str(&again), octets));
    tg_buf_fini(&again);
    tg_bundle_fini(&bundle);
    return 0;
}
