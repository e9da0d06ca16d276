# Puts the text of the file COMMENT on the merge request, in the place of what an earlier run wrote there: its first
# line is the same in every run.
set -eu
notes="$CI_API_V4_URL/projects/$CI_PROJECT_ID/merge_requests/$CI_MERGE_REQUEST_IID/notes"
# The token comes from a file that curl reads, so that no list of programs shows it.
header=$(mktemp)
trap 'rm -f "$header"' EXIT
printf 'header = "PRIVATE-TOKEN: %s"\n' "$NAMEHOLD_NOTE_TOKEN" > "$header"
me=$(curl --silent --fail --config "$header" "$CI_API_V4_URL/user" | python3 -I -c 'import json, sys; print(json.load(sys.stdin)["id"])')
id=$(curl --silent --fail --config "$header" "$notes?per_page=100&sort=desc" | python3 -I -c '
import json, sys
found = [note["id"] for note in json.load(sys.stdin)
         if note["author"]["id"] == int(sys.argv[1]) and note["body"].startswith(sys.argv[2])]
print(found[0] if found else "")
' "$me" "$(head -n 1 "$COMMENT")")
if [ -n "$id" ]; then set -- PUT "$notes/$id"; else set -- POST "$notes"; fi
curl --silent --fail --output /dev/null --config "$header" --request "$1" --data-urlencode "body@$COMMENT" "$2"
