"""Rule-based checks of a sentence that reports a result: its numbers, and its claims."""

from __future__ import annotations

import re
from dataclasses import dataclass

CAUSAL = re.compile(
    r"\b(caus\w*|led to|leads to|because|trigger\w*|drove|drives|provok\w*|due to|thanks to"
    r"|result(?:ed|s) in|in response to|respond\w*|react\w*|prompt(?:s|ed)|spark(?:s|ed)"
    r"|influenc\w*|affect(?:s|ed)|boost(?:s|ed)|(?:an? )?(?:impact|effect) of|made the)\b",
    re.IGNORECASE,
)
#: Causal wording that is acceptable: chance, and the grounds for a conclusion.
HARMLESS = re.compile(
    r"\b(due to|because of) (chance|luck)|\bbecause (the|its) (interval|p-value|method)",
    re.IGNORECASE,
)
SIGNIFICANT = re.compile(r"\bsignifican\w*|\bproves?\b|\bproof\b", re.IGNORECASE)
#: Words that negate a claim, if they precede it in the same clause.
DENIAL = re.compile(
    r"n't\b|\b(not?|nothing|neither|nor|whether|if|without|cannot|unknown|unclear|far from)\b",
    re.IGNORECASE,
)
WORDS_BEFORE = 9
A_CAUSE = (
    "'{}' claims a cause. Dates that coincide, and even estimates that differ from chance, are an "
    "association: say what went together with what."
)
TOO_SURE = "'{}' says more than a p-value of this size does. Give the p-value, and no verdict."


@dataclass(frozen=True)
class Sentence:
    """What a sentence must contain: ``needs`` are (pattern, feedback if it is missing).

    A sentence on a result (``on_a_result``) is rejected if it claims a cause, or certainty.
    """

    needs: tuple[tuple[str, str], ...]
    on_a_result: bool = True

    def fault(self, text: str) -> str:
        """What is wrong with ``text``; empty when nothing is."""
        text = text.replace("−", "-").replace("–", "-")
        if self.on_a_result:
            for pattern, message in ((CAUSAL, A_CAUSE), (SIGNIFICANT, TOO_SURE)):
                if claim := claimed(pattern, text):
                    return message.format(claim)
        for needed, missing in self.needs:
            if not re.search(needed, text, re.IGNORECASE | re.DOTALL):
                return missing
        return ""


def claimed(pattern: re.Pattern[str], text: str) -> str:
    """The first match of ``pattern`` that is not negated earlier in the same clause."""
    for found in pattern.finditer(text):
        clause = re.split(r"[.;:](?=\s)", text[: found.start()])[-1]
        denied = DENIAL.search(" ".join(clause.split()[-WORDS_BEFORE:]))
        if not denied and not HARMLESS.match(text, found.start()):
            return found[0]
    return ""
