"""Macros that are made once: each page still gets those of its own language, session and nonce."""

from app.web.templating import environment

BUTTON = '{% import "components/buttons.html" as buttons with context %}{{ buttons.post_button(_("保存"), "/x") }}'
MODULES = '{% import "attempts/modules.html" as modules with context %}{{ modules.modules("room") }}'
NAMED = '{% set csrf_token = "set here" %}' + BUTTON


def test_macros_that_are_kept_are_those_of_the_page():
    button, named, modules = map(environment().from_string, (BUTTON, NAMED, MODULES))
    for _ in range(2):
        for lang, word in (("zh-CN", "保存"), ("en", "Save")):
            for token in ("one", "other"):
                page = button.render(lang=lang, csrf_token=token, nonce="n", view=[])
                assert (f'value="{token}"' in page, f">{word}<" in page) == (True, True)
    assert 'value="set here"' in named.render(lang="en", csrf_token="one")
    pages = [modules.render(lang="en", nonce=nonce) for nonce in ("first", "second")]
    assert ["first" in page for page in pages] == [True, False]
