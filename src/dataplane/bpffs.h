/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The BPF file system at /sys/fs/bpf, which systemd mounts and other systems may not: ours, where nobody has, until a detach. Both take CAP_SYS_ADMIN, which of
 * the daemon only a start has, so that it is mounted by hairpind and unmounted by hairpin.
 */
#pragma once

#define BPFFS "/sys/fs/bpf"

/* Mounts one there under our name. 0 or -errno. */
int bpffs_mount(void);

/* Unmounts it if it has our name and nothing is pinned in it but what the kernel put there itself. What somebody else mounted or uses stays. */
void bpffs_unmount(void);
