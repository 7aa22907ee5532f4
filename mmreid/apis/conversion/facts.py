"""What a file of weights cannot tell, and how the converter's user tells it."""

from collections.abc import Mapping

from mmreid.apis.conversion.entries import UnknownLayoutError
from mmreid.network_facts import FACTS, flag_of


class Facts:
    """What is known of a file beside its weights.

    Args:
        given (Mapping[str, str]): Values by the names of :data:`FACTS`, from who knows
            the network. Defaults to nothing.
        source (str): The file, whose name may tell something. Defaults to ''.

    Raises:
        ValueError: There is no such fact or value.
    """

    def __init__(self, given: Mapping[str, str] = {}, source: str = '') -> None:
        for name, value in given.items():
            if name not in FACTS or value not in FACTS[name].choices:
                known = {name: fact.choices for name, fact in FACTS.items()}
                raise ValueError(f'Facts are {known}, got {name}={value!r}.')
        self.given = dict(given)
        self.source = source
        self.assumed: dict[str, str] = {}
        self._asked: set[str] = set()

    def settle(self, name: str, guess: str) -> str:
        """Take what was given, or note that it is assumed.

        Args:
            name (str): One of :data:`FACTS`.
            guess (str): What holds where nothing was given.

        Returns:
            str: The value.
        """
        self._asked.add(name)
        if name in self.given:
            return self.given[name]
        self.assumed[name] = guess
        return guess

    def see(self, name: str, value: str, sign: str) -> str:
        """Take what the file shows.

        Args:
            name (str): One of :data:`FACTS`.
            value (str): What it shows.
            sign (str): The entries that show it.

        Returns:
            str: The value.

        Raises:
            UnknownLayoutError: Something else was given.
        """
        self._asked.add(name)
        if self.given.get(name, value) != value:
            raise UnknownLayoutError(
                f'{FACTS[name].saying.format(value)}, as {sign} in the file shows, but '
                f'{flag_of(name)} {self.given[name]} was given; leave it out.'
            )
        return value

    def finish(self) -> None:
        """Refuse what was given and does not matter.

        Raises:
            UnknownLayoutError: The network leaves no such choice.
        """
        if unused := sorted(self.given.keys() - self._asked):
            raise UnknownLayoutError(
                f'This network leaves no choice of {", ".join(map(flag_of, unused))}; '
                'leave it out.'
            )

    def explain(self) -> list[str]:
        """Tell what is assumed and how to say otherwise."""
        if not self.assumed:
            return []
        lines = [
            'The file cannot tell the following, which was assumed; where it is wrong,',
            'so are the vectors, and the option behind it says otherwise:',
        ]
        for name, value in self.assumed.items():
            others = [c for c in FACTS[name].choices if c != value]
            saying = FACTS[name].saying.format(value)
            lines.append(f'- {saying} (else {flag_of(name)} {" or ".join(others)})')
        return lines
