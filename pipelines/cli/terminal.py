"""How commands print: one console for all of them, and the progress bar that two of them share.

Add here what more than one command needs to show something. What a command shows is its own module.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeElapsedColumn

console = Console(soft_wrap=True, highlight=False)


def show(content: RenderableType, *, style: str | None = None, markup: bool = True) -> None:
    """Print to standard output.

    Args:
        content: text or a table.
        style: a style of rich, such as `bold`.
        markup: whether `[…]` in a text is rich's markup.
    """
    console.print(content, style=style, markup=markup)


@contextmanager
def progress_bar(label: str, *amounts: ProgressColumn) -> Iterator[Callable[[int, int], None]]:
    """A progress bar, which disappears when the work is finished.

    Args:
        label: text to the left of the bar.
        amounts: the columns to the right of it, such as how many bytes of how many.

    Yields:
        A function that moves the bar; it takes how much is done, and of how much.
    """
    text = TextColumn("{task.description}", markup=False)
    # Of the same console: what is shown meanwhile then comes above the bar.
    columns = (text, BarColumn(), *amounts, TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
