"""The demo's photographs: of the size of the rule, the same for the same draw, and not all alike."""

import io
import random

from PIL import Image

from app.demo.portraits import SIZE, draw_portrait


def test_portraits_are_small_jpegs_of_the_right_size_that_differ_and_repeat():
    first, second = random.Random(7), random.Random(7)
    pictures = [draw_portrait(first, long_hair=number % 2 == 0) for number in range(20)]
    assert pictures == [draw_portrait(second, long_hair=number % 2 == 0) for number in range(20)]
    assert len(set(pictures)) == 20
    for picture in pictures:
        opened = Image.open(io.BytesIO(picture))
        assert (opened.format, opened.size) == ("JPEG", SIZE)
        assert len(picture) < 16_000
