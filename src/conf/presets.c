// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Each entry names where its list comes from. A program without a port that its makers or IANA's
 * register fix does not belong here.
 */
#include "presets.h"

#include <netinet/in.h>
#include <string.h>

#include "cleanup.h"

#define TCP(port)                           \
	{                                   \
		(port), (port), IPPROTO_TCP \
	}
#define UDP(port)                           \
	{                                   \
		(port), (port), IPPROTO_UDP \
	}

const struct preset presets[] = {
	/* IANA: http. */
	{.name = "http", .doc = "Web server without encryption.", .ports = {TCP(80)}},
	/* IANA: https; HTTP/3 (RFC 9114) uses the same port over UDP. */
	{.name = "https", .doc = "Web server, HTTP/3 included.", .ports = {TCP(443), UDP(443)}},
	/* IANA: imaps (RFC 8314). */
	{.name = "imaps", .doc = "Mail box, encrypted.", .ports = {TCP(993)}},
	/* Jitsi Meet handbook, self-hosting guide: media is one UDP port. */
	{.name = "jitsi", .doc = "Jitsi Meet.", .ports = {TCP(443), UDP(10000)}},
	/* Matrix specification, server-server API: default port of federation. */
	{.name = "matrix-federation", .doc = "Matrix, server to server.", .ports = {TCP(8448)}},
	/* Minecraft, Java edition: server.properties, server-port; IANA: minecraft. */
	{.name = "minecraft", .doc = "Minecraft, Java edition.", .ports = {TCP(25565)}},
	/* Bedrock dedicated server: server.properties, server-port (IPv4). */
	{.name = "minecraft-bedrock", .doc = "Minecraft, Bedrock edition.", .ports = {UDP(19132)}},
	/* Mumble's murmur.ini, port: control over TCP, voice over UDP. */
	{.name = "mumble", .doc = "Mumble.", .ports = {TCP(64738), UDP(64738)}},
	/* IANA: openvpn; its own default is UDP. */
	{.name = "openvpn", .doc = "OpenVPN over UDP.", .ports = {UDP(1194)}},
	/* Plex support, network firewall page: the only port that must be reached from outside. */
	{.name = "plex", .doc = "Plex Media Server.", .ports = {TCP(32400)}},
	/*
	 * RustDesk server, self-host installation: hbbs 21115 (NAT type test), 21116 (ID, hole
	 * punching), hbbr 21117 (relay). Of UDP only 21116 exists, although many instructions
	 * forward more.
	 */
	{.name = "rustdesk",
	 .doc = "RustDesk ID and relay server.",
	 .rewrite_note =
		 "the ID server sees clients inside by their LAN addresses, so their direct "
		 "connections to peers outside may fall back to the relay; `rewrite: off` "
		 "avoids that",
	 .ports = {TCP(21115), TCP(21116), UDP(21116), TCP(21117)}},
	/* The same page: WebSockets of hbbs (21118) and hbbr (21119). */
	{.name = "rustdesk-web",
	 .doc = "RustDesk's ports for web clients; add to them those of `rustdesk`.",
	 .note = "these ports trust the header X-Real-IP of whoever connects; put a reverse "
		 "proxy in front and forward to that instead",
	 .ports = {TCP(21118), TCP(21119)}},
	/* IANA: smtp. */
	{.name = "smtp", .doc = "Mail from other servers.", .ports = {TCP(25)}},
	/* IANA: ssh. */
	{.name = "ssh", .doc = "Secure shell of a host in the LAN.", .ports = {TCP(22)}},
	/* Syncthing documentation, firewall setup: sync over TCP and QUIC. */
	{.name = "syncthing", .doc = "Syncthing.", .ports = {TCP(22000), UDP(22000)}},
	/* WireGuard's own examples; no port is fixed, this one is the custom. */
	{.name = "wireguard", .doc = "WireGuard.", .ports = {UDP(51820)}},
};

const size_t preset_count = ARRAY_SIZE(presets);

const struct preset *preset_find(const char *name)
{
	for (size_t i = 0; i < preset_count; i++) {
		if (!strcmp(presets[i].name, name))
			return &presets[i];
	}
	return NULL;
}
