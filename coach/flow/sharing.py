"""The failure share: what of an entry to leave out, the story without it, and whether it brags."""

from collections.abc import Mapping

from coach.flow.desk import Desk
from coach.schema import Entry, Verdict
from coach.share.names import names_by
from coach.share.private import Private, private_in, stays, without
from coach.share.story import PARTS, parts_of


class Sharing(Desk):
    """Telling others about an entry."""

    def private_of(self, entry: Entry) -> list[Private]:
        """What is private in an entry: by rules, and by what the model takes for a name. The person decides about each."""
        text = "\n".join([*parts_of(entry).values(), entry.title])
        return private_in(text, names_by(self._asker.model, text) if self._asker else ())

    def share_of(self, entry: Entry, left_out: Mapping[str, str]) -> dict[str, str]:
        """The parts of the story without what is left out; ``left_out``: words and what stands in their place."""
        return {name: without(text, left_out.items()) for name, text in parts_of(entry).items()}

    def without(self, text: str, left_out: Mapping[str, str]) -> str:
        """A text without what is left out."""
        return without(text, left_out.items())

    def still_private(self, parts: Mapping[str, str], left_out: Mapping[str, str], kept: set[str]) -> list[str]:
        """What is private in a story as it stands: what should be left out, and what else is found that the person does not keep
        on purpose."""
        told = "\n".join(parts.values())
        instead = {*_GENERIC, *(words.lower() for words in left_out.values())}
        found = [one.text for one in private_in(told) if one.text not in kept and one.text.lower() not in instead]
        return list(dict.fromkeys([*(words for words in left_out if stays(told, words)), *found]))

    def judged_share(self, parts: Mapping[str, str]) -> Verdict:
        """Whether a story presents a strength as a failure."""
        told = " ".join(text.strip() for name in PARTS if (text := parts.get(name, "")).strip())
        return self.judge.judge("share", told)


_GENERIC = {"someone", "a company", "an amount"}
