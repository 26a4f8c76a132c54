"""What the functions write goes into one folder, which keeps the newest few."""

from pathlib import Path

from local.demo.functions_output import KEPT, functions_output


def test_what_is_printed_inside_is_in_the_log(tmp_path: Path) -> None:
    with functions_output(shown=False, folder=tmp_path / "logs") as log:
        print("a line of a function")

    assert log is not None
    assert log.parent == tmp_path / "logs"
    assert log.read_text() == "a line of a function\n"


def test_the_newest_logs_are_kept(tmp_path: Path) -> None:
    old = [tmp_path / f"2026-01-01T00-00-{second:02}-1.log" for second in range(KEPT + 5)]
    for path in old:
        path.touch()
    (tmp_path / "notes.txt").touch()

    with functions_output(shown=False, folder=tmp_path) as log:
        assert set(tmp_path.glob("*.log")) == {log, *old[-(KEPT - 1) :]}
    assert (tmp_path / "notes.txt").exists()


def test_shown_output_leaves_no_log(tmp_path: Path) -> None:
    with functions_output(shown=True, folder=tmp_path) as log:
        assert log is None
    assert not list(tmp_path.iterdir())
