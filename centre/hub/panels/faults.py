"""What is wrong with a panel that cannot be used."""


class PanelRefused(ValueError):
    """The panel cannot be used; each problem is one line that says where and what to do."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
