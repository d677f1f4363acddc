"""The built wheel in a separate environment, which uses the third-party packages of this one."""

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python of an environment in which the wheel is installed."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    build += ["--no-build-isolation", "--wheel-dir"]
    subprocess.run([*build, folder, ROOT], check=True, timeout=240)
    (wheel,) = folder.glob("footnote_rag-*.whl")
    home = folder / "venv"
    venv.create(home, with_pip=True)
    interpreter = home / "bin" / "python"
    subprocess.run(
        [interpreter, "-m", "pip", "install", "--quiet", "--no-deps", wheel],
        check=True,
        timeout=240,
    )
    site = next((home / "lib").glob("python*")) / "site-packages"
    # A plain path, so that the other environment's .pth files (the editable install) are not read.
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
    return interpreter


def run(python: Path, *arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [str(python), *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, timeout=240
    )


def test_the_wheel_answers_from_a_folder_with_hostile_neighbours(
    python: Path, tmp_path: Path
) -> None:
    (tmp_path / "index.py").write_text("raise SystemExit('the wrong index')")
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "refusal.md").write_text("the wrong prompt")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.txt").write_text("The tower is 50 metres tall.")
    command = python.with_name("rag")
    assert run(command, "index", "docs", cwd=tmp_path).returncode == 0
    done = run(command, "ask", "How tall is the tower?", cwd=tmp_path)
    assert "50 metres" in done.stdout, done.stderr
    done = run(command, "ask", "Who is the king of Norway?", cwd=tmp_path)
    assert "The documents do not say." in done.stdout


def test_the_wheel_is_what_is_imported(python: Path, tmp_path: Path) -> None:
    code = "import index, prompts, rag, ui; print(rag.__file__, prompts.read_prompt('refusal'))"
    done = run(python, "-c", code, cwd=tmp_path)
    assert str(python.parent.parent) in done.stdout, done.stderr
    assert "do not say" in done.stdout


def test_a_file_that_hides_a_package_is_a_clear_error(python: Path, tmp_path: Path) -> None:
    (tmp_path / "index.py").write_text("print('mine')")
    (tmp_path / "ask.py").write_text("from rag import answer")
    done = run(python, "ask.py", cwd=tmp_path)
    assert done.returncode != 0
    assert str(tmp_path / "index.py") in done.stderr
    assert "rename it" in done.stderr


def test_the_editable_install_finds_everything(tmp_path: Path) -> None:
    code = "import index, rag, ui, prompts; print(prompts.read_prompt('refusal'), rag.__file__)"
    done = run(Path(sys.executable), "-c", code, cwd=tmp_path)
    assert "do not say" in done.stdout
    assert str(ROOT) in done.stdout


def test_the_files_of_the_window_are_in_the_wheel(python: Path, tmp_path: Path) -> None:
    code = (
        "import ui, pathlib; home = pathlib.Path(ui.__file__).parent; "
        "names = 'styles/theme.css', 'scripts/window.js', 'views/strings.toml', "
        "'views/templates/answer.html'; "
        "print(*((home / name).is_file() for name in names))"
    )
    assert run(python, "-c", code, cwd=tmp_path).stdout.split() == ["True"] * 4


def test_everything_else_works_without_the_ui_extra(python: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The tower is 50 metres tall.")
    code = (
        "import sys; sys.modules['gradio'] = None; from ui.cli import main; "
        "main(['index', 'a.txt']); main(['ask', 'How tall is the tower?']); "
        "sys.exit(main(['chat', '--port', '7999']))"
    )
    done = run(python, "-c", code, cwd=tmp_path)
    assert "50 metres" in done.stdout
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1] == (
        "rag: the window needs Gradio, which is not installed: pip install 'footnote-rag[ui]'"
    )
