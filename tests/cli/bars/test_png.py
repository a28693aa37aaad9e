import pytest
from matplotlib.image import imread

from argus.cli.bars.png import DOWN, UP, write_png
from tests.cli.bars.charts import imbalances, minutes, vpins


def colours(path):
    """Every colour of a picture with the number of its points."""
    found: dict[str, int] = {}
    picture = (imread(path)[:, :, :3] * 255).round().astype(int).reshape(-1, 3)
    for point in picture.tolist():
        name = "#{:02x}{:02x}{:02x}".format(*point)
        found[name] = found.get(name, 0) + 1
    return found


@pytest.mark.parametrize(
    "chart", [minutes(1), minutes(40), imbalances(30), vpins(20), minutes(900)]
)
def test_picture_shows_candles_in_both_colours(tmp_path, chart):
    path = tmp_path / "a.png"
    write_png(chart, path)
    found = colours(path)
    assert found[UP] > 100
    assert len(chart) == 1 or found.get(DOWN, 0) > 100
    assert path.stat().st_size < 200_000


def test_gap_is_shaded(tmp_path):
    paths = tmp_path / "with.png", tmp_path / "without.png"
    write_png(imbalances(30), paths[0])
    write_png(minutes(30), paths[1])
    shade = "#fbebca"
    assert colours(paths[0]).get(shade, 0) > 1000 > colours(paths[1]).get(shade, 0)
