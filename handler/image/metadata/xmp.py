"""XMP: what is worth keeping of a packet, written afresh.

A packet is XML from strangers, so it is read with care: UTF-8 only, of bounded size, and without a
document type, which no packet needs and without which XML can define no entities to expand and no
files to include. Nothing is passed through as bytes; what is kept is built anew from elements that
were asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element, SubElement

from handler.image.metadata.stale import is_stale, resized

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from PIL.PngImagePlugin import PngInfo

_LARGEST_CHARACTERS: Final = 4 << 20
_DEEPEST_LEVELS: Final = 12
_PREFIXES: Final = {
    "x": "adobe:ns:meta/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xml": "http://www.w3.org/XML/1998/namespace",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
    "GPano": "http://ns.google.com/photos/1.0/panorama/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "cc": "http://creativecommons.org/ns#",
    "plus": "http://ns.useplus.org/ldf/xmp/1.0/",
    "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
}
_CONTAINERS: Final = {
    "dc:creator": "rdf:Seq",
    "dc:subject": "rdf:Bag",
    "dc:title": "rdf:Alt",
    "dc:rights": "rdf:Alt",
    "dc:description": "rdf:Alt",
}
_NOT_XML: Final = dict.fromkeys({*range(32), 0xFFFE, 0xFFFF} - {9, 10, 13})


def tag(name: str) -> str:
    """Return ``prefix:name`` the way ElementTree spells it."""
    prefix, local = name.split(":")
    return f"{{{_PREFIXES[prefix]}}}{local}"


def _tags(names: str) -> frozenset[str]:
    return frozenset(map(tag, names.split()))


# Who or what made it, who owns it and on what terms, and the elements that give those structure; no
# address and no telephone.
COPYRIGHT: Final = _tags("""
    rdf:Seq rdf:Bag rdf:Alt rdf:li rdf:Description rdf:resource rdf:parseType xml:lang
    dc:creator dc:rights photoshop:Credit
    xmpRights:Marked xmpRights:Owner xmpRights:UsageTerms xmpRights:WebStatement
    cc:license cc:attributionName cc:attributionURL cc:morePermissions
    plus:ImageCreator plus:ImageCreatorName plus:CopyrightOwner plus:CopyrightOwnerName
    plus:Licensor plus:LicensorName plus:LicensorURL plus:DataMining
    Iptc4xmpExt:DigitalSourceType Iptc4xmpExt:AISystemUsed Iptc4xmpExt:AISystemVersionUsed
""")

_WANTED: Final[dict[str, Callable[[str], bool]]] = {
    "copyright": COPYRIGHT.__contains__,
    "all": lambda name: not is_stale(name),
}

for _prefix, _uri in _PREFIXES.items():
    ET.register_namespace(_prefix, _uri)


def packet(
    source: bytes, more: Mapping[str, list[str]], policy: str, factor: float | None
) -> bytes:
    """Return a new packet, as UTF-8, or no bytes when there is nothing to say.

    It holds those properties of the packet ``source``, and those parts of them, that ``policy``
    (``copyright`` or ``all``) keeps, and such of ``more`` (texts by property name) as it keeps and
    ``source`` lacks. A ``source`` that is malformed, too large or not trusted counts as empty.
    ``factor`` is what the whole picture was resized by, ``None`` where a part of it was cut off.
    """
    wanted = _WANTED[policy]
    told = (element for element in properties(source) if wanted(element.tag))
    kept = [_copy(element, wanted, _DEEPEST_LEVELS) for element in resized(told, factor)]
    present = {element.tag for element in kept}
    missing = {
        name: texts
        for name, texts in more.items()
        if wanted(tag(name)) and tag(name) not in present
    }
    kept += [_property(name, clean) for name, texts in missing.items() if (clean := _clean(texts))]
    return _serialised(kept) if kept else b""


def pnginfo(written: bytes) -> PngInfo:
    """Return a packet as Pillow's ``save`` takes it for PNG.

    That is in the ``iTXt`` chunk that part 3 of the XMP specification names.
    """
    from PIL.PngImagePlugin import PngInfo

    chunks = PngInfo()
    chunks.add_itxt("XML:com.adobe.xmp", written)
    return chunks


def properties(source: bytes) -> list[Element]:
    """Return the properties of a packet, those written short, as attributes, among them."""
    elements: list[Element] = []
    for description in _descriptions(source):
        for name, text in description.attrib.items():
            elements.append(short := Element(name))
            short.text = text
        elements += description
    structure = f"{{{_PREFIXES['rdf']}}}"
    return [element for element in elements if not element.tag.startswith(structure)]


def _descriptions(source: bytes) -> Iterable[Element]:
    try:
        text = _packet_alone(source.decode("utf-8"))
        if len(text) > _LARGEST_CHARACTERS or "<!DOCTYPE" in text:
            return ()
        # Given a str, the parser ignores the encoding the packet claims, behind which a document
        # type could hide.
        root = ET.fromstring(text.strip("\0 \t\r\n\ufeff"))
    except (UnicodeError, ET.ParseError):
        return ()
    rdf = root if root.tag == tag("rdf:RDF") else root.find(tag("rdf:RDF"))
    return () if rdf is None else rdf.findall(tag("rdf:Description"))


def _packet_alone(text: str) -> str:
    """Return ``text`` up to its packet's end: an editor may have left a longer one's remainder."""
    ends = ("</x:xmpmeta>", "</x:xapmeta>", "</rdf:RDF>")
    end = next((each for each in ends if each in text), "")
    return text.partition(end)[0] + end if end else text.partition("<?xpacket end")[0]


def _copy(element: Element, wanted: Callable[[str], bool], depth: int) -> Element:
    copy = Element(
        element.tag, {name: value for name, value in element.attrib.items() if wanted(name)}
    )
    copy.text = (element.text or "").strip()
    # ElementTree writes by recursion: a packet nested without end would exhaust the stack.
    if depth:
        copy.extend(_copy(child, wanted, depth - 1) for child in element if wanted(child.tag))
    return copy


def _clean(texts: list[str]) -> list[str]:
    return [clean for text in texts if (clean := text.translate(_NOT_XML).strip())]


def _property(name: str, texts: list[str]) -> Element:
    element = Element(tag(name))
    if name not in _CONTAINERS:
        element.text = ", ".join(texts)
        return element
    container = SubElement(element, tag(_CONTAINERS[name]))
    attributes = {tag("xml:lang"): "x-default"} if _CONTAINERS[name] == "rdf:Alt" else {}
    for text in texts:
        SubElement(container, tag("rdf:li"), attributes).text = text
    return element


def _serialised(properties: Iterable[Element]) -> bytes:
    root = Element(tag("x:xmpmeta"))
    description = SubElement(
        SubElement(root, tag("rdf:RDF")), tag("rdf:Description"), {tag("rdf:about"): ""}
    )
    description.extend(properties)
    xml = ET.tostring(root, encoding="unicode")
    return (
        f'<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>{xml}<?xpacket end="r"?>'.encode()
    )
