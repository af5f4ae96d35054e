# The catalogues and the code agree: no text is missing, unused, or without a plural form that its language needs.
import json
import pathlib
import re

import pytest

STUDIO = pathlib.Path(__file__).resolve().parents[2] / "Sources/HTTPAPI/Assets/studio"
CATALOGUES = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted((STUDIO / "i18n").glob("*.json"))}
CODE = "\n".join(path.read_text("utf-8") for path in sorted((STUDIO / "js").glob("*.js")))
# What CLDR asks of whole numbers.
FORMS = {"en": {"one", "other"}, "ru": {"one", "few", "many", "other"}, "ko": {"other"}}
# Names that the code puts together, as patterns.
MADE = [r"error\.(busy|content|full|gone|noFace|offline|refused|server|studio|token|tooLarge|tooMany|unreachable|unreadable)\.(title|text)", r"job\.(draft|queued|running|completed|failed|canceled)",
        r"kind\.(empty|sourceVideo|tooLarge|tooLong|wrong)\.(title|text)", r"mode\.photo_(photo|video)\w*\.(title|text)", r"need\.(source|target)(Face)?",
        r"option\.(keep_eyes|keep_mouth)(\.help)?", r"option\.trim_(start|end)", r"stage\.(waiting|loading|analysing|swapping|joining|done)",
        r"theme\.(auto|light|dark)", r"well\.(source|target)(Help)?"]


def used():
    literal = set(re.findall(r"""['"`]([a-z]+(?:\.[A-Za-z_]+)+)['"`]""", CODE))
    return {name for name in CATALOGUES["en"] if name in literal or any(re.fullmatch(one, name) for one in MADE)}


def test_every_text_that_the_code_names_is_there():
    asked = set(re.findall(r"""\bt\((?:[^()'"`]*\?\s*)?['"]([^'"]+)['"]""", CODE)) | set(re.findall(r"""\bt\([^()]*\?[^()]*:\s*['"]([^'"]+)['"]""", CODE))
    assert len(asked) > 100
    assert not {name for name in asked if name not in CATALOGUES["en"]}


def test_every_made_name_has_a_text():
    for pattern in MADE:
        assert any(re.fullmatch(pattern, name) for name in CATALOGUES["en"]), pattern
    for key in re.findall(r"(?:StudioError\(|key: )'([^']+)'", CODE):
        assert f"{key}.title" in CATALOGUES["en"] and f"{key}.text" in CATALOGUES["en"], key


def test_no_text_is_unused():
    assert not set(CATALOGUES["en"]) - used()


@pytest.mark.parametrize("language", sorted(CATALOGUES))
def test_a_catalogue_is_whole(language):
    words = CATALOGUES[language]
    assert set(words) == set(CATALOGUES["en"])
    for name, text in words.items():
        english = CATALOGUES["en"][name]
        assert isinstance(text, dict) == isinstance(english, dict), name
        forms = text if isinstance(text, dict) else {"other": text}
        if isinstance(text, dict):
            assert set(forms) == FORMS[language], name
        holes = set(re.findall(r"\{(\w+)\}", english["other"] if isinstance(english, dict) else english))
        for form in forms.values():
            assert form.strip() == form and form, name
            assert set(re.findall(r"\{(\w+)\}", form)) == holes, name


def test_there_are_the_three_languages():
    assert set(CATALOGUES) == {"en", "ru", "ko"}
    assert all(f"{name}:" in CODE for name in CATALOGUES)
