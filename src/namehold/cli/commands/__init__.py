"""The commands, in the order of their use: each is a module of its own name here, with one line of help.

The lines stand here so that `namehold --help` imports no command; a test holds them against the commands' own help.
"""

from __future__ import annotations

from collections.abc import Mapping

#: Name of a command -> the first paragraph of its help.
COMMANDS: Mapping[str, str] = {
        "init": "Write a first names.yaml with every key explained. Asks only on a terminal; never overwrites a file.",
        "demo": "Run the whole line on an invented organization: derive, assess, plan, build, rehearse, report.",
        "discover": "Read from the index what a package installs and was called, and write it into names.yaml.",
        "snapshot": "Keep an index's list of names for offline answers.",
        "schema": "Print the JSON Schema of names.yaml, with which editors complete, explain and check it.",
        "names": (
            "Rank the names that people mistype and models invent for packages: best first, each with its evidence."
        ),
        "check": "Say what the index would answer for names, and why.",
        "explain": "Say why a name stands where it stands in a package's list, what would change it, and its route.",
        "scan": "Find what documents tell people to install: names that anybody can take, and look-alikes of yours.",
        "probe": (
            "Ask language models about your packages, count the projects that they tell, and say which are invented."
        ),
        "evidence": "Show what models, documents and people told of names near yours, import it and take it out again.",
        "watch": "Tell who registers names near your packages, and who holds the names that a plan found taken.",
        "audit": "Judge what placeholders declare and do, and who is behind them. Executes nothing and writes nothing.",
        "plan": "Decide what every name needs, and fill the index's quota day by day.",
        "report": "What to do today, what is safe, what isn't and why: from the plan and the ledger, without network.",
        "doctor": "Say what a reservation needs, whether it is proved, missing or contradicted, and how to fix it.",
        "rehearse": (
            "Carry the plan out on an embedded index: real uploads, the real rules, a clock that jumps to the "
            "next slot."
        ),
        "letter": "Write a letter to the index's administrators; you send it, namehold never does.",
        "build": "Build the placeholders of a plan.",
        "key": "Make, show or take over the key that proves approvals in the ledger.",
        "apply": "Reserve what was approved: one name after the other, inside the index's quota, from one account.",
        "run": (
            "Do today's share: bring everything up to date, plan, reserve what was approved, check what is held, "
            "report."
        ),
        "schedule": (
            "Print ready files that run namehold: `run` once a day, and where teams decide, the plan of each proposal."
        ),
        "status": "Compare the ledger with the index and with names.yaml.",
        "adopt": "Enter projects that the index shows as ours into the ledger, with their files and digests.",
        "register": "Write the public register: every name held or prohibited, why, since when, and how to ask for it.",
        "handover": "Give a held name to a person with a claim on it, or release it; nothing is deleted.",
    }

#: What people want to do -> the commands for it, in the order of their use; each command stands in one group.
GROUPS: Mapping[str, tuple[str, ...]] = {
        "Start": ("init", "demo", "discover", "snapshot", "schema"),
        "Look": ("names", "check", "explain", "scan", "probe", "evidence", "watch", "audit"),
        "Decide": ("plan", "report", "doctor", "rehearse"),
        "Act": ("letter", "build", "key", "apply", "run", "schedule"),
        "Afterwards": ("status", "adopt", "register", "handover"),
    }
