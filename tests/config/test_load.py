"""Where the file and the data folder come from."""

from pathlib import Path

import pytest

from argus.config.create import create
from argus.config.load import find, load, read
from argus.errors import ConfigError
from tests.config.known import KNOWN


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_file_is_the_option_then_the_environment_then_here_then_none(folder: Path):
    environ = {"ARGUS_CONFIG": "other.toml"}
    assert find(None, {}) is None
    (folder / "argus.toml").touch()
    assert find(None, {}) == Path("argus.toml")
    assert find(None, environ) == Path("other.toml")
    assert find(Path("mine.toml"), environ) == Path("mine.toml")


def test_data_folder_is_the_option_then_the_environment_then_the_file(folder: Path):
    (folder / "argus.toml").write_text('[storage]\ndata = "file"')
    environ = {"ARGUS_DATA_PATH": "environment"}

    def data(option: Path | None, environ: dict[str, str]) -> str:
        return load(known=KNOWN, data=option, environ=environ).storage.data

    assert data(None, {}) == "file"
    assert data(None, environ) == "environment"
    assert data(Path("option"), environ) == "option"
    assert data(None, {"ARGUS_DATA_PATH": ""}) == "file"


def test_nothing_at_all_gives_the_defaults():
    config = load(known=KNOWN, environ={})
    assert (config.storage.data, list(config.sources)) == ("data", list(KNOWN))


def test_a_file_that_is_not_there_is_said():
    with pytest.raises(ConfigError, match=r"^no configuration file at none\.toml$"):
        load(Path("none.toml"), known=KNOWN, environ={})


def test_a_file_that_is_a_folder_is_said(folder: Path):
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        read(folder)


@pytest.mark.parametrize("content", [b"[storage", b"\xff\xfe"])
def test_a_file_that_is_no_toml_is_said(folder: Path, content: bytes):
    path = folder / "argus.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="is not TOML: "):
        read(path)


def test_errors_name_the_file(folder: Path):
    (folder / "mine.toml").write_text("[stor]")
    with pytest.raises(ConfigError, match=r"at mine\.toml$"):
        load(Path("mine.toml"), known=KNOWN, environ={})


def test_created_file_loads_and_is_not_replaced_unasked(folder: Path):
    path = folder / "argus.toml"
    text = create(path, known=KNOWN)
    assert path.read_text("utf-8") == text
    assert load(path, known=KNOWN, environ={}) == load(known=KNOWN, environ={})
    path.write_text("[log]")
    with pytest.raises(ConfigError, match="exists already; --force replaces it"):
        create(path, known=KNOWN)
    assert path.read_text() == "[log]"
    assert create(path, known=KNOWN, replace=True) == path.read_text("utf-8")


def test_file_that_cannot_be_written_is_said(folder: Path):
    with pytest.raises(ConfigError, match="cannot be written: No such file or directory"):
        create(folder / "none" / "argus.toml", known=KNOWN)
