# Writes to the file COMMENT what the plan of this checkout's CONFIG is, and what changes against the commit BASE.
# Nothing is sent, and no secret is needed. PRIVATE is "true" only where no stranger reads comments and logs.
set -eu
hide=--public
if [ "$PRIVATE" = true ]; then hide=; fi
folder=$(mktemp -d)
trap 'git worktree remove --force "$folder/base" 2> /dev/null || true; rm -rf "$folder"' EXIT
set --
if [ -n "$BASE" ] && git cat-file -e "$BASE:$CONFIG" 2> /dev/null; then
  git worktree add --quiet --detach "$folder/base" "$BASE"
  # The list of names comes from where the branch says, not the proposal: a stranger's file leads this machine nowhere.
  namehold snapshot update --quiet --config "$folder/base/$CONFIG" > /dev/null || true
  if namehold plan --offline --quiet --config "$folder/base/$CONFIG" --output "$folder/before.json" > /dev/null 2>&1; then
    set -- --against "$folder/before.json"
  fi
else
  # The branch has no names.yaml yet, and the proposal's may not say whom this machine asks: the list is the one of the
  # index that is asked without any names.yaml.
  (cd "$folder" && namehold snapshot update --quiet \
    --contact "${CI_PROJECT_URL:-${GITHUB_SERVER_URL:-}/${GITHUB_REPOSITORY:-}}" > /dev/null) || true
fi
namehold plan --offline --quiet --config "$CONFIG" --format markdown $hide ${1+"$1" "$2"} > "$COMMENT"
