"""What XMP says of gain maps: a map's own parameters, and that a picture has one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from handler.image.metadata import xmp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_GAIN: Final = "http://ns.adobe.com/hdr-gain-map/1.0/"
_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_VALUE: Final = re.compile(r"[-+]?[0-9]{1,20}(\.[0-9]{1,20})?([eE][-+]?[0-9]{1,3})?|True|False")
# A second description beside what else the packet holds. Google's Container lists the pictures of
# the file in their order, and how long those behind the first are.
_ANNOUNCEMENT: Final = (
    '<rdf:Description xmlns:rdf="{rdf}" rdf:about="" xmlns:hdrgm="{gain}" hdrgm:Version="1.0"'
    ' xmlns:Container="http://ns.google.com/photos/1.0/container/"'
    ' xmlns:Item="http://ns.google.com/photos/1.0/container/item/">'
    "<Container:Directory><rdf:Seq>"
    '<rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="Primary"'
    ' Item:Mime="image/jpeg"/></rdf:li>'
    '<rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="GainMap"'
    ' Item:Mime="image/jpeg" Item:Length="{length}"/></rdf:li>'
    "</rdf:Seq></Container:Directory></rdf:Description>"
)
_EMPTY: Final = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="' + _RDF.encode() + b'">'
    b"</rdf:RDF></x:xmpmeta>"
)

ET.register_namespace("hdrgm", _GAIN)


def parameters(packet: bytes) -> Mapping[str, Sequence[str]]:
    """Return the parameters of a gain map: by name a value, or one for each of three channels."""
    told = {}
    for element in xmp.properties(packet):
        namespace, _, name = element.tag[1:].partition("}")
        values = [(each.text or "").strip() for each in element.iter(f"{{{_RDF}}}li")]
        values = values or [(element.text or "").strip()]
        if namespace == _GAIN and all(map(_VALUE.fullmatch, values)):
            told[name] = values
    return told


def packet(told: Mapping[str, Sequence[str]]) -> bytes:
    """Return a packet of a gain map's parameters; no bytes where there are none."""
    if not told:
        return b""
    root = ET.fromstring(_EMPTY)  # noqa: S314 - our own text
    description = ET.SubElement(root[0], f"{{{_RDF}}}Description", {f"{{{_RDF}}}about": ""})
    for name, values in told.items():
        if len(values) == 1:
            description.set(f"{{{_GAIN}}}{name}", values[0])
            continue
        several = ET.SubElement(ET.SubElement(description, f"{{{_GAIN}}}{name}"), f"{{{_RDF}}}Seq")
        for value in values:
            ET.SubElement(several, f"{{{_RDF}}}li").text = value
    return ET.tostring(root)


def announced(kept: bytes, length: int) -> bytes:
    """Return the packet ``kept``, or a new one, that tells of a gain map of so many bytes."""
    whole = kept or _EMPTY
    told = _ANNOUNCEMENT.format(rdf=_RDF, gain=_GAIN, length=length).encode()
    head, end, tail = whole.rpartition(b"</rdf:RDF>")
    return head + told + end + tail
