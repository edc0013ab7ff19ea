/** Runs a module of the bench in a worker of a real Chromium, on a page of this machine. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { chromiumArguments, findChromium } from '../../../scripts/browser.js';

/** The whole module as one file for a browser. */
async function bundled(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [file],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'chrome120',
    write: false,
    logLevel: 'silent',
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error(`nothing came of ${file}`);
  return output.text;
}

/** With the two headers a page's clock counts in 5 microseconds instead of 100. */
const isolation = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

async function serve(script: string): Promise<Server> {
  const server = createServer((request, response) => {
    const isScript = request.url === '/worker.js';
    response.writeHead(200, {
      'content-type': isScript ? 'text/javascript' : 'text/html',
      ...isolation,
    });
    response.end(isScript ? script : '<!doctype html><title>bench</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** @param file a module that answers the message `input` with one message.
 * @param origin of the page, where it matters: it leads to this machine in any case.
 * @returns its answer.
 * @throws Error when there is no Chromium, or the worker fails. */
export async function runInChromium<Result>(
  file: string,
  input: unknown,
  origin?: string,
): Promise<Result> {
  const executablePath = findChromium();
  if (executablePath === null) throw new Error('no Chromium here');
  const server = await serve(await bundled(file));
  const here = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const names =
    origin === undefined ? [] : [`--host-resolver-rules=MAP ${new URL(origin).host} ${here}`];
  const browser = await chromium.launch({
    executablePath,
    args: [...chromiumArguments(), ...names],
  });
  try {
    const page = await browser.newPage();
    await page.goto(`${origin ?? `http://${here}`}/`);
    return await page.evaluate(
      (message) =>
        new Promise<Result>((resolve, reject) => {
          const worker = new Worker('/worker.js', { type: 'module' });
          worker.onmessage = ({ data }: MessageEvent<{ result: Result } | { error: string }>) => {
            if ('error' in data) reject(new Error(data.error));
            else resolve(data.result);
          };
          worker.onerror = ({ message: why }) => {
            reject(new Error(why));
          };
          worker.postMessage(message);
        }),
      input,
    );
  } finally {
    await browser.close();
    server.close();
  }
}
