"""A config whose text is formatted once."""

from mmengine.config import Config


class FormattedConfig(Config):
    """mmengine's ``Config``, which remembers its text.

    Formatting a config takes yapf some 2.5 seconds, and mmengine asks for the text
    three times at the start of a run and for every checkpoint. It is remembered by
    content, so that a changed config has another text.
    """

    # By content, shared by the copies that a runner makes.
    _texts: dict[str, str] = {}

    @classmethod
    def of(cls, cfg: Config) -> 'FormattedConfig':
        """Return a config with the same content.

        Args:
            cfg (Config): Any config.
        """
        own = cls.__new__(cls)
        own.__setstate__(cfg.__getstate__())
        return own

    @property
    def pretty_text(self) -> str:
        """Formatted python code, as of ``Config``."""
        content = repr(self._cfg_dict)
        if content not in self._texts:
            self._texts[content] = super().pretty_text
        return self._texts[content]
