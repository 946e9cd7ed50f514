/** A page in headless Chromium, served from this process: no driver, the page reports by itself. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findTool } from '../../src/verify/tools.js';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
  '.css': 'text/css',
};
/** Isolated pages have a clock of 5 microseconds; others one of 100. */
const ISOLATION = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

interface Options {
  readonly seconds?: number;
  readonly imports?: Readonly<Record<string, string>>;
  readonly policy?: string;
}

/** Path of the browser, or null. */
export function findChromium(): string | null {
  return findTool('chromium') ?? findTool('google-chrome');
}

/**
 * Runs a script in a page.
 * @param mounts folders by the first part of the path that they are served under
 * @param script body of an async function; what it returns, as JSON, is the result
 * @param policy content security policy of all that is served
 * @throws Error with what the script threw, or if the browser ends or the time is up
 */
export async function runInChromium<T>(
  mounts: Readonly<Record<string, string>>,
  script: string,
  { seconds = 60, imports, policy }: Options = {},
): Promise<T> {
  const browser = findChromium();
  if (browser === null) throw new Error('chromium is not on PATH');
  const page = `<!doctype html>
${imports ? `<script type="importmap">${JSON.stringify({ imports })}</script>` : ''}
<script type="module" src="/page.js"></script>`;
  const code = `const report = (value) => fetch('/report', { method: 'POST', body: JSON.stringify(value) });
async function main() { ${script} }
main().then((result) => report({ result }), (error) => report({ error: String(error?.stack ?? error) }));`;
  const files = new Map([
    ['/', page],
    ['/page.js', code],
  ]);
  const headers = { ...ISOLATION, ...(policy ? { 'content-security-policy': policy } : {}) };
  const profile = mkdtempSync(join(tmpdir(), 'bitloom-chromium-'));
  return new Promise<T>((resolve, reject) => {
    const server = createServer((request, response) => {
      if (request.method !== 'POST') return serve(request, response, files, mounts, headers);
      readBody(request).then((body) => {
        response.end();
        const { result, error } = JSON.parse(body) as { result: T; error?: string };
        end(() => (error === undefined ? resolve(result) : reject(new Error(error))));
      }, reject);
    });
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      const flags = [...FLAGS, `--user-data-dir=${profile}`, `http://127.0.0.1:${port}/`];
      child = spawn(browser, flags, { stdio: 'ignore', detached: true });
      child.on('error', (error) => end(() => reject(error)));
      child.on('exit', () => end(() => reject(new Error('chromium ended before the page reported'))));
    });
    let child: ReturnType<typeof spawn> | undefined;
    let ended = false;
    const timer = setTimeout(
      () => end(() => reject(new Error(`no report within ${seconds} s`))),
      1000 * seconds,
    );

    function end(settle: () => void): void {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      server.close();
      server.closeAllConnections();
      const clean = () => {
        rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
        settle();
      };
      if (child?.pid === undefined || child.exitCode !== null) {
        clean();
      } else {
        child.once('exit', clean);
        // With the group of processes that it leads.
        process.kill(-child.pid, 'SIGKILL');
      }
    }
  });
}

/**
 * Opens a file as a reader does.
 * @returns what is seen, and the lines of the console
 */
export function screenshotOf(
  file: string,
  { width, height, dark = false }: { width: number; height: number; dark?: boolean },
): { readonly png: Buffer; readonly console: readonly string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'bitloom-chromium-'));
  const png = join(folder, 'page.png');
  const flags = [
    ...FLAGS,
    '--enable-logging=stderr',
    `--blink-settings=preferredColorScheme=${dark ? 0 : 1}`,
    `--user-data-dir=${join(folder, 'profile')}`,
    `--window-size=${width},${height}`,
    `--screenshot=${png}`,
    pathToFileURL(file).href,
  ];
  try {
    const { stderr } = spawnSync(findChromium()!, flags, { encoding: 'utf8', timeout: 60_000 });
    return { png: readFileSync(png), console: stderr.split('\n').filter((line) => line.includes('CONSOLE')) };
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function serve(
  request: IncomingMessage,
  response: ServerResponse,
  files: ReadonlyMap<string, string>,
  mounts: Readonly<Record<string, string>>,
  headers: OutgoingHttpHeaders,
): void {
  const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
  const [, mount = '', ...rest] = normalize(path).split('/');
  const folder = mounts[mount];
  try {
    const body = files.get(path) ?? (folder && readFileSync(join(folder, ...rest)));
    if (body === undefined || body === '') throw new Error('not found');
    const type = CONTENT_TYPES[path === '/' ? '.html' : extname(path)] ?? 'application/octet-stream';
    response.writeHead(200, { ...headers, 'content-type': type }).end(body);
  } catch {
    response.writeHead(404).end();
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
