// SPDX-License-Identifier: GPL-2.0-or-later
#include "dhcp_scan.h"

#include <stdlib.h>
#include <string.h>

#include <hairpin/limits.h>

#include "cleanup.h"
#include "log.h"
#include "offer_text.h"
#include "probe.h"

/* A server that was seen. */
struct foreign {
	struct dhcp_offer offer;
	unsigned int silent_s; /* since it was last heard */
};

struct place {
	char interface[IFNAMSIZ];
	struct dhcp_probe probe;
	uv_poll_t *
		poll; /* of the probe; frees itself, with the place as its data while that is there */
	unsigned int ask_s; /* until the next question */
	struct foreign foreign[LIMIT_DHCP_FOREIGN];
	size_t n_foreign;
	int fault; /* of the last open or question, so that it is logged once */
};

struct dhcp_scan {
	uv_loop_t *loop;
	struct place *places[LIMIT_LANS];
	size_t n_places;
};

struct dhcp_scan *dhcp_scan_make(uv_loop_t *loop)
{
	struct dhcp_scan *scan = calloc(1, sizeof(*scan));

	if (scan)
		scan->loop = loop;
	return scan;
}

static void freed(uv_handle_t *handle)
{
	free(handle);
}

static void place_free(struct place *place)
{
	if (place->poll) {
		uv_poll_stop(place->poll);
		uv_close((uv_handle_t *)place->poll, freed);
	}
	dhcp_probe_close(&place->probe);
	free(place);
}

void dhcp_scan_free(struct dhcp_scan *scan)
{
	if (!scan)
		return;
	for (size_t i = 0; i < scan->n_places; i++)
		place_free(scan->places[i]);
	free(scan);
}

/* --- hearing ------------------------------------------------------------------------------------- */

static void warn(const struct place *place, const struct dhcp_offer *offer)
{
	_strbuf_ struct strbuf text = {0};

	dhcp_offer_text(offer, &text);
	log_with(LOG_WARNING, LOG_FIELD("INTERFACE", place->interface),
		 "dhcp %s: another DHCP server answers there: %s", place->interface,
		 strbuf_text(&text));
}

static void note(struct place *place, const struct dhcp_offer *offer)
{
	for (size_t i = 0; i < place->n_foreign; i++) {
		struct foreign *known = &place->foreign[i];

		if (!ip_addr_equal(&known->offer.server, &offer->server) ||
		    memcmp(known->offer.mac, offer->mac, sizeof(offer->mac)))
			continue;
		*known = (struct foreign){.offer = *offer};
		return;
	}
	/* More than that need no list: whoever forges them shall not fill the log either. */
	if (place->n_foreign == LIMIT_DHCP_FOREIGN)
		return;
	place->foreign[place->n_foreign++] = (struct foreign){.offer = *offer};
	warn(place, offer);
}

static void on_offer(uv_poll_t *poll, int status, int events)
{
	struct place *place = poll->data;
	struct dhcp_offer offer;
	unsigned int n = 0;

	(void)status, (void)events;
	/* The rest of a flood waits for the next turn of the loop. */
	while (n++ < LIMIT_DHCP_FOREIGN && dhcp_probe_hear(&place->probe, &offer) > 0)
		note(place, &offer);
}

/* --- asking -------------------------------------------------------------------------------------- */

static void complain(struct place *place, int ret)
{
	if (ret && ret != place->fault)
		log_with(LOG_WARNING, LOG_FIELD("INTERFACE", place->interface),
			 "dhcp %s: cannot look for other DHCP servers: %s", place->interface,
			 strerror(-ret));
	place->fault = ret;
}

static int place_listen(struct dhcp_scan *scan, struct place *place,
			const struct plan_segment *segment)
{
	int ret = dhcp_probe_open(&place->probe, segment->ifindex, segment->mac);

	if (ret)
		return ret;
	place->poll = calloc(1, sizeof(*place->poll));
	if (!place->poll || uv_poll_init(scan->loop, place->poll, place->probe.fd)) {
		free(TAKE_PTR(place->poll));
		dhcp_probe_close(&place->probe);
		return -ENOMEM;
	}
	place->poll->data = place;
	return uv_poll_start(place->poll, UV_READABLE, on_offer);
}

static void place_add(struct dhcp_scan *scan, const struct plan_segment *segment)
{
	struct place *place = calloc(1, sizeof(*place));

	if (!place)
		return;
	strcpy(place->interface, segment->interface);
	complain(place, place_listen(scan, place, segment));
	scan->places[scan->n_places++] = place;
}

static bool is_same(const struct place *place, const struct plan_segment *segment)
{
	return !strcmp(place->interface, segment->interface) &&
	       place->probe.ifindex == segment->ifindex &&
	       !memcmp(place->probe.ask.mac, segment->mac, sizeof(segment->mac));
}

void dhcp_scan_apply(struct dhcp_scan *scan, const struct plan_dhcp *dhcp)
{
	struct place *before[LIMIT_LANS];
	size_t n = scan->n_places;

	memcpy(before, scan->places, sizeof(before));
	scan->n_places = 0;
	for (size_t i = 0; i < dhcp->n_segments && i < LIMIT_LANS; i++) {
		const struct plan_segment *segment = &dhcp->segments[i];
		struct place *stays = NULL;

		for (size_t k = 0; k < n && !stays; k++) {
			if (before[k] && is_same(before[k], segment))
				stays = TAKE_PTR(before[k]);
		}
		if (stays)
			scan->places[scan->n_places++] = stays;
		else
			place_add(scan, segment);
	}
	for (size_t k = 0; k < n; k++) {
		if (before[k])
			place_free(before[k]);
	}
}

static void forget_silent(struct place *place)
{
	size_t n = 0;

	for (size_t i = 0; i < place->n_foreign; i++) {
		struct foreign *one = &place->foreign[i];
		char text[IP_TEXT_MAX];

		if (++one->silent_s <= DHCP_FOREIGN_S)
			place->foreign[n++] = *one;
		else
			log_info("dhcp %s: the other DHCP server %s answers no more",
				 place->interface, ip_addr_format(&one->offer.server, text));
	}
	place->n_foreign = n;
}

void dhcp_scan_tick(struct dhcp_scan *scan)
{
	for (size_t i = 0; i < scan->n_places; i++) {
		struct place *place = scan->places[i];

		forget_silent(place);
		if (place->probe.fd < 0)
			continue;
		if (place->ask_s > 0) {
			place->ask_s--;
			continue;
		}
		place->ask_s = DHCP_SCAN_S - 1;
		complain(place, dhcp_probe_ask(&place->probe));
	}
}

/* --- telling ------------------------------------------------------------------------------------- */

json_t *dhcp_scan_answer(const struct dhcp_scan *scan)
{
	json_t *list = json_array();

	for (size_t i = 0; i < scan->n_places; i++) {
		const struct place *place = scan->places[i];

		for (size_t k = 0; k < place->n_foreign; k++) {
			json_t *row = dhcp_offer_json(&place->foreign[k].offer);

			json_object_set_new(row, "interface", json_string(place->interface));
			json_array_append_new(list, row);
		}
	}
	return list;
}

void dhcp_scan_warnings(const struct dhcp_scan *scan, struct strbuf *out)
{
	for (size_t i = 0; i < scan->n_places; i++) {
		const struct place *place = scan->places[i];

		for (size_t k = 0; k < place->n_foreign; k++) {
			strbuf_add(out, "dhcp %s: another DHCP server answers there: ",
				   place->interface);
			dhcp_offer_text(&place->foreign[k].offer, out);
			strbuf_add(out, "\n");
		}
	}
}
