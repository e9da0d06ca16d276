"""Words of the sentence in which an installer's command stands: they end its list of names, and name no project."""

from __future__ import annotations

from typing import Final

#: Words of a sentence that end a command's list of names.
ENDINGS: Final = frozenset(
    {"a", "all", "an", "and", "any", "are", "as", "at", "be", "before", "but", "by", "can", "either", "every", "for"}
    | {"from", "has", "have", "here", "if", "in", "inside", "instead", "into", "is", "it", "its", "may", "of", "on"}
    | {"or", "should", "so", "that", "the", "them", "then", "these", "they", "this", "those", "to", "unless", "using"}
    | {"via", "was", "we", "when", "where", "which", "while", "will", "with", "within", "without", "you", "your"}
)
#: Further words after 'pip install' in the middle of a sentence ('the pip install command fails').
NOUNS: Final = frozenset(
    {"again", "both", "call", "calls", "command", "commands", "dependencies", "directly", "does", "error", "errors"}
    | {"everything", "failed", "failing", "fails", "first", "instruction", "instructions", "line", "manually", "not"}
    | {"now", "package", "packages", "process", "requirements", "something", "statement", "step", "steps", "works"}
)
#: Further words with which a sentence goes on behind a name: 'pip install acme-tool during the build', '... works'.
_GOING_ON: Final = frozenset(
    {"about", "across", "against", "along", "alongside", "although", "among", "around", "because", "behind", "beside"}
    | {"between", "beyond", "command", "commands", "despite", "does", "during", "each", "except", "fail", "failed"}
    | {"failing", "fails", "like", "near", "no", "nor", "not", "one", "only", "onto", "over", "past", "per", "since"}
    | {"some", "than", "through", "throughout", "till", "toward", "towards", "under", "until", "up", "upon", "whenever"}
    | {"wherever", "whether", "who", "whose", "why", "work", "worked", "works"}
)
#: Adverbs and the like behind a command's names: 'run pip install acme-tool first'. `together` is a known project.
_ADVERBS: Final = frozenset(
    {"afresh", "after", "afterward", "afterwards", "again", "ahead", "alike", "alone", "already", "also", "altogether"}
    | {"always", "anew", "anyhow", "anymore", "anytime", "anyway", "anyways", "anywhere", "apart", "aside", "away"}
    | {"back", "beforehand", "below", "besides", "elsewhere", "even", "ever", "everywhere", "fine", "first", "forever"}
    | {"hence", "herself", "himself", "indeed", "itself", "just", "last", "late", "later", "likewise", "maybe"}
    | {"meantime", "meanwhile", "more", "moreover", "myself", "never", "next", "nonetheless", "now", "nowadays"}
    | {"offline", "often", "ok", "okay", "once", "online", "otherwise", "ourselves", "outside", "overnight", "perhaps"}
    | {"please", "prior", "quite", "rather", "right", "second", "sometime", "sometimes", "somewhere", "soon", "still"}
    | {"straight", "themselves", "there", "thereafter", "therefore", "though", "thrice", "thus", "today", "tomorrow"}
    | {"tonight", "too", "twice", "upfront", "well", "worldwide", "yesterday", "yet", "yourself"}
    | {"machine-wide", "system-wide", "systemwide", "time", "times", "user-wide", "yourselves"}
    | {"aus", "bitte", "danach", "dann", "erneut", "jetzt", "noch", "nochmal", "vorher", "zuerst", "zunächst"}
    | {"aussi", "avant", "encore", "ensuite", "maintenant", "puis"}
    | {"ahora", "antes", "después", "luego", "primero", "también"}
)
#: Projects that are called like adverbs.
_NO_ADVERBS: Final = frozenset(
    {"arguably", "assembly", "constantly", "contextily", "evidently", "family", "fastly", "humanfriendly", "lightly"}
    | {"mobly", "plotly", "pyrefly", "recurly", "scholarly", "sendsafely", "shapely", "srsly", "supervisely"}
    | {"tensorly"}
)
_SHORTEST_ADVERB: Final = 5


def goes_on(word: str) -> bool:
    """Whether a sentence goes on with a word in lower case, outside of code marks and behind a name: 'during'."""
    return word in ENDINGS or word in _GOING_ON


def is_of_sentence(word: str) -> bool:
    """Whether a word in lower case, outside of code marks and behind a name, may close a sentence: 'manually'."""
    is_adverb = word.endswith("ly") and word.isalpha() and len(word) >= _SHORTEST_ADVERB and word not in _NO_ADVERBS
    return is_adverb or word in _ADVERBS or word in NOUNS
