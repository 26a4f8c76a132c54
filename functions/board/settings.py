"""What the environment tells the board."""

from runtime.settings import Settings


class BoardSettings(Settings):
    """Lambda sets the region itself; without one there are no links into the console."""

    aws_region: str = ""
