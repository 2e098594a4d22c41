"""Coach: a private, offline reflection coach.

It walks one person through an After-Action Review of a failure, pushes back where an answer is vague, keeps
a Failure Log and brings similar past entries to mind. Data flows one way::

    answer -> judge -> findings -> push back -> revised answer -> entry -> journal -> index -> similar entries

The layers follow it: ``coach.ui`` and ``coach.cli`` (the composition roots) use ``coach.flow``, which uses
``coach.judge``, ``coach.pushback`` and ``coach.recall``, which use the boundaries ``coach.llm``,
``coach.journal``, ``coach.index`` and ``coach.clock`` by their ``base`` alone.
"""

__version__ = "0.1.0"
