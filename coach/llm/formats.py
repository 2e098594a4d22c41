"""Chat formats: how a model marks who speaks. Chosen by the marks that a model file's own template uses.

Only the marks are taken from the file's template; the template itself, a program in Jinja, is not run: a model file
from somewhere else should not decide what is executed here.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class ChatFormat:
    """The text before and after a turn; ``{role}`` is filled in."""

    system: str
    user: str
    assistant: str
    end: str


CHATML = ChatFormat("<|im_start|>system\n", "<|im_start|>user\n", "<|im_start|>assistant\n", "<|im_end|>\n")
GEMMA = ChatFormat("<start_of_turn>user\n", "<start_of_turn>user\n", "<start_of_turn>model\n", "<end_of_turn>\n")
LLAMA3 = ChatFormat(
    "<|start_header_id|>system<|end_header_id|>\n\n",
    "<|start_header_id|>user<|end_header_id|>\n\n",
    "<|start_header_id|>assistant<|end_header_id|>\n\n",
    "<|eot_id|>",
)
PLAIN = ChatFormat("", "Answer: ", "Question: ", "\n\n")

KNOWN = (CHATML, GEMMA, LLAMA3, PLAIN)

_BY_MARK = {"<|im_start|>": CHATML, "<start_of_turn>": GEMMA, "<|start_header_id|>": LLAMA3}


def chat_format(template: str) -> ChatFormat:
    """The format whose mark the template holds; plain text for a model without one."""
    return next((known for mark, known in _BY_MARK.items() if mark in template), PLAIN)
