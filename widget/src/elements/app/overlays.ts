/** What lies over the current screen. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ConversationId } from '../../core/ids.js';
import type { CallState, ClientSnapshot } from '../../core/snapshot.js';
import type { Overlay } from '../base/events.js';

/** The person's own and the other's media, while there is a call. */
export interface MediaStreams {
  local: MediaStream | null;
  remote: MediaStream | null;
}

/** A sheet for what is asked or explained. The elements are in `later.ts`.
 * @param conversationId of the place below, if it is about one */
export function renderOverlay(
  overlay: Overlay,
  snapshot: ClientSnapshot,
  conversationId: ConversationId | null,
): TemplateResult | typeof nothing {
  if (overlay.overlay === 'encryption')
    return html`<parley-encryption-sheet
      slot="overlay"
      .conversationId=${conversationId}
    ></parley-encryption-sheet>`;
  if (overlay.overlay === 'sign_out')
    return html`<parley-sign-out-sheet
      slot="overlay"
      .address=${snapshot.phase === 'ready' ? (snapshot.self?.address ?? '') : ''}
    ></parley-sign-out-sheet>`;
  if (overlay.overlay === 'problem')
    return html`<parley-problem-sheet
      slot="overlay"
      .problem=${overlay.problem}
    ></parley-problem-sheet>`;
  const changed = snapshot.conversations.find(({ id }) => id === overlay.conversationId);
  if (!changed) return nothing;
  return html`<parley-key-changed-sheet
    slot="overlay"
    .conversation=${changed}
  ></parley-key-changed-sheet>`;
}

/** The call over everything but sheets. The elements are in `call/call.ts`. */
export function renderCall(
  call: CallState,
  snapshot: ClientSnapshot,
  view: { streams: MediaStreams; covered: boolean },
): TemplateResult {
  const conversation = snapshot.conversations.find(({ id }) => id === call.conversationId);
  return html`<parley-call
    slot="overlay"
    ?inert=${view.covered}
    .call=${call}
    .known=${conversation?.last != null}
    .local=${view.streams.local}
    .remote=${view.streams.remote}
  ></parley-call>`;
}
