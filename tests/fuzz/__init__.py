"""Valid inputs from outside, changed a little and by the thousand: each parser answers or refuses them in our words.

    python -m tests.fuzz --minutes 30            every parser, one after the other
    python -m tests.fuzz archives --seed 7       one of them, with other inputs

An input is named by its parser, seed and number, so that any of them can be made again.
"""
