/** Loaded into a measured process before its own code (`node --expose-gc --import`): tells the bench, over IPC, what
 * only the process itself knows of its memory, its CPU and its longest stall. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();

process.on('message', (question) => {
  if (question === 'settle') {
    globalThis.gc();
    globalThis.gc();
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  process.send({ rss, heapUsed, external, cpuUs: user + system, stallMs: delay.max / 1e6 });
  if (question === 'reset') delay.reset();
});
// Being watched keeps no process alive.
process.channel?.unref();
