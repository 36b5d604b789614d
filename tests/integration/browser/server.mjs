// Starts and stops `lenne serve` for a test, on free ports and in a directory of its own.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

// A free port that no other program is given by chance, so that a later start finds it free again: the system gives those
// from 32768 on to whoever asks for any. `bind` binds a socket to it and returns that socket.
async function portToKeep(bind) {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_768);
    const socket = bind(port);
    const free = await once(socket, 'listening').then(
      () => true,
      () => false,
    );
    if (!free) continue;
    const closed = once(socket, 'close');
    socket.close();
    await closed;
    return port;
  }
}

export const tcpPortToKeep = () => portToKeep((port) => createServer().listen(port, '127.0.0.1'));
const udpPortToKeep = () => portToKeep((port) => createSocket('udp4').bind(port, '127.0.0.1'));

// Runs the program to its end.
async function live(program, options) {
  const child = spawn(program, options, { stdio: ['ignore', 'ignore', 'pipe'] });
  let told = '';
  child.stderr.on('data', (text) => (told = (told + text).slice(-20_000)));
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`lenne ${options[0]} ended with ${code}\n${told}`);
}

export class LenneServer {
  // The first start takes free ports; a later one the same again, as after a restart of the machine. `past` is what
  // `lenne simulate` is told about the time that the directory has behind it.
  static async create(program, { past } = {}) {
    const server = new LenneServer(program, await mkdtemp(join(tmpdir(), 'lenne-browser-')));
    if (past) await live(program, ['simulate', '--data', server.data, ...past]);
    server.udp = `127.0.0.1:${await udpPortToKeep()}`;
    server.http = `127.0.0.1:${await tcpPortToKeep()}`;
    await server.start();
    return server;
  }

  constructor(program, root) {
    this.program = program;
    this.root = root;
    this.data = join(root, 'data');
    this.log = '';
  }

  get url() {
    return `http://${this.http}/`;
  }

  async start(waitMs = 90_000) {
    const settings = [`data=${this.data}`, `gateways.udp=${this.udp}`, `http.listen=${this.http}`];
    const options = settings.flatMap((setting) => ['--set', setting]);
    const child = spawn(this.program, ['serve', ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    child.stderr.on('data', (text) => (this.log = (this.log + text).slice(-20_000)));
    const ready = await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not ready after ${waitMs} ms\n${this.log}`)), waitMs);
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`ended with ${code} before it was ready\n${this.log}`)));
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (!line.startsWith('ready ')) return;
        clearTimeout(timer);
        resolve(line);
      });
    });
    child.removeAllListeners('exit');
    const bound = Object.fromEntries(
      ready
        .split(' ')
        .slice(1)
        .map((pair) => pair.split('=')),
    );
    this.udp = bound.udp;
    this.http = bound.http;
    this.token = (await readFile(join(this.data, 'operator.token'), 'utf8')).trim();
  }

  stop(signal = 'SIGTERM') {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      child.once('exit', resolve);
      child.kill(signal);
    });
  }

  async remove() {
    await this.stop('SIGKILL');
    await rm(this.root, { recursive: true, force: true });
  }
}

export async function apply(url, token, documents) {
  const response = await fetch(new URL('v1/apply', url), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(documents),
  });
  const answer = await response.json();
  const refused = (answer.results ?? []).filter(({ action }) => action === 'refused');
  if (!response.ok || refused.length > 0) throw new Error(`apply: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}
