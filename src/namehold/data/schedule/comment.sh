# Puts the text of the file COMMENT on pull request NUMBER, in the place of what an earlier run wrote there: its first
# line is the same in every run.
set -eu
mark=$(head -n 1 "$COMMENT")
earlier=$(gh api --paginate "repos/$GITHUB_REPOSITORY/issues/$NUMBER/comments" --jq \
  ".[] | select(.user.login == \"github-actions[bot]\" and (.body | startswith(\"$mark\"))) | .id")
id=$(printf '%s\n' "$earlier" | head -n 1)
if [ -n "$id" ]; then
  gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" --field "body=@$COMMENT"
else
  gh api --silent --method POST "repos/$GITHUB_REPOSITORY/issues/$NUMBER/comments" --field "body=@$COMMENT"
fi
