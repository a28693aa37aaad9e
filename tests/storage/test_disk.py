"""The disk: what it promises holds while others write."""

import threading

from argus.storage.disk import link


def test_link_to_a_file_that_is_replaced_all_the_time_is_made(tmp_path):
    source, folder = tmp_path / "a", tmp_path / "links"
    source.write_text("0")
    stop = threading.Event()

    def replace() -> None:
        while not stop.is_set():
            beside = tmp_path / "b"
            beside.write_text("1")
            beside.replace(source)

    writer = threading.Thread(target=replace)
    writer.start()
    try:
        for number in range(3000):
            link(source, folder / str(number))
    finally:
        stop.set()
        writer.join()
    assert len(list(folder.iterdir())) == 3000
