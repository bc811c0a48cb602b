# SPDX-License-Identifier: GPL-2.0-or-later
"""The results as a picture: bars of packets a second, with what lies between the least and the most."""

import html

SHOWN = {"steady-1000": "loopback, 1,000 flows", "bridge-1000": "the same over a bridge", "both-1000": "both ways",
         "outside-1000000": "1,000,000 clients outside"}
NAMES = {"bare": "XDP redirect alone", "routing": "kernel, routing alone", "nftables": "nftables", "backend": "hairpin, nftables",
         "tc": "hairpin, tc", "xdp": "hairpin, XDP"}
COLOURS = {"bare": "#c8c8c8", "routing": "#a8a8a8", "nftables": "#d9a441", "backend": "#b98a3a", "tc": "#4a90c2", "xdp": "#2a5f8f"}
LEFT, WIDTH, BAR, GAP = 190, 520, 18, 26


def text(x, y, content, **attributes):
    extra = "".join(f' {key.replace("_", "-")}="{value}"' for key, value in attributes.items())
    return f'<text x="{x}" y="{y}"{extra}>{html.escape(content)}</text>'


def bar(row, y, scale):
    length, least, most = (row[key] * scale for key in ("median", "least", "most"))
    middle = y + BAR / 2 - 2
    return [
        text(LEFT - 8, y + 12, NAMES[row["contender"]], text_anchor="end"),
        f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR - 4}" fill="{COLOURS[row["contender"]]}"/>',
        f'<path d="M{LEFT + least:.1f} {middle}H{LEFT + most:.1f}" stroke="#333" stroke-width="1.5"/>',
        text(f"{LEFT + max(length, most) + 6:.1f}", y + 12, f"{row['median'] / 1e6:.2f} M/s"),
    ]


def draw(rows, machine):
    """SVG of those works that are there."""
    shown = [row for row in rows if row["work"] in SHOWN]
    scale = WIDTH / max([row["most"] for row in shown], default=1)
    parts, y = [], 60
    for work in dict.fromkeys(row["work"] for row in shown):
        parts.append(text(LEFT, y + 12, SHOWN[work], font_weight="bold"))
        y += 20
        for row in (row for row in shown if row["work"] == work):
            parts += bar(row, y, scale)
            y += BAR
        y += GAP
    title = "UDP packets of 64 octets a second; the line goes from the least run to the most"
    where = f"One processor, which also generates and counts: {machine['cpu']}, Linux {machine['kernel']}"
    head = (f'<!-- SPDX-License-Identifier: GPL-2.0-or-later -->\n<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 110} {y}" '
            'font-family="sans-serif" font-size="12">')
    return "\n".join([head, '<rect width="100%" height="100%" fill="#fff"/>', text(16, 22, title, font_weight="bold"), text(16, 40, where), *parts, "</svg>"]) + "\n"
