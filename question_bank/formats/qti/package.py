"""QTI packages: a manifest that names the items, and the items; or one item by itself."""

import posixpath
from urllib.parse import unquote

from lxml import etree

from question_bank.errors import UnreadableFile
from question_bank.formats.markup import Shelf
from question_bank.formats.notes import Refusals
from question_bank.formats.qti.context import Load
from question_bank.formats.qti.item import read_item
from question_bank.formats.qti.names import attribute, child, descendants, name_of, version_of
from question_bank.formats.report import Place, Problem, ReadItem
from question_bank.formats.secure_xml import UnsafeXml, line_of, local_name, parse_xml, text_of
from question_bank.formats.zip_guard import GuardedZip

MANIFEST = "imsmanifest.xml"

_ITEM, _TEST = "item", "test"


class QtiFindings(Refusals):
    """What a package or an item gave: results in order, losses, refusals."""

    def __init__(self) -> None:
        super().__init__()
        self.results: list[ReadItem | Problem] = []
        self.lost: list[Problem] = []
        self.versions: list[str] = []

    def take(
        self, root: etree._Element, place: Place, shelf: Shelf, load: Load, keywords: tuple[str, ...] = ()
    ) -> None:
        """Read one item."""
        version = version_of(root)
        if version is not None and version not in self.versions:
            self.versions.append(version)
        read, lost = read_item(root, place=place, refusals=self, shelf=shelf, load=load, keywords=keywords)
        if read is not None:
            self.results.append(read)
        if lost is not None:
            self.lost.append(lost)


def read_single_item(root: etree._Element, shelf: Shelf) -> QtiFindings:
    """The findings of an item that came without a package."""
    findings = QtiFindings()
    findings.take(root, Place(line=line_of(root)), shelf, lambda _: None)
    return findings


def read_package(package: GuardedZip, shelf: Shelf) -> QtiFindings:
    """The findings of a package. Raises `UnreadableFile` for a manifest that cannot be read or names no item."""
    for name in package.names:
        if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or ":" in name[:3]:
            raise UnreadableFile(
                "file.unsafe_path",
                zh=f"压缩包内有指向包外的路径（{name[:60]}），已拒绝。",
                en=f"The package holds a path that leads outside ({name[:60]}); refused.",
            )
    try:
        manifest = parse_xml(package.read(MANIFEST))
    except UnsafeXml as broken:
        raise UnreadableFile(
            "file.qti_manifest",
            zh=f"QTI 包的清单 {MANIFEST} 无法读取：{broken.reason.zh}。",
            en=f"The manifest {MANIFEST} of the package cannot be read: {broken.reason.en}.",
        ) from broken
    resources = [*descendants(manifest, "resource")]
    if local_name(manifest) != "manifest" or not resources:
        raise UnreadableFile(
            "file.qti_manifest",
            zh=f"QTI 包的清单 {MANIFEST} 没有列出任何资源。",
            en=f"The manifest {MANIFEST} of the package names no resource.",
        )
    reading = _PackageReading(package, shelf)
    for resource in resources:
        reading.read_resource(resource)
    reading.check_tests()
    return reading.findings


class _PackageReading:
    def __init__(self, package: GuardedZip, shelf: Shelf) -> None:
        self._package = package
        self._shelf = shelf
        self._items: set[str] = set()
        self._tests: list[tuple[str, etree._Element]] = []
        self.findings = QtiFindings()

    def read_resource(self, resource: etree._Element) -> None:
        """Read what a resource of the manifest names, if it is an item or a test."""
        kind = _kind_of(attribute(resource, "type"))
        if not kind:
            return
        file = child(resource, "file")
        named = attribute(resource, "href") or ("" if file is None else attribute(file, "href"))
        href = _resolve("", named)
        place = Place(entry=href)
        if href in self._items:
            return
        self._items.add(href)
        if href not in self._package.names:
            self.findings.refuse(
                "qti.file_missing",
                f"清单列出的 {href[:80]} 不在包内。",
                f"{href[:80]} is named by the manifest and not in the package.",
                place,
            )
            return
        try:
            root = parse_xml(self._package.read(href))
        except UnsafeXml as broken:
            self.findings.refuse(
                "qti.xml",
                f"{href[:80]} 无法读取：{broken.reason.zh}。",
                f"{href[:80]} cannot be read: {broken.reason.en}.",
                Place(entry=href, line=broken.line or None),
            )
            return
        name = name_of(root)
        if name == "assessmentItem":
            self.findings.take(root, place, self._shelf, self._loader(href), _keywords(resource))
        elif name == "assessmentTest":
            self._tests.append((href, root))
        else:
            self.findings.refuse(
                "qti.element", f"{href[:80]} 不是试题（{name[:40]}）。", f"{href[:80]} is no item ({name[:40]}).", place
            )

    def check_tests(self) -> None:
        """Say that the order of a test is not kept, and name every item that a test wants and nobody gave."""
        for href, test in self._tests:
            self.findings.lost.append(
                Problem(
                    "qti.test",
                    f"试卷结构 {href[:80]} 未保留，只读入试题。",
                    f"The test {href[:80]} is not kept, only its items.",
                    Place(entry=href),
                )
            )
            for reference in descendants(test, "assessmentItemRef"):
                wanted = _resolve(href, attribute(reference, "href"))
                if wanted not in self._items:
                    self._items.add(wanted)
                    self.findings.refuse(
                        "qti.not_in_manifest",
                        f"试卷引用的 {wanted[:80]} 未在清单中列出，未读入。",
                        f"{wanted[:80]} is wanted by the test and not named by the manifest; not read.",
                        Place(entry=href, line=line_of(reference)),
                    )

    def _loader(self, href: str) -> Load:
        def load(path: str) -> bytes | None:
            wanted = _resolve(href, path)
            return self._package.read(wanted) if wanted in self._package.names else None

        return load


def _kind_of(resource_type: str) -> str:
    """item or test by the type of a resource, empty for anything else; a version is never asked for."""
    lowered = resource_type.lower()
    if lowered.startswith(("imsqti_item_xml", "imsqti_apipitem_xml")):
        return _ITEM
    return _TEST if lowered.startswith(("imsqti_test_xml", "imsqti_apiptest_xml")) else ""


def _resolve(base: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), unquote(path))) if path else ""


def _keywords(resource: etree._Element) -> tuple[str, ...]:
    """Keywords of the metadata of a resource, in order."""
    found = []
    for keyword in (one for one in resource.iter() if local_name(one) == "keyword"):
        found += [text_of(one) for one in keyword if text_of(one)] or [text_of(keyword)]
    return tuple(one for one in found if one)
