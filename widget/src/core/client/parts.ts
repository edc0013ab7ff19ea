/** The parts of the client by name, for those who work with all of them. */
import type { Account } from '../account/account.js';
import type { Pins } from '../account/pins.js';
import type { Context } from '../context.js';
import type { Conversation } from '../conversations/conversation.js';
import type { Directory } from '../conversations/directory.js';
import type { Opening } from '../conversations/open.js';
import type { Drain } from '../outbox/drain.js';
import type { Speaker } from '../outbox/speaker.js';
import type { Command, CommandOf, CommandResult, Problem } from '../snapshot.js';
import type { Acknowledgements } from '../sync/acknowledgements.js';
import type { Follower } from '../sync/follower.js';
import type { Heads } from '../sync/heads.js';
import type { Connection } from '../transport/contract.js';
import type { Calling } from './calling.js';
import type { Link } from './link.js';
import type { Settings } from './settings.js';
import type { Broadcast, ClientState } from './snapshot.js';

export interface Engine {
  readonly context: Context;
  readonly account: Account;
  readonly pins: Pins;
  readonly settings: Settings;
  readonly directory: Directory;
  readonly broadcast: Broadcast;
  readonly state: ClientState;
  readonly link: Link;
  readonly speaker: Speaker;
  readonly drain: Drain;
  readonly opening: Opening;
  readonly heads: Heads;
  readonly follower: Follower;
  readonly acknowledgements: Acknowledgements;
  readonly calling: Calling;
  /** Changes the small state, and has the snapshot told. */
  set(fields: Partial<ClientState>): void;
  /** Stops for good, and says why if there is something to say: what is known here may be true no more. */
  end(problem?: Problem): void;
  /** Sends what waits, the display name first if the other does not know it. */
  ready(conversation: Conversation): void;
  /** Goes on after an account was claimed on this connection. */
  goOnline(connection: Connection): Promise<void>;
  /** Starts the connection loop. */
  start(): void;
  hurry(): void;
  /** Ends everything that runs, what is being stored included. */
  stop(): Promise<void>;
}

/** What there is before the parts that work with it. */
export type Base = Pick<
  Engine,
  | 'context'
  | 'account'
  | 'pins'
  | 'settings'
  | 'directory'
  | 'broadcast'
  | 'state'
  | 'link'
  | 'set'
  | 'end'
>;

export type Parts = Base &
  Pick<
    Engine,
    | 'acknowledgements'
    | 'follower'
    | 'speaker'
    | 'drain'
    | 'heads'
    | 'opening'
    | 'calling'
    | 'ready'
  >;

/** Does one kind of command. */
export type Handler<Type extends Command['type']> = (
  engine: Engine,
  command: CommandOf<Type>,
) => Promise<CommandResult<Type>>;
export type Handlers = { [Type in Command['type']]: Handler<Type> };
