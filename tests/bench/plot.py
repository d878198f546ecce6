# SPDX-License-Identifier: GPL-2.0
"""Horizontal bars as SVG: a group for each case, a bar for each module."""

from xml.sax.saxutils import escape

from report import NAMES

COLOURS = {"veth": ("#b8b8b8", "#b8b8b8"),
           "wireguard": ("#e0a070", "#b06020"),
           "wg": ("#70b0e0", "#2060a0")}
LEFT, WIDTH, BAR, GAP = 190, 560, 16, 14


def text(x, y, content, extra=""):
    """One line of text."""
    return f'<text x="{x:.1f}" y="{y:.1f}" {extra}>{escape(content)}</text>'


def group(result, case, top):
    """One case: its bars to a scale of its own."""
    medians = {m: result.median(case, m) for m in result.modules}
    scale = WIDTH / max(medians.values())
    ratio = result.ratio(case)
    label = case.title + (f" ({ratio['median']:.2f} times)" if ratio else "")
    out = [text(0, top + 12, label)]
    for line, (module, ns) in enumerate(medians.items()):
        y, width = top + line * BAR, ns * scale
        light, dark = COLOURS[module]
        out.append(f'<rect x="{LEFT + 60}" y="{y}" width="{width:.1f}" '
                   f'height="{BAR - 2}" fill="{light}"/>')
        share = min(result.aead_share(case, module) or 0, 1)
        if share:
            out.append(f'<rect x="{LEFT + 60}" y="{y}" width="{width * share:.1f}" '
                       f'height="{BAR - 2}" fill="{dark}"/>')
        out.append(text(LEFT + 55, y + 12, NAMES[module], 'text-anchor="end"'))
        out.append(text(LEFT + 65 + width, y + 12, f"{ns:,.0f} ns"))
    return out


def bars(result):
    """The whole picture."""
    height = len(result.modules) * BAR + GAP
    total = 60 + len(result.cases) * height
    about = result.about
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 160}" '
           f'height="{total}" font-family="sans-serif" font-size="12">',
           '<rect width="100%" height="100%" fill="white"/>',
           '<g transform="translate(10,0)">',
           text(0, 20, "Time per packet (dark: the AEAD's part); shorter is better",
                'font-size="15"'),
           text(0, 38, f"{about['date']}, kernel {about['kernel']}, {about['how']}, {about['host']}")]
    for number, case in enumerate(result.cases):
        out += group(result, case, 52 + number * height)
    return "\n".join(out + ["</g>", "</svg>", ""])
