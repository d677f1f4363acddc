"""The subcommands of `rag`: each takes the parsed options and returns the exit status."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from rag.errors import FootnoteError, SettingsError
from rag.library.library import Library
from rag.library.showing import show_document
from rag.settings import load_settings
from ui import document_list, terminal
from ui.shown_document import print_document


def _open_library(options: argparse.Namespace) -> closing[Library]:
    return closing(Library(load_settings(store=options.store)))


def run_index(options: argparse.Namespace) -> int:
    """Update, copy, roll back or watch the index."""
    with _open_library(options) as library:
        if options.dry_run:
            plan = library.plan(options.paths, full=options.full)
            terminal.print_plan(plan, options.verbose)
            return 0
        on_wait = None if options.no_wait else terminal.print_waiting
        if options.to:
            _copy(library, options, on_wait)
            return 0
        if options.rollback:
            terminal.write(f"Restored the previous index: {library.restore(on_wait)} documents.")
            return 0
        if options.watch:
            _follow(library, options, on_wait)
            return 0
        _update(library, options, on_wait)
    return 0


def _copy(
    library: Library, options: argparse.Namespace, on_wait: Callable[[str], None] | None
) -> None:
    if options.paths or options.full or options.watch or options.rollback:
        raise SettingsError("--to copies the index unchanged", "omit paths and other options")
    with terminal.show_progress() as on_progress:
        report = library.copy_to(options.to, on_progress, on_wait)
    terminal.print_copied(report, options.to)


def _update(
    library: Library,
    options: argparse.Namespace,
    on_wait: Callable[[str], None] | None,
    *,
    quiet: bool = False,
) -> None:
    with terminal.show_progress() as on_progress:
        report = library.update(options.paths, on_progress, on_wait, full=options.full)
    if not (quiet and report.plan.empty):
        terminal.print_report(report, library.place, options.verbose)


def _follow(
    library: Library, options: argparse.Namespace, on_wait: Callable[[str], None] | None
) -> None:
    """Update the index whenever files change. Errors are printed; watching continues."""
    first = True
    with suppress(KeyboardInterrupt):
        for _ in library.watch(options.paths):
            try:
                _update(library, options, on_wait, quiet=not first)
            except FootnoteError as error:
                terminal.print_error(str(error))
            if first:
                terminal.print_watching()
                # A change of a file is no reason to ask the sites of web pages again.
                options.paths = library.local_sources(options.paths)
            first = options.full = False


def run_ask(options: argparse.Namespace) -> int:
    """Answer a question."""
    with _open_library(options) as library:
        library.warm_up_soon(options.document)
        from rag.assistant import Assistant  # slow: imports while the models are being loaded

        deltas = Assistant(library=library).stream(options.question, options.document)
        answer = terminal.await_answer(deltas)
    if options.json:
        terminal.print_json(answer.to_dict())
    else:
        terminal.print_answer(answer)
    return 0


def run_chat(options: argparse.Namespace) -> int:
    """Open the chat window."""
    if not 0 < options.port < 65536:
        raise SettingsError(f"{options.port} is not a port", "choose a number from 1 to 65535")
    try:
        from ui.serve import launch
    except ModuleNotFoundError as error:
        if error.name != "gradio":
            raise
        raise SettingsError(
            "the window needs Gradio, which is not installed", "pip install 'footnote-rag[ui]'"
        ) from error

    with _open_library(options) as library:
        launch(library, options.host, options.port, open_to_all=options.no_auth)
    return 0


def run_login(options: argparse.Namespace) -> int:
    """Ask for a password; print a line for the login file."""
    from getpass import getpass

    from ui.web.logins import make_login

    terminal_is_there = sys.stdin.isatty()
    password = getpass() if terminal_is_there else sys.stdin.readline().rstrip("\n")
    if terminal_is_there and getpass("Again: ") != password:
        raise SettingsError("the passwords differ", "enter the same password twice")
    terminal.write(make_login(options.name, password))
    return 0


def run_eval(options: argparse.Namespace) -> int:
    """Evaluate answers with a file of questions."""
    from rag.evaluation.compare import compare_runs
    from rag.evaluation.run import evaluate_file, load_outcomes, score, write_outcomes

    earlier = load_outcomes(Path(options.against)) if options.against else None
    with _open_library(options) as library, terminal.show_progress() as on_progress:
        outcomes = evaluate_file(Path(options.file), library, on_progress)
    if options.details:
        write_outcomes(outcomes, Path(options.details))
    differences = [] if earlier is None else compare_runs(earlier, outcomes)
    if options.json:
        compared = {"against": [each.to_dict() for each in differences]} if options.against else {}
        terminal.print_json(score(outcomes).to_dict() | compared)
    else:
        terminal.print_scores(score(outcomes))
        terminal.print_differences(differences)
    return 0


def run_models(options: argparse.Namespace) -> int:
    """List the chat models that are available now."""
    from rag.generation.chat_models import list_offers

    settings = load_settings(store=options.store)
    offers = list_offers(settings.chat_model, settings.chat_base_url)
    terminal.print_offers(offers, settings.chat_model)
    return 0


def run_documents(options: argparse.Namespace) -> int:
    """List the indexed documents."""
    with _open_library(options) as library:
        records, failures = library.documents(), library.failures()
    if options.json:
        terminal.print_json([document_list.describe_document(record) for record in records])
    else:
        document_list.print_documents(records, failures, options.verbose)
    return 0


def run_show(options: argparse.Namespace) -> int:
    """Print a document as it was read."""
    with _open_library(options) as library:
        shown = show_document(library, options.document)
    if options.json:
        terminal.print_json(shown.to_dict())
    else:
        print_document(shown)
    return 0


def run_remove(options: argparse.Namespace) -> int:
    """Remove documents from the index."""
    with _open_library(options) as library:
        report = library.remove(options.documents, terminal.print_waiting)
        terminal.print_report(report, library.place)
    return 0


def run_doctor(options: argparse.Namespace) -> int:
    """Check or repair the index; the status is 1 if faults remain."""
    with _open_library(options) as library:
        if options.repair:
            with terminal.show_progress() as on_progress:
                repair = library.repair(on_progress, terminal.print_waiting)
            terminal.print_repair(repair)
            return 1 if repair.lost or repair.unrepaired else 0
        faults = library.check()
        terminal.print_check(faults, () if faults else library.documents())
    return 1 if faults else 0
