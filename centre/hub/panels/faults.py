"""What is wrong with a panel that cannot be used."""


class PanelRefused(ValueError):
    """The panel cannot be used; each problem is one line that says where and what to do.

    `row` is which row of what was being read is at fault, from 0; None: no one row is. `word` is the one at fault.
    """

    def __init__(self, problems: list[str], *, row: int | None = None, word: str = "") -> None:
        super().__init__("\n".join(problems))
        self.problems, self.row, self.word = problems, row, word
