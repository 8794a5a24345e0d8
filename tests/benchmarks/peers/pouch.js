// A PouchDB peer: `node pouch.js serve` is express-pouchdb on a database in memory, `node pouch.js seat
// FOLDER` a PouchDB on leveldb. One JSON command per line in, one JSON answer per line out.
'use strict'
const { createRequire } = require('module')
const fs = require('fs')
const path = require('path')
const readline = require('readline')
const need = createRequire(path.join(process.cwd(), 'package.json'))
const PouchDB = need('pouchdb')

const BATCH = { batch_size: 1000, batches_limit: 4 }
const say = (answer) => process.stdout.write(JSON.stringify(answer) + '\n')
const named = (n) => 'order-' + String(n).padStart(6, '0')

async function timed (work) {
  const begun = process.hrtime.bigint()
  await work()
  return Number(process.hrtime.bigint() - begun) / 1e6
}

function serve () {
  PouchDB.plugin(need('pouchdb-adapter-memory'))
  const Memory = PouchDB.defaults({ adapter: 'memory' })
  const app = need('express')()
  app.use('/', need('express-pouchdb')(Memory, { mode: 'minimumForPouchDB', logPath: '/dev/null' }))
  const server = app.listen(0, '127.0.0.1', () => say({ port: server.address().port }))
  const db = new Memory('orders')
  return {
    async fill ({ file }) {
      const lines = fs.readFileSync(file, 'utf8').trim().split('\n')
      for (let first = 0; first < lines.length; first += 1000) {
        const some = lines.slice(first, first + 1000)
        await db.bulkDocs(some.map((line, n) => ({ ...JSON.parse(line), _id: named(first + n) })))
      }
      return {}
    }
  }
}

function seat (folder) {
  let made = 0
  let db = null
  return {
    async first ({ url }) {
      db = new PouchDB(path.join(folder, 'seat-' + made++))
      return { ms: await timed(() => db.replicate.from(url, BATCH)) }
    },
    async edit ({ first, count, word }) {
      const keys = Array.from({ length: count }, (_, n) => named(first + n))
      const found = await db.allDocs({ keys, include_docs: true })
      await db.bulkDocs(found.rows.map((row) => ({ ...row.doc, note: word })))
      return {}
    },
    async push ({ url }) { return { ms: await timed(() => db.replicate.to(url, BATCH)) } },
    async pull ({ url }) { return { ms: await timed(() => db.replicate.from(url, BATCH)) } },
    async both ({ url }) {
      return { ms: await timed(async () => { await db.replicate.to(url, BATCH); await db.replicate.from(url, BATCH) }) }
    }
  }
}

const [mode, folder] = process.argv.slice(2)
const commands = mode === 'serve' ? serve() : seat(folder)
if (mode !== 'serve') say({})
readline.createInterface({ input: process.stdin }).on('line', async (line) => {
  const command = JSON.parse(line)
  if (command.do === 'stop') process.exit(0)
  try {
    say(await commands[command.do](command))
  } catch (error) {
    say({ error: String(error && error.stack || error) })
  }
})
