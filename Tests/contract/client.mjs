// The calls of both contracts as a Node 20 service makes them with fetch and FormData. Needs MASQUE_URL, MASQUE_TOKEN, ANNA, GRACE, VIDEO.
import assert from 'node:assert/strict'
import { File } from 'node:buffer'
import crypto from 'node:crypto'
import fs from 'node:fs/promises'
import http from 'node:http'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const { MASQUE_URL: url, MASQUE_TOKEN: token, ANNA: anna, GRACE: grace, VIDEO: video } = process.env
const auth = { Authorization: `Bearer ${token}` }
const step = (text) => console.log(`node: ${text}`)

/** A file as fetch and FormData take it. */
const file = async (name, type) => new File([await fs.readFile(name)], path.basename(name), { type })

/** One call; fails on another status than expected, and reads JSON. */
async function call(expected, method, where, { json, form, headers = {} } = {}) {
  const body = json === undefined ? form : JSON.stringify(json)
  const type = json === undefined ? {} : { 'Content-Type': 'application/json' }
  const answer = await fetch(url + where, { method, body, headers: { ...auth, ...type, ...headers } })
  const text = await answer.text()
  assert.ok([expected].flat().includes(answer.status), `${method} ${where}: ${answer.status} ${text}`)
  return { answer, json: text ? JSON.parse(text) : null }
}

const multipart = (entries) => {
  const form = new FormData()
  for (const [key, value] of Object.entries(entries)) form.append(key, value)
  return form
}

/** Reads a job's events with fetch until the stream ends. */
async function events(job) {
  const answer = await fetch(`${url}/jobs/${job}/events`, { headers: { ...auth, Accept: 'text/event-stream' } })
  assert.equal(answer.status, 200)
  assert.match(answer.headers.get('content-type'), /^text\/event-stream/)
  const found = []
  let text = ''
  for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
    text += chunk
    const blocks = text.split('\n\n')
    text = blocks.pop()
    for (const block of blocks) {
      const event = {}
      for (const line of block.split('\n')) {
        if (line.startsWith(':') || !line.includes(':')) continue
        event[line.slice(0, line.indexOf(':'))] = line.slice(line.indexOf(':') + 1).trimStart()
      }
      if (event.event) found.push({ ...event, data: event.data ? JSON.parse(event.data) : null })
    }
  }
  return found
}

/** Standard Webhooks, as its documents say. */
function isSigned(secret, headers, body) {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  const expected = crypto.createHmac('sha256', key).update(signed).digest()
  return headers['webhook-signature'].split(' ').some((given) => {
    const bytes = Buffer.from(given.replace('v1,', ''), 'base64')
    return bytes.length === expected.length && crypto.timingSafeEqual(bytes, expected)
  })
}

const heard = []
const hook = http.createServer((request, response) => {
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    heard.push({ headers: request.headers, body: Buffer.concat(chunks).toString() })
    response.writeHead(204).end()
  })
})
await new Promise((done) => hook.listen(0, '127.0.0.1', done))

step('swap jobs: create, webhook, source, target, submit, events, result')
{
  const { json: made } = await call(201, 'POST', '/jobs', { json: { mode: 'photo_photo_codeformer' } })
  const job = made.job_id
  assert.equal(made.status, 'draft')
  const { json: subscribed } = await call(201, 'POST', `/jobs/${job}/webhook`, {
    json: { url: `http://127.0.0.1:${hook.address().port}/`, events: ['queued', 'running', 'completed', 'failed'] },
  })
  await call(200, 'POST', `/jobs/${job}/source`, { form: multipart({ file: await file(anna, 'image/jpeg') }) })
  await call(200, 'POST', `/jobs/${job}/target`, { form: multipart({ file: await file(grace, 'image/jpeg') }) })
  const listening = events(job)
  await call(202, 'POST', `/jobs/${job}/submit`)
  await call([200, 202], 'POST', `/jobs/${job}/submit`)
  const all = await listening
  assert.equal(all.at(-1).event, 'end')
  assert.ok(all.some(({ data }) => data?.status === 'running'), 'no event says that it runs')
  const { json: done } = await call(200, 'GET', `/jobs/${job}`)
  assert.equal(done.status, 'completed', JSON.stringify(done))
  assert.equal(done.progress, 100)
  const result = await fetch(`${url}/jobs/${job}/result`, { headers: auth })
  assert.equal(result.headers.get('content-type'), 'image/jpeg')
  assert.match(result.headers.get('content-disposition'), /filename/)
  const bytes = Buffer.from(await result.arrayBuffer())
  assert.equal(crypto.createHash('sha256').update(bytes).digest('hex'), done.result.sha256)
  for (let i = 0; i < 200 && !heard.some(({ body }) => JSON.parse(body).type.endsWith('completed')); i++) await sleep(100)
  assert.ok(heard.some(({ body }) => JSON.parse(body).type.endsWith('completed')), 'the webhook never heard of the end')
  for (const { headers, body } of heard) assert.ok(isSigned(subscribed.secret, headers, body), 'wrong signature')
}

step('quick: a video in one request')
{
  const form = multipart({ mode: 'photo_video_quality', source: await file(anna, 'image/jpeg'), target: await file(video, 'video/mp4') })
  const { answer, json } = await call(202, 'POST', '/jobs/quick', { form })
  assert.match(answer.headers.get('location'), new RegExp(json.job_id))
  const all = await events(json.job_id)
  assert.equal(all.at(-1).event, 'end')
  const { json: done } = await call(200, 'GET', `/jobs/${json.job_id}`)
  assert.equal(done.status, 'completed', JSON.stringify(done))
  assert.equal(done.result.media_type, 'video/mp4')
  const part = await fetch(`${url}/jobs/${json.job_id}/result`, { headers: { ...auth, Range: 'bytes=4-7' } })
  assert.equal(part.status, 206)
  assert.equal(await part.text(), 'ftyp')
}

step('a shared link works without a token')
{
  const { json: list } = await call(200, 'GET', '/jobs?status=completed&limit=1')
  const { json: shared } = await call(201, 'POST', `/jobs/${list.jobs[0].job_id}/share`, { json: { expires_in: 60 } })
  const open = await fetch(new URL(shared.url, url))
  assert.equal(open.status, 200)
  const changed = await fetch(new URL(shared.url.slice(0, -2) + (shared.url.endsWith('AA') ? 'BB' : 'AA'), url))
  assert.ok(changed.status === 404 || changed.status === 403 || changed.status === 401, `a changed link gave ${changed.status}`)
}

step('cancel: within a second')
{
  const form = multipart({ mode: 'photo_video_fast', source: await file(anna, 'image/jpeg'), target: await file(video, 'video/mp4') })
  const { json } = await call(202, 'POST', '/jobs/quick', { form })
  await sleep(300)
  const start = performance.now()
  await call([200, 202], 'POST', `/jobs/${json.job_id}/cancel`)
  let state
  do {
    await sleep(20)
    state = (await call(200, 'GET', `/jobs/${json.job_id}`)).json.status
  } while (!['canceled', 'completed', 'failed'].includes(state) && performance.now() - start < 5000)
  assert.equal(state, 'canceled')
  assert.ok(performance.now() - start < 1000, `it took ${performance.now() - start} ms to cancel`)
}

step('process: health, image, download with cleanup, delete')
{
  const health = await (await fetch(`${url}/health`)).json()
  assert.equal(health.status, 'healthy')
  const form = multipart({
    source: await file(anna, 'image/jpeg'), target: await file(grace, 'image/jpeg'),
    request: JSON.stringify({ processors: ['face_swapper'], face_detector_score: 0.5 }),
  })
  const { json } = await call(200, 'POST', '/process/image', { form })
  assert.equal(json.status, 'completed')
  assert.match(json.output_path, /^\.api_outputs\/[0-9a-f-]+\.jpg$/)
  const name = path.basename(json.output_path)
  const download = await fetch(`${url}/download/${name}?cleanup=true`, { headers: auth })
  assert.equal(download.status, 200)
  assert.ok((await download.arrayBuffer()).byteLength > 1000)
  await sleep(200)
  assert.equal((await fetch(`${url}/download/${name}`, { headers: auth })).status, 404)
  assert.equal((await fetch(`${url}/output/${name}`, { method: 'DELETE', headers: auth })).status, 404)
}

hook.close()
hook.closeAllConnections()
step('all right')
