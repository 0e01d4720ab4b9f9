"""Line plots with logarithmic axes, as SVG: no library needed."""
import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 760, 440
LEFT, RIGHT, TOP, BOTTOM = 70, 210, 40, 50
COLOURS = ["#1b6ca8", "#c0392b", "#2e8b57", "#8e44ad", "#b7791f", "#34495e", "#d35400"]


def decades(low, high):
    return [10.0**e for e in range(math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9) + 1)]


def label(value):
    if value >= 1:
        return f"{value:,.0f}"
    return f"{value:.6f}".rstrip("0")


def plot(path, title, x_label, y_label, series):
    """series: {name: [(x, y), ...]}, all numbers above 0."""
    points = [p for line in series.values() for p in line]
    xs, ys = decades(min(p[0] for p in points), max(p[0] for p in points)), decades(
        min(p[1] for p in points), max(p[1] for p in points))

    def at(ticks, value, start, length):
        low, high = math.log10(ticks[0]), math.log10(ticks[-1])
        return start + (math.log10(value) - low) / ((high - low) or 1) * length

    def place(p):
        return (at(xs, p[0], LEFT, WIDTH - LEFT - RIGHT), at(ys, p[1], HEIGHT - BOTTOM, TOP + BOTTOM - HEIGHT))

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
           f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
           f'<text x="{LEFT}" y="22" font-size="15" fill="#222">{escape(title)}</text>']
    for x in xs:
        px = place((x, ys[0]))[0]
        out.append(f'<line x1="{px:.1f}" y1="{TOP}" x2="{px:.1f}" y2="{HEIGHT - BOTTOM}" stroke="#ddd"/>')
        out.append(f'<text x="{px:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle" fill="#444">{label(x)}</text>')
    for y in ys:
        py = place((xs[0], y))[1]
        out.append(f'<line x1="{LEFT}" y1="{py:.1f}" x2="{WIDTH - RIGHT}" y2="{py:.1f}" stroke="#ddd"/>')
        out.append(f'<text x="{LEFT - 8}" y="{py + 4:.1f}" text-anchor="end" fill="#444">{label(y)}</text>')
    out.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 12}" text-anchor="middle" fill="#222">{escape(x_label)}</text>')
    out.append(f'<text x="18" y="{HEIGHT / 2}" text-anchor="middle" fill="#222" transform="rotate(-90 18 {HEIGHT / 2})">{escape(y_label)}</text>')
    # Names stand beside the last points, moved apart where they would touch.
    last = TOP - 16
    for name, line, colour in sorted(((n, sorted(l), COLOURS[i % len(COLOURS)]) for i, (n, l) in enumerate(series.items())),
                                     key=lambda s: place(s[1][-1])[1]):
        placed = [place(p) for p in line]
        path_points = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
        out.append(f'<polyline points="{path_points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in placed]
        last = max(placed[-1][1] + 4, last + 16)
        out.append(f'<text x="{WIDTH - RIGHT + 12}" y="{last:.1f}" fill="{colour}">{escape(name)}</text>')
        out.append(f'<line x1="{placed[-1][0]:.1f}" y1="{placed[-1][1]:.1f}" x2="{WIDTH - RIGHT + 9}" y2="{last - 4:.1f}" '
                   f'stroke="{colour}" stroke-dasharray="1 3"/>')
    out.append("</svg>\n")
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join(out))
