# Pushes the ledgers of the folder STATE to BRANCH; ends with 1 if the branch's own have changed since the checkout.
git config user.name namehold
git config user.email namehold@users.noreply.invalid
git add --force -- "$STATE"/ledger-*.jsonl || exit 0
git diff --cached --quiet && exit 0
git commit --quiet --message "Keep the ledger"
# Somebody may have pushed during the run. Two ledgers are never merged.
for attempt in 1 2 3; do
  git fetch --quiet origin "$BRANCH" || break
  git diff --quiet HEAD~1 FETCH_HEAD -- "$STATE" || break
  git rebase --quiet FETCH_HEAD || break
  git push --quiet origin "HEAD:refs/heads/$BRANCH" && exit 0
done
echo "::error::This run's ledger isn't in the branch: the branch's own has changed since the checkout. The artifact"\
  "'ledger' holds this run's. Download it into the folder 'ledger' of a new checkout, and enter there what the"\
  "branch's ledger lacks, with the command below; then commit the branch's ledger."
for ledger in "$STATE"/ledger-*.jsonl; do
  echo "namehold status --config $CONFIG --rebuild ledger/$(basename "$ledger")"
done
exit 1
