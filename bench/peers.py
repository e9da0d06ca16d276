"""Public generators of confusable names behind one function each; they are made for domains.

A project name is passed as NAME.com, and what differs from it only before the dot is kept, in the generator's order.
Mutations of the top-level domain and of subdomains have no counterpart in project names and are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

from namehold.names import is_normalized

_ENDING = ".com"
_AIL_LEFT_OUT = {"addDynamicDns", "addTld", "missingDot", "subdomain", "wrongSld", "wrongTld"}


def dnstwist_names(name: str) -> list[str]:
    import dnstwist  # noqa: PLC0415 -- each peer is optional

    fuzzer = dnstwist.Fuzzer(name + _ENDING)
    fuzzer.generate()
    return _project_names(name, (item["domain"] for item in fuzzer.domains))


@cache
def _use_bundled_suffixes() -> None:
    """The peer's list of public suffixes is the one that its dependency ships: a bench downloads nothing."""
    from tldextract import tldextract  # noqa: PLC0415 -- each peer is optional

    tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


def ail_names(name: str) -> list[str]:
    from ail_typo_squatting import typo  # noqa: PLC0415 -- each peer is optional

    _use_bundled_suffixes()
    found: list[str] = []
    for algorithm in typo.algo_list:
        if algorithm not in _AIL_LEFT_OUT:
            found = getattr(typo, algorithm)(name + _ENDING, found, False, 1_000_000)  # noqa: FBT003 -- its signature
    return _project_names(name, found)


def _project_names(name: str, domains: Iterable[str]) -> list[str]:
    """The valid names among the domains, each once."""
    names = (domain.removesuffix(_ENDING) for domain in domains if domain.endswith(_ENDING))
    return list(dict.fromkeys(found for found in names if found != name and is_normalized(found)))


PEERS: dict[str, Callable[[str], list[str]]] = {"dnstwist": dnstwist_names, "ail-typo-squatting": ail_names}
