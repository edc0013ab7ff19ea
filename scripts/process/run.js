/** Child processes that end: by themselves, at their time limit, or with us. */
import { spawn } from 'node:child_process';

const running = new Set();

/** Ends a child with everything that it started. */
function end(child, signal) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    child.kill(signal);
  }
}

/** Ends whatever still runs: for exits and signals. */
export function endAll() {
  for (const child of running) end(child, 'SIGKILL');
}

/** Makes Ctrl-C and friends end our children too. */
export function endAllWithUs() {
  process.on('exit', endAll);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => {
      endAll();
      process.exit(130);
    });
}

/** Runs a program to its end.
 * @param options `seconds` is the time limit; `quiet` keeps the output for the result instead of showing it;
 * `show` is one stream for all that is shown; `env` is added to ours.
 * @returns exit code (`null` when it had to be ended), the output's last 200 kB, and whether time ran out. */
export function run(program, args, { seconds, quiet = false, show, env = {}, cwd } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd,
      detached: true,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    let output = '';
    const keep = (stream) => (chunk) => {
      if (!quiet) (show ?? stream).write(chunk);
      output = (output + chunk).slice(-200_000);
    };
    child.stdout.on('data', keep(process.stdout));
    child.stderr.on('data', keep(process.stderr));
    let timedOut = false;
    const limit =
      seconds === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            end(child, 'SIGTERM');
            setTimeout(end, 5_000, child, 'SIGKILL').unref();
          }, seconds * 1000);
    const finish = (code, problem) => {
      clearTimeout(limit);
      running.delete(child);
      resolve({ code, output: problem ? `${output}${problem}\n` : output, timedOut });
    };
    child.on('error', (error) => finish(127, error.message));
    child.on('close', (code) => finish(code));
  });
}
