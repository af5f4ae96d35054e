#!/usr/bin/env bash
# The calls of both contracts as a person with curl makes them. Needs MASQUE_URL, MASQUE_TOKEN, ANNA, GRACE, VIDEO.
set -euo pipefail

url=${MASQUE_URL:?} auth="Authorization: Bearer ${MASQUE_TOKEN:?}"
anna=${ANNA:?} grace=${GRACE:?} video=${VIDEO:?}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

step() { printf 'curl: %s\n' "$1"; }
fail() {
    printf 'curl: FAILED: %s\n' "$1" >&2
    [[ -e $folder/body ]] && head -c 600 "$folder/body" >&2
    exit 1
}
# call STATUS ARGUMENTS…: one request; its body lies in $folder/body.
call() {
    local expected=$1 status
    shift
    status=$(curl -sS --max-time 120 -o "$folder/body" -D "$folder/head" -w '%{http_code}' -H "$auth" "$@") || fail "curl $*"
    [[ $status == "$expected" ]] || fail "$status instead of $expected: curl $*"
}
# field NAME [FILE]: a field of the JSON answer, e.g. result.width.
field() {
    python3 -c '
import functools, json, sys
value = functools.reduce(lambda at, key: at[int(key)] if isinstance(at, list) else at[key], sys.argv[2].split("."),
                         json.load(open(sys.argv[1])))
print(value if isinstance(value, str) else json.dumps(value))' "${2:-$folder/body}" "$1"
}
is() { [[ $(field "$1") == "$2" ]] || fail "$1 is '$(field "$1")' instead of '$2'"; }
# ended JOB: polls until the job is final.
ended() {
    for _ in $(seq 600); do
        call 200 "$url/jobs/$1"
        case $(field status) in completed | failed | canceled) return ;; esac
        sleep 0.2
    done
    fail "job $1 did not end"
}

step "without a token: 401 with error and message"
status=$(curl -sS -o "$folder/body" -w '%{http_code}' -X POST "$url/jobs" -H 'Content-Type: application/json' -d '{"mode":"photo_photo_gpen"}')
[[ $status == 401 ]] || fail "$status instead of 401"
field error >/dev/null && field message >/dev/null

step "swap jobs: create, source, target, submit, poll"
for mode in photo_photo_gpen photo_photo_codeformer; do
    call 201 -X POST "$url/jobs" -H 'Content-Type: application/json' -d "{\"mode\": \"$mode\"}"
    job=$(field job_id)
    is status draft
    is mode "$mode"
    call 200 -X POST "$url/jobs/$job/source" -F "file=@$anna"
    call 200 -X POST "$url/jobs/$job/target" -F "file=@$grace"
    call 202 -X POST "$url/jobs/$job/submit"
    ended "$job"
    is status completed
    is progress 100
done

step "events: a stream that ends"
curl -sS -N --max-time 60 -H "$auth" -H 'Last-Event-ID: 0' "$url/jobs/$job/events" >"$folder/events" -D "$folder/head" || fail "the stream did not end"
if grep -qi '^HTTP.* 200' "$folder/head"; then
    grep -qi '^content-type: text/event-stream' "$folder/head" || fail "the stream is no text/event-stream"
    grep -q '^event: end' "$folder/events" || fail "the stream has no end event"
    grep -q '^id: ' "$folder/events" || fail "the stream's events have no ids"
fi

step "result: the file, a part of it, 304"
call 200 "$url/jobs/$job/result"
[[ $(head -c 3 "$folder/body" | od -An -tx1) == " ff d8 ff" ]] || fail "the result is no JPEG"
grep -qi '^content-disposition:.*filename' "$folder/head" || fail "the result has no file name"
call 206 -r 0-99 "$url/jobs/$job/result"
[[ $(stat -c %s "$folder/body") == 100 ]] || fail "the part is not 100 bytes long"
tag=$(grep -i '^etag:' "$folder/head" | cut -d' ' -f2- | tr -d '\r')
[[ -n $tag ]] || fail "the result has no ETag"
call 304 -H "If-None-Match: $tag" "$url/jobs/$job/result"

step "quick: one multipart request"
call 202 -X POST "$url/jobs/quick" -F mode=photo_video_fast -F "source=@$anna" -F "target=@$video"
job=$(field job_id)
ended "$job"
is status completed
curl -sS -H "$auth" -o "$folder/result.mp4" "$url/jobs/$job/result"
[[ $(head -c 8 "$folder/result.mp4" | tail -c 4) == ftyp ]] || fail "the result is no MP4"

step "webhook: a subscription"
call 201 -X POST "$url/jobs" -H 'Content-Type: application/json' -d '{"mode": "photo_video_quality"}'
job=$(field job_id)
call 201 -X POST "$url/jobs/$job/webhook" -H 'Content-Type: application/json' \
    -d '{"url": "http://127.0.0.1:8089/hook", "events": ["queued","running","completed","failed"]}'
[[ $(field secret) == whsec_* ]] || fail "the subscription has no secret"

step "another user sees nothing: 404"
if [[ -n ${MASQUE_OTHER_TOKEN:-} ]]; then
    for path in "" /events /result; do
        status=$(curl -sS -o "$folder/body" -w '%{http_code}' -H "Authorization: Bearer $MASQUE_OTHER_TOKEN" "$url/jobs/$job$path")
        [[ $status == 404 ]] || fail "another user got $status for /jobs/ID$path"
    done
fi

step "process: health, processors"
call 200 "$url/health"
is status healthy
field version >/dev/null
field processors_available | grep -q face_swapper || fail "face_swapper is not available"
[[ $(curl -sS -H 'Accept: text/plain' "$url/health") == OK ]] || fail "/health is not OK as text/plain"
call 200 "$url/processors"
field 0.name >/dev/null && field 0.available >/dev/null
for name in age_modifier background_remover deep_swapper expression_restorer face_debugger face_editor face_enhancer \
    face_swapper frame_colorizer frame_enhancer lip_syncer; do
    grep -q "\"$name\"" "$folder/body" || fail "/processors does not list $name"
done

step "process: image, download with cleanup"
call 200 -X POST "$url/process/image" -F "source=@$anna" -F "target=@$grace" \
    -F 'request={"processors":["face_swapper"],"execution_providers":["cpu"],"execution_thread_count":1,"face_detector_model":"yoloface_8n","face_detector_score":0.5,"output_image_scale":50}'
is status completed
[[ $(field job_id) == api_* ]] || fail "job_id is '$(field job_id)'"
[[ $(field output_path) == .api_outputs/*.jpg ]] || fail "output_path is '$(field output_path)'"
name=$(basename "$(field output_path)")
call 200 "$url/download/$name"
call 200 "$url/download/$name?cleanup=true"
[[ $(head -c 3 "$folder/body" | od -An -tx1) == " ff d8 ff" ]] || fail "the download is no JPEG"
sleep 0.2
call 404 "$url/download/$name"

step "process: video, delete"
call 200 -X POST "$url/process/video" -F "source=@$anna" -F "target=@$video" -F 'request={"processors":["face_swapper"]}'
is status completed
name=$(basename "$(field output_path)")
call 200 "$url/download/$name"
code=$(curl -sS -o "$folder/body" -w '%{http_code}' -X DELETE -H "$auth" "$url/output/$name")
[[ $code == 200 || $code == 204 ]] || fail "DELETE /output answered $code"
call 404 "$url/download/$name"

step "process: what is out of range is refused with a sentence"
call 400 -X POST "$url/process/image" -F "source=@$anna" -F "target=@$grace" -F 'request={"processors":["face_swapper"],"execution_thread_count":33}'
field message >/dev/null

step "description and documents"
call 200 "$url/openapi.json"
field openapi >/dev/null
call 200 "$url/docs"
call 200 "$url/redoc"
[[ $(curl -sS -H 'Accept: text/plain' "$url/") == OK ]] || fail "/ is not OK as text/plain"
step "all right"
