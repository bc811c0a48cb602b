#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tests/lab/dns_malformed.sh with ten million packets.
DNS_MALFORMED=10000000 exec "$(dirname "$0")/../lab/dns_malformed.sh" "$@"
