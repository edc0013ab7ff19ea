/** Which screen shows, and what it is given. */
import { html, nothing, type TemplateResult } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import type { OpenThread } from '../../controllers/client-controller.js';
import type { ConversationId } from '../../core/ids.js';
import type { ClientSnapshot, ConversationSummary, Problem } from '../../core/snapshot.js';
import type { Route, Theme } from '../base/events.js';
import type { Answers } from './requests.js';

/** All that screens are made of. */
export interface View {
  /** `null`: no client yet. */
  snapshot: ClientSnapshot | null;
  /** The strip that stands over it. */
  banner: TemplateResult | typeof nothing;
  route: Route;
  thread: OpenThread | null;
  answers: Answers;
  drafts: ReadonlyMap<ConversationId, string>;
  /** The conversation one comes from. */
  origin: ConversationId | null;
  theme: Theme;
  /** What was kept here is gone. */
  lost: boolean;
  /** Nobody is known to live here. */
  newcomer: boolean;
  /** Whether the panel is open, so that what is shown is seen. */
  open: boolean;
}

function renderList({ snapshot, drafts, origin }: View, loading: boolean): TemplateResult {
  return html`<parley-conversation-list
    data-screen
    .conversations=${snapshot?.conversations ?? []}
    .self=${snapshot?.self ?? null}
    .drafts=${drafts}
    .origin=${origin}
    .loading=${loading}
  ></parley-conversation-list>`;
}

function renderClaim({ snapshot, answers, lost }: View): TemplateResult {
  const { claim, availability } = answers;
  return html`<parley-claim
    data-screen
    .domain=${snapshot?.site?.domain ?? ''}
    .availability=${availability}
    .busy=${claim.busy}
    .problem=${claim.problem}
    .signedOut=${snapshot?.phase === 'signed_out'}
    .lost=${lost}
  ></parley-claim>`;
}

function renderCompose(
  snapshot: ClientSnapshot,
  { compose }: Answers,
  address: string,
): TemplateResult {
  return html`<parley-compose
    data-screen
    .domain=${snapshot.site?.domain ?? ''}
    .reach=${snapshot.site?.reach ?? 'site'}
    .address=${address}
    .busy=${compose.busy}
    .problem=${compose.problem}
    .conversations=${snapshot.conversations}
  ></parley-compose>`;
}

function renderConversation(view: View, conversation: ConversationSummary): TemplateResult {
  const { refused } = view.answers;
  const screen = html`<parley-conversation
    data-screen
    .conversation=${conversation}
    .view=${view.thread}
    .draft=${view.drafts.get(conversation.id) ?? ''}
    .refused=${refused?.conversationId === conversation.id ? refused : null}
    .seen=${view.open}
    >${view.banner}</parley-conversation
  >`;
  // From one conversation straight to another: nothing of the first may stay behind.
  return html`${keyed(conversation.id, screen)}`;
}

function renderSafety(view: View, conversation: ConversationSummary): TemplateResult {
  const { safety } = view.answers;
  return html`<parley-safety
    data-screen
    .conversation=${conversation}
    .safetyNumber=${safety?.number ?? null}
    .problem=${safety?.problem ?? null}
  ></parley-safety>`;
}

/** Nothing works here as it stands, and why: there is no use in choosing a handle. */
export function closingProblem(snapshot: ClientSnapshot | null): Problem | null {
  const { phase, problem } = snapshot ?? {};
  if (phase === 'closed') return problem ?? { code: 'internal' };
  // Signed out from elsewhere, nothing here is erased yet: until it is, no other handle can be chosen.
  if (phase === 'signed_out' && problem?.code === 'device_revoked') return problem;
  const refused = problem?.code === 'origin_refused' || problem?.code === 'site_unknown';
  return phase === 'unclaimed' && refused ? problem : null;
}

/** The screen of a phase, or of the place one is at, and the strip: at its foot, in a conversation under its header.
 * Settings, safety numbers and the closed screen are in `later.ts`. */
export function renderScreen(view: View): TemplateResult {
  const talk = talkOf(view);
  return html`${talk ? renderConversation(view, talk) : renderOther(view)}
    <div slot="banner">${talk ? nothing : view.banner}</div>`;
}

function foundIn({ snapshot, route }: View): ConversationSummary | undefined {
  return 'conversationId' in route
    ? snapshot?.conversations.find(({ id }) => id === route.conversationId)
    : undefined;
}

function talkOf(view: View): ConversationSummary | undefined {
  const { snapshot, route } = view;
  const works = snapshot?.phase === 'ready' && route.screen === 'conversation';
  return works ? foundIn(view) : undefined;
}

function renderOther(view: View): TemplateResult {
  const { snapshot, route } = view;
  // What will most likely come stands there from the start, and can be filled in.
  if (snapshot === null || snapshot.phase === 'starting')
    return view.newcomer ? renderClaim(view) : renderList(view, true);
  const problem = closingProblem(snapshot);
  if (problem) return html`<parley-closed data-screen .problem=${problem}></parley-closed>`;
  if (snapshot.phase === 'unclaimed' || snapshot.phase === 'signed_out') return renderClaim(view);
  if (route.screen === 'new') return renderCompose(snapshot, view.answers, route.address ?? '');
  if (route.screen === 'settings')
    return html`<parley-settings
      data-screen
      .self=${snapshot.self}
      .sound=${snapshot.settings.sound}
      .theme=${view.theme}
    ></parley-settings>`;
  if (route.screen === 'conversations') return renderList(view, false);
  const found = foundIn(view);
  // A conversation that was just made stands in the list a moment later.
  return found ? renderSafety(view, found) : renderList(view, true);
}
