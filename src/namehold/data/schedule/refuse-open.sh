# Ends with 1 where strangers read the repository and a ledger in STATE would tell them names that are still open.
if [ "$PRIVATE" != true ]; then
  if [ -z "$NAMEHOLD_KEY" ]; then
    echo "::error::This repository is public and has no secret NAMEHOLD_KEY: the ledger would tell open names."
    exit 1
  fi
  for ledger in "$STATE"/ledger-*.jsonl; do
    if [ -e "$ledger" ]; then
      namehold status --config "$CONFIG" --offline --quiet --verify "$ledger" --publishable > /dev/null || exit 1
    fi
  done
fi
