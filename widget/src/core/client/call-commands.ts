/** The commands that are about calls. */
import { ProblemError, type CommandOf, type ProblemCode } from '../snapshot.js';
import type { Engine, Handlers } from './parts.js';

const whyNot: Record<'unavailable' | 'need_https' | 'unsupported', ProblemCode> = {
  unavailable: 'calls_unavailable',
  need_https: 'calls_need_https',
  unsupported: 'encryption_unsupported',
};

/** Whether the server has calls was heard when this connection began: its Janus may be back since. */
async function askForCalls({ broadcast, link, set }: Engine): Promise<void> {
  if (broadcast.snapshot.calls !== 'unavailable') return;
  if (!link.online) throw new ProblemError({ code: 'offline' });
  const { callsAvailable } = await link.current().siteInfo();
  set({ callsAvailable });
}

/** @throws ProblemError with the reason why no call can be made now. */
function checkCallable(
  engine: Engine,
  conversationId: CommandOf<'start_call'>['conversationId'],
): void {
  const { calls } = engine.broadcast.snapshot;
  if (calls !== 'available') throw new ProblemError({ code: whyNot[calls] });
  if (!engine.link.online) throw new ProblemError({ code: 'offline' });
  const { record } = engine.directory.get(conversationId);
  if (engine.pins.get(record.peer)?.changedKey !== undefined)
    throw new ProblemError({ code: 'key_changed' });
  if (record.state !== 'ready' || record.stuck !== undefined)
    throw new ProblemError({ code: 'call_failed' });
}

type CallCommand =
  | 'start_call'
  | 'answer_call'
  | 'decline_call'
  | 'hang_up'
  | 'set_microphone'
  | 'set_camera'
  | 'dismiss_call';

export const callHandlers: Pick<Handlers, CallCommand> = {
  async start_call(engine, { conversationId, video }) {
    const conversation = engine.directory.get(conversationId);
    // Back in the group first: where that fails, so does the call.
    if (conversation.record.state === 'out') await engine.follower.catchUp(conversation);
    await askForCalls(engine);
    checkCallable(engine, conversationId);
    const { id } = conversation.record;
    await engine.calling.run((calls) => calls.start(id, video));
    return null;
  },
  async answer_call(engine, { callId, video }) {
    await engine.calling.run((calls) => {
      calls.answer(callId, video);
    });
    return null;
  },
  async decline_call(engine, { callId }) {
    await engine.calling.run((calls) => {
      calls.decline(callId);
    });
    return null;
  },
  async hang_up(engine, { callId }) {
    await engine.calling.run((calls) => {
      calls.hangUp(callId);
    });
    return null;
  },
  async set_microphone(engine, { on }) {
    await engine.calling.run((calls) => {
      calls.setMicrophone(on);
    });
    return null;
  },
  async set_camera(engine, { on }) {
    await engine.calling.run((calls) => {
      calls.setCamera(on);
    });
    return null;
  },
  async dismiss_call(engine) {
    await engine.calling.run((calls) => {
      calls.dismiss();
    });
    return null;
  },
};
