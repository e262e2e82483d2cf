/* SPDX-License-Identifier: MIT */
#include "keeper/tenants_file.h"

#include "script/tenants_reader.h"

static int on_tenant(void *self, struct tg_str id, bool is_suspended, struct tg_str name)
{
    struct tg_buf *out = self;

    tg_buf_add_str(out, id);
    tg_buf_add_str(out, is_suspended ? TG_STR("\tsuspended\t") : TG_STR("\tactive\t"));
    tg_buf_add_str(out, name);
    tg_buf_add_char(out, '\n');
    return out->err;
}

int tg_tenants_file_read(const char *path, struct tg_buf *out, struct tg_errmsg *msg)
{
    int err = tg_tenants_reader_run(path, on_tenant, out, msg);

    return err && err == out->err ? tg_errmsg_set(msg, err, "%s: %s", path, tg_err_text(err)) : err;
}
