// What one would write instead: takes a job, commits it, answers 202, signs it and sends it on.
//   node relay.mjs PORT TARGET_PORT KEY
import crypto from 'node:crypto';
import express from 'express';
import { Pool } from 'undici';
import Database from 'better-sqlite3';

const [port, target, key] = process.argv.slice(2);
const database = new Database('relay.sqlite');
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
database.exec('CREATE TABLE jobs (id INTEGER PRIMARY KEY, payload BLOB, done INTEGER NOT NULL DEFAULT 0)');
const insert = database.prepare('INSERT INTO jobs (payload) VALUES (?)');
const finish = database.prepare('UPDATE jobs SET done = 1 WHERE id = ?');
const pool = new Pool(`http://127.0.0.1:${target}`, { connections: 64 });

const app = express();
app.use(express.raw({ type: () => true, limit: '1mb' }));
app.post('/', (request, response) => {
    JSON.parse(request.body);
    const id = insert.run(request.body).lastInsertRowid;
    response.status(202).json({ ok: true, id: Number(id) });
    const signature = crypto.createHmac('sha256', key).update(request.body).digest('hex');
    const headers = { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` };
    pool.request({ method: 'POST', path: '/', headers, body: request.body })
        .then((reply) => reply.body.dump())
        .then(() => finish.run(id))
        .catch((error) => console.error(error.message));
});
app.listen(Number(port), '127.0.0.1');
