/* SPDX-License-Identifier: MIT */
#include "hub/tenant.h"

bool tg_tenant_is_id(struct tg_str text)
{
    for (size_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-')) {
            return false;
        }
    }
    return text.length > 0 && text.length <= TG_TENANT_MAX;
}
