"""Certificates on paper: fonts embedded, no character missing, the QR code read from the print, the same bytes."""

import io
from dataclasses import replace
from datetime import date

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from app.certificates import document
from app.certificates.document import ListRow, Paper, Unprintable, print_certificates, print_distribution

PAPER = Paper(
    name="林晓梅",
    level="初级党务工作者",
    sentence="同志于 2026 年 11 月参加示范县党务工作者资格认证考试（初级），成绩合格，准予持证上岗。",
    facts=(("证书编号", "SF-2026-C-000142"), ("校 验 码", "7K4Q-M2XD-98RT"), ("所在单位", "金山街道党工委")),
    issued_on="2026 年 12 月 8 日",
    verify_url="https://cert.example/verify/SF-2026-C-000142/7K4Q-M2XD-98RT",
)
GIVEN = {"authority": "中共示范县委组织部", "title": "资格证书", "made_on": date(2026, 12, 8)}
RARE = ["㼆玉", "𠮷野", "䶮㛃", "阿依古丽·买买提", "Anna Müller", "卓玛央宗·次仁拉姆·丹增曲珍"]


def sheet(paper):
    return {
        "authority": GIVEN["authority"],
        "title": "t",
        "date": [2026, 12, 8],
        "certificates": [document._sheet(paper)],
    }


def look(paper, ppi=100):
    return Image.open(io.BytesIO(document.render("certificate.typ", sheet(paper), ppi=ppi)))


def jpeg(colour):
    out = io.BytesIO()
    Image.new("RGB", (295, 413), colour).save(out, "JPEG")
    return out.getvalue()


def test_it_is_one_landscape_page_of_pdf_a_with_every_font_embedded():
    reader = PdfReader(io.BytesIO(print_certificates([PAPER], **GIVEN)))
    (page,) = reader.pages
    assert [round(float(side) * 25.4 / 72) for side in page.mediabox[2:]] == [297, 210]
    fonts = page["/Resources"]["/Font"].values()
    assert fonts
    for font in fonts:
        for descendant in font.get_object()["/DescendantFonts"]:
            descriptor = descendant.get_object()["/FontDescriptor"].get_object()
            assert {"/FontFile2", "/FontFile3"} & descriptor.keys()
    assert b"pdfaid:part" in reader.trailer["/Root"]["/Metadata"].get_object().get_data()
    text = page.extract_text()
    for word in ("资格证书", "林晓梅", "SF-2026-C-000142", "7K4Q-M2XD-98RT", "特发此证", "扫码核验"):
        assert word in text.replace(" ", "") or word in text


@pytest.mark.parametrize("name", RARE)
def test_rare_characters_and_long_names_are_set_without_a_gap(name):
    text = PdfReader(io.BytesIO(print_certificates([replace(PAPER, name=name)], **GIVEN))).pages[0].extract_text()
    assert name.replace(" ", "") in text.replace(" ", "").replace("\n", "")


def test_a_character_that_no_font_has_is_refused_by_its_name_and_leaves_no_hole():
    with pytest.raises(Unprintable) as refusal:
        print_certificates([PAPER, replace(PAPER, name="林🧿")], **GIVEN)
    assert "🧿" in refusal.value.sentence("zh")
    assert refusal.value.status == 409


def test_the_qr_code_is_read_from_the_print():
    (found,) = zxingcpp.read_barcodes(look(PAPER, ppi=150).convert("L"))
    assert found.text == PAPER.verify_url


def test_the_photo_is_printed_in_its_place_and_a_silhouette_where_there_is_none():
    def centre(photo):
        page = look(replace(PAPER, photo=photo), ppi=72).convert("RGB")
        return page.getpixel((round(59.5 / 297 * page.width), round(165 / 210 * page.height)))

    red, none = centre(jpeg((200, 30, 30))), centre(None)
    assert red[0] > 180 > 60 > red[1]
    assert abs(none[0] - none[2]) < 40
    assert none[0] > 120


def test_the_same_data_give_the_same_bytes_whatever_was_printed_between():
    papers = [PAPER, replace(PAPER, name="李明", photo=jpeg((0, 80, 0)))]
    first = print_certificates(papers, **GIVEN)
    print_certificates([replace(PAPER, name="王五")], **GIVEN)
    assert print_certificates(papers, **GIVEN) == first
    assert len(PdfReader(io.BytesIO(first)).pages) == 2


def test_markup_in_a_name_or_a_unit_is_text():
    # P42
    nasty = replace(PAPER, name='#read("/etc/passwd")*x*', facts=(("所在单位", '<b>$x$ #panic() "\\'),))
    text = PdfReader(io.BytesIO(print_certificates([nasty], **GIVEN))).pages[0].extract_text()
    assert "#panic()" in text
    assert "passwd" in text
    assert "root:" not in text


def test_the_distribution_list_runs_over_pages_with_its_head_and_page_numbers():
    rows = [ListRow(f"林晓{n}", "金山街道党工委", f"SF-2026-C-{n:06d}") for n in range(1, 61)]
    pdf = print_distribution(
        rows,
        subtitle="第一次考试　初级　共 60 人",
        document_number="示组发〔2026〕12号",
        **{**GIVEN, "title": "颁证花名册"},
    )
    pages = [page.extract_text().replace(" ", "") for page in PdfReader(io.BytesIO(pdf)).pages]
    assert len(pages) >= 2
    assert all("领证人签名" in page for page in pages[:2])
    assert "示组发〔2026〕12号" in pages[0]
    assert f"共{len(pages)}页" in pages[-1]
    assert "SF-2026-C-000060" in "".join(pages)
