/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding the router's UPnP description (SSDP, UPnP Device Architecture 1.1 section 1.3). Ours and not libminiupnpc's, which waits in the call, asks the whole link and believes
 * whoever answers first: a datagram to the router alone gets through a filter that knows answers from what was asked, and no other machine of the LAN can pose as it.
 */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "addr.h"

#define SSDP_PORT 1900
#define SSDP_GROUP 0xeffffffaU /* 239.255.255.250 */
#define SSDP_MESSAGE_MAX 2048
#define SSDP_URL_MAX 256

/* Kinds of devices and services that are asked for, one datagram each, until this is NULL. */
const char *ssdp_target(size_t i);

/* The question for @target to @to, which is the group or the router: NUL-terminated in @buf (SSDP_MESSAGE_MAX). Its length. */
size_t ssdp_search_write(const char *target, const struct ip_addr *to, char *buf);

/*
 * 0 with the address of the description in @ret_url (SSDP_URL_MAX); -EBADMSG: no answer to a search for one of our targets; -EXDEV: the description is not at @router, which is
 * all that is believed.
 */
int ssdp_answer_read(const char *buf, size_t length, const struct ip_addr *router, char *ret_url);

/* Whether @url begins with http:// and @router as a number, with a port or without. */
bool ssdp_url_is_at(const char *url, const struct ip_addr *router);
