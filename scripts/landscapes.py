"""Landscapes that nobody has photographed: drawn by chance, but the same each time.

The page's screenshots need pictures that may be given to everybody.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from scripts.scenery import Light, Size, fill_below, fir, gradient, mixed, ridge, sky

_LONG_SIDE: Final = 1800


DAWN: Final = Light((62, 88, 140), (250, 205, 170), (255, 236, 205), (24, 34, 52))
DUSK: Final = Light((44, 36, 84), (246, 140, 92), (255, 214, 150), (26, 16, 34))
NOON: Final = Light((70, 130, 190), (214, 232, 240), (255, 255, 250), (38, 62, 52))
FOG: Final = Light((150, 166, 172), (226, 230, 226), (245, 245, 240), (36, 50, 50))
NIGHT: Final = Light((6, 10, 28), (44, 62, 104), (200, 214, 255), (4, 6, 14))
DESERT: Final = Light((92, 140, 182), (244, 222, 190), (255, 246, 220), (126, 62, 30))


def mountains(chance: Random, size: Size, light: Light) -> Image.Image:
    """Ridges behind ridges, paler the farther they are."""
    picture = sky(chance, size, light)
    layers = 6
    for layer in range(layers):
        share = layer / (layers - 1)
        rough = 0.24 - 0.1 * share
        edge = ridge(chance, size[0], size[1] * (0.42 + 0.42 * share), size[1] * rough)
        fill_below(picture, edge, mixed(light.horizon, light.near, 0.25 + 0.75 * share))
    return picture


def sea(chance: Random, size: Size, light: Light) -> Image.Image:
    """A calm sea with the sun's way on it."""
    width, height = size
    line = round(height * chance.uniform(0.5, 0.62))
    above = sky(chance, (width, line), light)
    picture = Image.new("RGB", size)
    picture.paste(above)
    mirrored = above.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize((width, height - line))
    water = Image.blend(mirrored, Image.new("RGB", mirrored.size, light.near), 0.45)
    picture.paste(water.filter(ImageFilter.GaussianBlur(width / 300)), (0, line))
    pen = ImageDraw.Draw(picture, "RGBA")
    for _ in range(900):
        depth = chance.random() ** 1.6
        y, half = line + depth * (height - line), width * (0.01 + 0.05 * depth)
        x = width * chance.uniform(0, 1)
        tone = light.sun if chance.random() < 0.5 else light.near
        pen.line((x - half, y, x + half, y), fill=(*tone, 34), width=max(1, round(1 + 4 * depth)))
    return picture


def dunes(chance: Random, size: Size, light: Light) -> Image.Image:
    """Slopes in light, and slopes in shadow."""
    width, height = size
    picture = sky(chance, size, light)
    for layer in range(5):
        share = layer / 4
        phase, waves = chance.uniform(0, 6), chance.uniform(0.6, 1.4)
        crest = [
            height * (0.48 + 0.4 * share)
            + height * 0.09 * math.sin(phase + waves * 6 * x / width)
            + height * 0.03 * math.sin(2 * phase + 11 * x / width)
            for x in range(width)
        ]
        lit = mixed(light.horizon, light.near, 0.3 + 0.35 * share)
        fill_below(picture, crest, lit)
        shade = [
            y + height * (0.03 + 0.05 * (1 + math.sin(phase + x / width * 9)))
            for x, y in enumerate(crest)
        ]
        fill_below(picture, shade, mixed(lit, light.near, 0.35), blur=width / 60)
    return picture


def stars(chance: Random, size: Size, light: Light) -> Image.Image:
    """A clear night above a ridge."""
    width, height = size
    picture = gradient(size, light.zenith, light.horizon)
    band = Image.new("L", size)
    pen = ImageDraw.Draw(band)
    for _ in range(260):
        along = chance.gauss(0.5, 0.3)
        x = width * (along + chance.gauss(0, 0.05))
        y = height * (0.75 * (1 - along) + chance.gauss(0, 0.05))
        radius = width * chance.uniform(0.01, 0.05)
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=chance.randint(20, 70))
    glow = band.filter(ImageFilter.GaussianBlur(width / 26))
    picture.paste(Image.new("RGB", size, (150, 140, 190)), mask=glow)
    pen = ImageDraw.Draw(picture)
    for _ in range(round(width * height / 1500)):
        x, y = chance.uniform(0, width), chance.uniform(0, height)
        bright = chance.random() ** 5
        tone = mixed(light.horizon, (255, 250, 240), 0.3 + 0.7 * bright)
        radius = 0.4 + 2.2 * bright
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=tone)
    for layer in range(2):
        edge = ridge(chance, width, height * (0.78 + 0.09 * layer), height * 0.14)
        fill_below(picture, edge, mixed(light.horizon, light.near, 0.7 + 0.3 * layer))
    return picture


def forest(chance: Random, size: Size, light: Light) -> Image.Image:
    """Firs in the mist, row behind row."""
    width, height = size
    picture = sky(chance, size, light)
    for layer in range(6):
        share = layer / 5
        tone = mixed(light.horizon, light.near, 0.12 + 0.88 * share**1.3)
        ground = ridge(chance, width, height * (0.5 + 0.42 * share), height * 0.1)
        row = Image.new("L", size)
        pen = ImageDraw.Draw(row)
        pen.polygon([(0, height), *enumerate(ground), (width, height)], fill=255)
        for _ in range(round(70 - 40 * share)):
            x = chance.randrange(width)
            fir(
                chance, pen, (x, ground[x]), height * chance.uniform(0.06, 0.12) * (1 + 1.6 * share)
            )
        picture.paste(Image.new("RGB", size, tone), mask=row.filter(ImageFilter.GaussianBlur(0.8)))
        veil = Image.new("L", size)
        ImageDraw.Draw(veil).rectangle((0, height * (0.6 + 0.4 * share), width, height), fill=70)
        mist = veil.filter(ImageFilter.GaussianBlur(height / 12))
        picture.paste(Image.new("RGB", size, light.horizon), mask=mist)
    return picture


def city(chance: Random, size: Size, light: Light) -> Image.Image:
    """Houses at nightfall, some windows lit, mirrored in a river."""
    width, height = size
    quay = round(height * 0.7)
    picture = sky(chance, size, light)
    for layer in range(3):
        tone, x = mixed(light.horizon, light.near, 0.45 + 0.25 * layer), -20.0
        pen = ImageDraw.Draw(picture)
        while x < width:
            wide = width * chance.uniform(0.025, 0.07)
            top = quay - height * chance.uniform(0.08, 0.42 - 0.1 * layer)
            pen.rectangle((x, top, x + wide, quay), fill=tone)
            for row in range(round(top) + 12, quay - 8, 18):
                for column in range(round(x) + 7, round(x + wide) - 8, 14):
                    if chance.random() < 0.1 + 0.12 * layer:
                        lit = mixed((255, 206, 120), tone, chance.uniform(0, 0.5))
                        pen.rectangle((column, row, column + 5, row + 8), fill=lit)
            x += wide + width * chance.uniform(-0.005, 0.012)
    above = picture.crop((0, 2 * quay - height, width, quay))
    water = above.transpose(Image.Transpose.FLIP_TOP_BOTTOM).filter(ImageFilter.BoxBlur((3, 22)))
    picture.paste(Image.blend(water, Image.new("RGB", water.size, light.near), 0.35), (0, quay))
    return picture


def bokeh(chance: Random, size: Size, light: Light) -> Image.Image:
    """Lights out of focus."""
    width, height = size
    picture = gradient(size, mixed(light.near, light.zenith, 0.4), light.near)
    for blur in (width / 40, width / 140, width / 500):
        layer = Image.new("RGB", size)
        pen = ImageDraw.Draw(layer)
        for _ in range(26):
            x, y = width * chance.random(), height * chance.gauss(0.55, 0.2)
            radius = width * chance.uniform(0.015, 0.06)
            tone = mixed(light.horizon, light.sun, chance.random())
            dim = mixed((0, 0, 0), tone, chance.uniform(0.15, 0.55))
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=dim)
        picture = ImageChops.screen(picture, layer.filter(ImageFilter.GaussianBlur(blur)))
    return picture


Kind = Callable[[Random, Size, Light], Image.Image]
# What is drawn, in what light, how wide for its height, and as which file.
SERIES: Final[tuple[tuple[Kind, Light, float, str], ...]] = (
    (mountains, DAWN, 1.5, "Dolomites/first-light.jpg"),
    (forest, FOG, 2 / 3, "Dolomites/firs-in-the-mist.jpg"),
    (stars, NIGHT, 1.5, "Dolomites/above-the-hut.jpg"),
    (mountains, DUSK, 3.2, "Dolomites/panorama-from-the-pass.jpg"),
    (mountains, FOG, 4 / 3, "Dolomites/clearing-up.jpg"),
    (sea, DUSK, 1.5, "Lofoten/midnight-sun.jpg"),
    (sea, DAWN, 3 / 4, "Lofoten/before-the-boats.jpg"),
    (mountains, NOON, 16 / 9, "Lofoten/fjord.jpg"),
    (stars, NIGHT, 2 / 3, "Lofoten/winter-sky.jpg"),
    (sea, FOG, 1.0, "Lofoten/no-wind.jpg"),
    (dunes, DESERT, 1.5, "Namib/dune-45.jpg"),
    (dunes, DUSK, 1.5, "Namib/last-hour.jpg"),
    (dunes, DESERT, 2 / 3, "Namib/the-ridge.jpg"),
    (stars, DUSK, 16 / 9, "Namib/camp.jpg"),
    (city, DUSK, 1.5, "Evenings/riverside.jpg"),
    (bokeh, DUSK, 1.0, "Evenings/out-of-focus.jpg"),
    (city, NIGHT, 3 / 4, "Evenings/towers.jpg"),
    (bokeh, DAWN, 1.5, "Evenings/first-snow.jpg"),
    (mountains, DUSK, 1.5, "Dolomites/enrosadira.jpg"),
    (forest, DAWN, 1.5, "Dolomites/larches.jpg"),
    (forest, DUSK, 4 / 3, "Lofoten/towards-autumn.jpg"),
    (sea, NOON, 2.4, "Lofoten/horizon.jpg"),
)


def drawn(number: int) -> Image.Image:
    """Return the picture of this row of ``SERIES``."""
    kind, light, ratio, _ = SERIES[number]
    wide = round(_LONG_SIDE * min(1, ratio))
    size = (wide, round(wide / ratio))
    chance = Random(number)
    picture = kind(chance, size, light)
    # Pillow's noise has no seed: a tile of our own does.
    grain = Image.frombytes("L", (256, 256), Random(7).randbytes(256 * 256))
    film = Image.new("L", size)
    for x in range(0, size[0], 256):
        for y in range(0, size[1], 256):
            film.paste(grain, (x, y))
    return Image.blend(picture, Image.merge("RGB", (film,) * 3), 0.035)
