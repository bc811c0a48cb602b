// SPDX-License-Identifier: GPL-2.0-or-later
#include "findings.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <hairpin/control.h>

#include "commands.h"
#include "fetch.h"
#include "file.h"
#include "json_text.h"
#include "judged.h"
#include "presets.h"

static void add_text(struct check *check, const char *level, const char *kind, const char *fix,
		     const char *text)
{
	json_array_append_new(check->findings,
			      json_pack("{s:s, s:s, s:o, s:s}", "kind", kind, "level", level,
					"text", json_text(text, strlen(text)), "fix", fix));
}

void check_find(struct check *check, const char *kind, const char *fix, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	add_text(check, "finding", kind, fix, text);
	check->found = true;
}

void check_note(struct check *check, const char *kind, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	add_text(check, "note", kind, "", text);
}

static const char *next_line(const char *at, size_t *ret_length)
{
	*ret_length = strcspn(at, "\n");
	return at + *ret_length + (at[*ret_length] == '\n');
}

void check_add_lines(struct check *check, enum check_level level, const char *kind, const char *fix,
		     const struct strbuf *lines)
{
	size_t length;

	for (const char *at = strbuf_text(lines), *next; *at; at = next) {
		next = next_line(at, &length);
		if (length > 0 && level == CHECK_FINDING)
			check_find(check, kind, fix, "%.*s", (int)length, at);
		else if (length > 0)
			check_note(check, kind, "%.*s", (int)length, at);
	}
}

/* What is good to know about the known lists of ports that are used. */
static void check_presets(struct check *check)
{
	const struct conf *conf = check->candidate->conf;

	for (size_t i = 0; i < conf->n_services; i++) {
		const struct conf_service *service = &conf->services[i];
		const struct preset *preset = service->preset ? preset_find(service->preset) : NULL;

		if (preset && preset->note)
			check_note(check, "preset", "service %s: %s: %s", service->name,
				   preset->name, preset->note);
	}
}

static void run_checks(struct check *check, bool on_machine)
{
	static const struct {
		void (*run)(struct check *check);
		bool of_gateway; /* about packets, which pass by a resolver */
	} parts[] = {
		{check_backend, true},	     {check_foreign_rules, true},
		{check_coexist, true},	     {check_proxies, true},
		{check_sorter, true},	     {check_questions, true},
		{check_listeners, true},     {check_dns_port, false},
		{check_ssh_sessions, true},  {check_nat_sessions, true},
		{check_names, true},	     {check_dhcp_others, false},
		{check_certificates, false}, {check_gateways, true},
		{check_fast_path, true},
	};
	bool is_gateway = check->candidate->conf->role != CONF_ROLE_RESOLVER;

	if (on_machine)
		check_watchdog(check);
	if (on_machine)
		check_past(check);
	check_presets(check);
	check_rewrites(check);
	check_redirect(check);
	check_dhcp(check);
	check_upstream(check, on_machine);
	for (size_t i = 0; on_machine && i < ARRAY_SIZE(parts); i++) {
		if (is_gateway || !parts[i].of_gateway)
			parts[i].run(check);
	}
}

static json_t *would_apply(const struct check *check)
{
	const struct plan *plan = check->candidate->plan;
	const struct ip_addr *addr = check_public_addr(check);
	char text[IP_TEXT_MAX];

	return json_pack("{s:I, s:I, s:I, s:I, s:s?}", "services", (json_int_t)plan->n_services,
			 "devices", (json_int_t)plan->n_devices, "rules", (json_int_t)plan->n_rules,
			 "sessions", (json_int_t)plan->sessions, "public_address",
			 addr ? ip_addr_format(addr, text) : NULL);
}

int command_check(const struct invocation *invocation)
{
	const char *path = invocation->n_args ? invocation->args[0] : invocation->conf;
	_candidate_ struct candidate candidate = {0};
	_strbuf_ struct strbuf errors = {0};
	struct check check = {
		.candidate = &candidate, .findings = json_array(), .invocation = invocation};
	int ret = judged_load(&(struct judged_question){path, invocation->facts, false}, &candidate,
			      &errors);
	json_t *report;
	int code;

	if (!ret)
		run_checks(&check, !invocation->facts);
	report = json_pack("{s:o, s:b, s:o, s:o, s:o, s:o, s:o}", "configuration",
			   json_text(path, strlen(path)), "valid", !ret, "errors",
			   json_lines(strbuf_text(&errors)), "waits",
			   ret ? json_array() : json_lines(strbuf_text(&candidate.plan->waits)),
			   "would_apply", ret ? json_null() : would_apply(&check), "findings",
			   check.findings, "upstream",
			   check.upstream ? check.upstream : json_null());
	code = ret || check.found ? CONTROL_EXIT_FINDING : CONTROL_EXIT_OK;
	fetch_print(invocation, report, render_check, code);
	json_decref(report);
	return code;
}
