/** The headless client: commands in, events out. */
import {
  ProblemError,
  type Client,
  type Command,
  type CommandOf,
  type CommandResult,
} from '../snapshot.js';
import { handlers } from './commands.js';
import { createEngine } from './engine.js';
import type { ClientPorts } from './ports.js';
import { problemError } from './problems.js';

/** Opens the client on its store and starts to connect. One client at a time may own a store.
 * @throws ProblemError `storage_unavailable` */
export async function createClient(ports: ClientPorts): Promise<Client> {
  const engine = await createEngine(ports).catch((error: unknown) => {
    throw problemError(error);
  });
  engine.start();
  let closed: Promise<void> | undefined;

  return {
    get snapshot() {
      return engine.broadcast.snapshot;
    },
    subscribe(listener, signal) {
      engine.broadcast.subscribe(listener, signal);
    },
    async run<Type extends Command['type']>(
      command: CommandOf<Type>,
    ): Promise<CommandResult<Type>> {
      if (closed !== undefined) throw new ProblemError({ code: 'internal' });
      // Whoever reaches the tabs' channel may name a command that is none, such as `constructor`.
      if (!Object.hasOwn(handlers, command.type)) throw new ProblemError({ code: 'internal' });
      const handler = handlers[command.type];
      try {
        return await handler(engine, command);
      } catch (error) {
        throw problemError(error);
      }
    },
    close() {
      closed ??= engine.stop().finally(() => ports.store.close());
      return closed;
    },
  };
}
