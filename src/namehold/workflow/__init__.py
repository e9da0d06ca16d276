"""The line itself: what joins the pure core to its edges.

Every function here takes its edges (snapshot, renderer, builder, uploader, ledger, clock) as arguments, in the shape
of `ports.py`; `plan`, `rehearse` and `apply` are the same line, cut at different points.
"""
