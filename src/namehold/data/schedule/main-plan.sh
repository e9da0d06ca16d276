# Plans CONFIG and rehearses the plan: the digest goes to the file OUTPUT for the job that a person releases, and what
# the person reads to the file COMMENT. Nothing is sent, and no secret is needed.
set -eu
hide=--public
if [ "$PRIVATE" = true ]; then hide=; fi
namehold snapshot update --quiet --config "$CONFIG" > /dev/null
namehold plan --offline --quiet --config "$CONFIG" --format markdown $hide > "$COMMENT"
if [ "$PRIVATE" = true ]; then
  namehold rehearse --quiet --config "$CONFIG" --format markdown >> "$COMMENT"
else
  # What it says may tell open names.
  namehold rehearse --quiet --config "$CONFIG" > /dev/null 2>&1 || {
    code=$?
    echo "::error::The rehearsal ended with exit code $code: call \`namehold rehearse\` on your own machine to see why."
    exit "$code"
  }
fi
python3 -I -c 'import json, sys; plan = json.load(sys.stdin); print("digest=%s\nnames=%d" % (plan["action_digest"], len(plan["actions"])))' \
  < "$STATE/plan.json" >> "$OUTPUT"
