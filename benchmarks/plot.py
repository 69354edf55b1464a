"""Curves as an SVG: for docs/cleaning.md the share of the residue removed against good words lost, along the dial; for
docs/performance.md cost and memory against the number of documents.

Written by hand-made code, so that the file is the same bytes wherever it is made, small, and readable on light and
dark pages: all colours are classes, and a media query changes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import log10

__all__ = ["Axis", "Line", "Panel", "svg"]

_WIDTH, _HEIGHT = 460, 380      # of a panel
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 118, 44, 52
_LABEL_STEP = 14.0
# Okabe and Ito's colours, which most colour-blind readers can tell apart; lighter variants for dark pages.
_LIGHT = (
    "#0072b2", "#d55e00", "#007a5a", "#a3457e", "#8a6d00", "#3b7fa8", "#555555", "#7a3ff2", "#b01030", "#4d7f17",
    "#8b4a2b", "#1f8f8f",
)  # fmt: skip
_DARK = (
    "#56b4e9", "#ff9a4d", "#33c79b", "#e29cc6", "#f0e442", "#a8d8f0", "#bbbbbb", "#b79bff", "#ff7b8f", "#a9d76a",
    "#d9a07f", "#6fd3d3",
)  # fmt: skip
_FONT = 'font-family="system-ui, sans-serif" font-size="11"'


def _strokes(colours: Sequence[str]) -> str:
    return "".join(f".c{number}{{stroke:{colour};fill:{colour}}}" for number, colour in enumerate(colours))


_STYLE = (
    ".page{fill:#ffffff}.ink{fill:#222222}.grid{stroke:#dddddd}"
    f"{_strokes(_LIGHT)}"
    "@media(prefers-color-scheme:dark){.page{fill:#0d1117}.ink{fill:#e6e6e6}.grid{stroke:#333a44}"
    f"{_strokes(_DARK)}}}"
    ".curve{fill:none;stroke-width:1.6}.bold{stroke-width:3}.name{stroke:none}"
)


@dataclass(frozen=True, slots=True)
class Axis:
    """What is drawn along one side of a panel, from the first to the last of its marks; what lies beyond is drawn there."""

    title: str
    marks: tuple[tuple[float, str], ...]
    by_powers: bool = False   #: equal steps are equal factors

    def share(self, value: float) -> float:
        """Where a value lies on the way from the first mark to the last."""
        least, most = self.marks[0][0], self.marks[-1][0]
        value = min(max(value, least), most)
        return log10(value / least) / log10(most / least) if self.by_powers else (value - least) / (most - least)


_POWERS = ("≤ 1", "10", "100", "1,000", "10,000", "100,000")
LOST = Axis("good words lost per million", tuple((10.0**n, name) for n, name in enumerate(_POWERS)), by_powers=True)
REMOVED = Axis("residue words removed", tuple((tenth / 10, f"{tenth * 10} %") for tenth in range(0, 11, 2)))


@dataclass(frozen=True, slots=True)
class Line:
    """One curve: its name and its points (across, up), the first of which bears the name."""

    name: str
    points: tuple[tuple[float, float], ...]
    marked: tuple[tuple[float, float], ...] = ()   #: the points that get a dot
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """A frame with its curves."""

    title: str
    lines: Sequence[Line]
    across: Axis = LOST
    up: Axis = REMOVED


def svg(panels: Sequence[Panel], description: str) -> str:
    """Return an SVG with the panels side by side."""
    width = _WIDTH * len(panels)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_HEIGHT}" role="img" {_FONT}>',
        f"<title>{escape(description)}</title>",
        f"<style>{_STYLE}</style>",
        f'<rect class="page" width="{width}" height="{_HEIGHT}"/>',
    ]
    for number, panel in enumerate(panels):
        parts.append(f'<g transform="translate({number * _WIDTH} 0)">')
        parts += _frame(panel)
        parts += _curves(panel)
        parts.append("</g>")
    return "\n".join([*parts, "</svg>", ""])


def _x(axis: Axis, value: float) -> float:
    return round(_LEFT + axis.share(value) * (_WIDTH - _LEFT - _RIGHT), 1)


def _y(axis: Axis, value: float) -> float:
    return round(_TOP + (1 - axis.share(value)) * (_HEIGHT - _TOP - _BOTTOM), 1)


def _frame(panel: Panel) -> list[str]:
    across, up = panel.across, panel.up
    right, low, high = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM, _TOP
    parts = [f'<text class="ink" x="{_LEFT}" y="22" font-size="14" font-weight="600">{escape(panel.title)}</text>']
    for value, name in up.marks:
        y = _y(up, value)
        parts.append(f'<line class="grid" x1="{_LEFT}" y1="{y}" x2="{right}" y2="{y}"/>')
        parts.append(f'<text class="ink" x="{_LEFT - 6}" y="{y + 4}" text-anchor="end">{name}</text>')
    for value, name in across.marks:
        x = _x(across, value)
        parts.append(f'<line class="grid" x1="{x}" y1="{high}" x2="{x}" y2="{low}"/>')
        parts.append(f'<text class="ink" x="{x}" y="{low + 16}" text-anchor="middle">{name}</text>')
    middle = (_LEFT + right) / 2
    parts.append(
        f'<text class="ink" x="{middle}" y="{_HEIGHT - 16}" text-anchor="middle">{escape(across.title)}</text>'
    )
    parts.append(
        f'<text class="ink" transform="translate(14 {(low + high) / 2}) rotate(-90)" text-anchor="middle">'
        f"{escape(up.title)}</text>"
    )
    return parts


def _curves(panel: Panel) -> list[str]:
    parts = []
    across, up = panel.across, panel.up
    places = _label_places({number: _y(up, line.points[0][1]) for number, line in enumerate(panel.lines)})
    for number, line in enumerate(panel.lines):
        colour = f"c{number % len(_LIGHT)}"
        path = " ".join(f"{_x(across, a)},{_y(up, b)}" for a, b in line.points)
        parts.append(f'<polyline class="curve {colour}{" bold" if line.bold else ""}" points="{path}"/>')
        parts += [f'<circle class="{colour}" cx="{_x(across, a)}" cy="{_y(up, b)}" r="3"/>' for a, b in line.marked]
        x, y = _x(across, line.points[0][0]), _y(up, line.points[0][1])
        end, height = _WIDTH - _RIGHT + 8, places[number]
        parts.append(f'<polyline class="curve {colour}" stroke-dasharray="1 3" points="{x},{y} {end},{height}"/>')
        weight = 700 if line.bold else 400
        parts.append(
            f'<text class="name {colour}" x="{end + 4}" y="{round(height + 4, 1)}" font-weight="{weight}">'
            f"{escape(line.name)}</text>"
        )
    return parts


def _label_places(wanted: Mapping[int, float]) -> dict[int, float]:
    """Heights for labels that want to stand at `wanted`, moved apart so that none covers another."""
    order = sorted(wanted, key=lambda number: (wanted[number], number))
    places: dict[int, float] = {}
    last = -_LABEL_STEP
    for number in order:
        last = max(wanted[number], last + _LABEL_STEP)
        places[number] = round(last, 1)
    below = last - (_HEIGHT - _BOTTOM)
    for number in reversed(order) if below > 0 else ():
        limit = (_HEIGHT - _BOTTOM) - _LABEL_STEP * order[::-1].index(number)
        places[number] = round(min(places[number], limit), 1)
    return places
