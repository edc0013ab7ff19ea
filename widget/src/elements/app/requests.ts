/** Carries out what screens ask for, and keeps the answers for them. */
import type { ReactiveControllerHost } from 'lit';
import type { ClientController, Outcome } from '../../controllers/client-controller.js';
import type { ConversationId } from '../../core/ids.js';
import type {
  ClientSnapshot,
  CommandOf,
  CommandResult,
  Problem,
  ProblemCode,
  SafetyNumber,
} from '../../core/snapshot.js';
import type { Availability } from '../claim/claim.js';

/** What came of the last request of each kind. */
export interface Answers {
  readonly availability: Availability | null;
  readonly claim: { busy: boolean; problem: Problem | null };
  readonly compose: { busy: boolean; problem: Problem | null };
  /** A text that could not be taken, to be put back where it was written. */
  readonly refused: { conversationId: ConversationId; text: string; problem: Problem } | null;
  readonly safety: {
    conversationId: ConversationId;
    number: SafetyNumber | null;
    problem: Problem | null;
  } | null;
}

const idle = { busy: false, problem: null };

/** Why no call can ever be made from this page, by what the client says of calls. */
const callFaults: Partial<Record<ClientSnapshot['calls'], ProblemCode>> = {
  need_https: 'calls_need_https',
  unsupported: 'encryption_unsupported',
};

/** Each method asks the client, keeps the answer, and has the host drawn anew. */
export class Requests {
  answers: Answers = {
    availability: null,
    claim: idle,
    compose: idle,
    refused: null,
    safety: null,
  };

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly controller: ClientController,
  ) {}

  async checkHandle(command: CommandOf<'check_handle'>): Promise<void> {
    const outcome = await this.controller.run<'check_handle'>(command);
    const status = outcome.ok ? outcome.value.status : 'unknown';
    this.keep({ availability: { handle: command.handle, status } });
  }

  /** @returns whether the handle is ours. */
  async claim(command: CommandOf<'claim_handle'>): Promise<boolean> {
    this.keep({ claim: { busy: true, problem: null } });
    const outcome = await this.controller.run<'claim_handle'>(command);
    this.keep({ claim: outcome.ok ? idle : { busy: false, problem: outcome.problem } });
    return outcome.ok;
  }

  /** @returns the conversation with an address, or null if there is none to be had. */
  async openConversation(address: string): Promise<ConversationId | null> {
    this.keep({ compose: { busy: true, problem: null } });
    const outcome = await this.controller.run<'open_conversation'>({
      type: 'open_conversation',
      address,
    });
    this.keep({ compose: outcome.ok ? idle : { busy: false, problem: outcome.problem } });
    return outcome.ok ? outcome.value.conversationId : null;
  }

  /** Forgets what was wrong with the last address. */
  freshCompose(): void {
    this.keep({ compose: idle });
  }

  /** @returns why it was not taken, or null. */
  async sendText(conversationId: ConversationId, text: string): Promise<Problem | null> {
    const outcome = await this.controller.run<'send_text'>({
      type: 'send_text',
      conversationId,
      text,
    });
    const refused = outcome.ok ? null : { conversationId, text, problem: outcome.problem };
    this.keep({ refused });
    return refused?.problem ?? null;
  }

  /** @returns why no call can be made, or null. */
  async startCall(command: CommandOf<'start_call'>): Promise<Problem | null> {
    const calls = this.controller.snapshot?.calls;
    const code = calls && callFaults[calls];
    if (code) return { code };
    const outcome: Outcome<CommandResult<'start_call'>> =
      await this.controller.run<'start_call'>(command);
    return outcome.ok ? null : outcome.problem;
  }

  /** Asks for the safety number of a conversation, once for each key of its other person. */
  async loadSafety(conversationId: ConversationId): Promise<void> {
    const { snapshot } = this.controller;
    const peer = snapshot?.conversations.find(({ id }) => id === conversationId)?.peer;
    const { safety } = this.answers;
    const sameKey = !safety?.number || safety.number.peer.keyChanged === peer?.keyChanged;
    if (!peer || (safety?.conversationId === conversationId && sameKey)) return;
    this.keep({ safety: { conversationId, number: null, problem: null } });
    const outcome = await this.controller.run<'safety_number'>({
      type: 'safety_number',
      conversationId,
    });
    const number = outcome.ok ? outcome.value : null;
    this.keep({ safety: { conversationId, number, problem: outcome.ok ? null : outcome.problem } });
  }

  private keep(part: Partial<Answers>): void {
    this.answers = { ...this.answers, ...part };
    this.host.requestUpdate();
  }
}
