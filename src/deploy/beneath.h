/* SPDX-License-Identifier: MIT */
/* Opens what a symbolic link in a gateway's folder leads to, and nothing outside of the folder: the
 * kernel itself follows the links and refuses whatever leaves the folder, so that nothing can be
 * swapped between a check and the open (openat2 with RESOLVE_BENEATH, Linux 5.6).
 * Lives in: every process that reads gateway folders. */
#ifndef TG_DEPLOY_BENEATH_H
#define TG_DEPLOY_BENEATH_H

/* Opens path, which is relative, below the directory top with flags of open(2); never creates.
 * A descriptor, or -1 with errno: EXDEV when a link leads out of top (every absolute one does),
 * ENOSYS when the kernel or a filter of system calls lacks openat2, ELOOP for links without an end,
 * EAGAIN when the folder kept changing, or what open(2) gives. */
int tg_beneath_open(int top, const char *path, int flags);

#endif
