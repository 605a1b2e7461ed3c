"""QTI 2.1 and 3.0 packages: a manifest, an item a file, pictures; the same items give the same bytes."""

import io
import zipfile
from collections.abc import Sequence

from lxml import etree

from question_bank.content import Picture
from question_bank.formats.labels import labels_of, topic_label
from question_bank.formats.qti.package import MANIFEST
from question_bank.formats.writers.outlay import ItemOut, Pictures, Written, picture_name, write_each
from question_bank.formats.writers.qti_elements import Maker, prefixes
from question_bank.formats.writers.qti_item import item_element
from question_bank.items import Item
from question_bank.packages import timeless_entry

_MANIFESTS = {
    "2.1": ("http://www.imsglobal.org/xsd/imscp_v1p1", "QTIv2.1 Package", "1.0.0", "imsqti_item_xmlv2p1"),
    "3.0": ("http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1", "QTI Package", "3.0.0", "imsqti_item_xmlv3p0"),
}
_METADATA = {"2.1": "http://www.imsglobal.org/xsd/imsmd_v1p2", "3.0": "http://ltsc.ieee.org/xsd/LOM"}


def write_qti21(items: Sequence[Item], pictures: Pictures) -> Written:
    """The items as a QTI 2.1 package."""
    return _write(items, pictures, "2.1")


def write_qti30(items: Sequence[Item], pictures: Pictures) -> Written:
    """The items as a QTI 3.0 package."""
    return _write(items, pictures, "3.0")


def _write(items: Sequence[Item], pictures: Pictures, version: str) -> Written:
    maker = Maker(version)
    files: dict[str, bytes] = {}
    shown: dict[str, Picture] = {}

    def write(out: ItemOut) -> None:
        root = item_element(out, maker, f"item-{out.number:05d}")
        etree.cleanup_namespaces(root)
        files[f"items/item-{out.number:05d}.xml"] = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
        for picture in out.used.values():
            shown[f"pictures/{picture_name(picture)}"] = picture

    written, lost = write_each(items, pictures, write)
    manifest = _manifest(written, version)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        content = {MANIFEST: manifest, **files, **{name: shown[name].data for name in sorted(shown)}}
        for name, data in content.items():
            entry = timeless_entry(name)
            entry.external_attr = 0o644 << 16
            package.writestr(entry, data)
    return Written(stream.getvalue(), len(written), tuple(lost))


def _manifest(written: Sequence[ItemOut], version: str) -> bytes:
    namespace, schema, schema_version, item_type = _MANIFESTS[version]

    def make(parent: etree._Element, name: str, text: str = "", **attributes: str) -> etree._Element:
        element = etree.SubElement(parent, etree.QName(namespace, name), attrib=attributes)
        element.text = text or None
        return element

    root = etree.Element(
        etree.QName(namespace, "manifest"), nsmap=prefixes(namespace, lom=_METADATA[version]), identifier="MANIFEST"
    )
    metadata = make(root, "metadata")
    make(metadata, "schema", schema)
    make(metadata, "schemaversion", schema_version)
    make(root, "organizations")
    resources = make(root, "resources")
    for out in written:
        href = f"items/item-{out.number:05d}.xml"
        resource = make(resources, "resource", identifier=f"R-{out.number:05d}", type=item_type, href=href)
        _keywords(make(resource, "metadata"), out, version)
        make(resource, "file", href=href)
        for picture in out.used.values():
            make(resource, "file", href=f"pictures/{picture_name(picture)}")
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _keywords(metadata: etree._Element, out: ItemOut, version: str) -> None:
    """Topic, tags and labels as keywords of the learning object metadata."""
    namespace = _METADATA[version]
    general = etree.SubElement(
        etree.SubElement(metadata, etree.QName(namespace, "lom")), etree.QName(namespace, "general")
    )
    topic = [topic_label(out.item.topic)] if out.item.topic else []
    for label in [*topic, *labels_of(out.item, with_rule=True)]:
        keyword = etree.SubElement(general, etree.QName(namespace, "keyword"))
        if version == "3.0":
            etree.SubElement(keyword, etree.QName(namespace, "string"), language="zh").text = label
        else:
            text = etree.SubElement(keyword, etree.QName(namespace, "langstring"))
            text.set("{http://www.w3.org/XML/1998/namespace}lang", "zh")
            text.text = label
