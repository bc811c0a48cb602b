/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the readers of this folder share: one request over netlink, and attributes by number. Not for other folders. */
#pragma once

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>

#include "addr.h"

/* Room for any request that this folder sends. */
#define NL_REQUEST_MAX 256

/* Begins a request in @buffer (NL_REQUEST_MAX, aligned): a zeroed extra header of @header bytes after the
 * message header, NLM_F_REQUEST and @flags set. */
struct nlmsghdr *nl_request_init(char *buffer, __u16 type, __u16 flags, size_t header);

/*
 * Sends @request, which has NLM_F_DUMP or NLM_F_ACK, over a socket of its own and hands every answer to @cb, which
 * returns MNL_CB_OK, or MNL_CB_ERROR with errno set. 0; -EINTR when the kernel says that what it dumped has
 * changed meanwhile, so that @data holds a mixture and is to be read again; else -errno.
 */
int nl_request(int bus, struct nlmsghdr *request, mnl_cb_t cb, void *data);

/* Fill @tb, @max + 1 pointers, with the attributes after the @header bytes of @nlh; inside of @nest; or in the
 * @length bytes at @payload. */
void nl_attrs(const struct nlmsghdr *nlh, size_t header, struct nlattr **tb, unsigned int max);
void nl_attrs_nested(const struct nlattr *nest, struct nlattr **tb, unsigned int max);
void nl_attrs_in(void *payload, size_t length, struct nlattr **tb, unsigned int max);

/* false, and *ret_addr untouched, if @attr is NULL or has not the size of an address. */
bool nl_attr_addr(const struct nlattr *attr, struct ip_addr *ret_addr);

/*
 * A new zeroed element at the end of the array @items that has @n of them, or NULL with errno ENOMEM.
 * Full when @n is a power of two, so no capacity is stored; @items is grown in this way only.
 */
#define array_add(items, n) ((typeof(items))array_grow((void **)&(items), &(n), sizeof(*(items))))
void *array_grow(void **items, size_t *n, size_t size);
