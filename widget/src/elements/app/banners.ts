/** What stands over every screen as long as it is so: one strip, the most pressing. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ClientSnapshot } from '../../core/snapshot.js';
import type { Words } from '../../locales/en.js';
import { CommandEvent } from '../base/events.js';
import { closingProblem } from './screens.js';

function reconnect(event: Event): void {
  event.target?.dispatchEvent(new CommandEvent({ type: 'reconnect' }));
}

/** The standing strip of a state. @param connectionShown whether a missing connection is worth a word by now */
export function renderBanner(
  snapshot: ClientSnapshot,
  words: Words,
  connectionShown: boolean,
): TemplateResult | typeof nothing {
  const { insecure, connection, phase, problem } = snapshot;
  // While it starts the skeleton says so; where it is closed a connection helps nobody.
  const works = (phase === 'ready' || phase === 'unclaimed') && !closingProblem(snapshot);
  const shown = works && connectionShown;
  if (shown && connection === 'offline')
    return html`<parley-banner icon="offline">
      ${words.connection.offline}
      <parley-button slot="action" variant="ghost" @click=${reconnect}
        >${words.connection.retry}</parley-button
      >
    </parley-banner>`;
  if (phase === 'ready' && problem && problem.code !== 'offline')
    return html`<parley-banner tone="danger" icon="alert"
      >${words.standing[problem.code] ?? words.problems[problem.code]}</parley-banner
    >`;
  if (shown && connection === 'connecting')
    return html`<parley-banner icon="retry">${words.connection.connecting}</parley-banner>`;
  if (insecure)
    return html`<parley-banner tone="warning" icon="lock-open"
      >${words.connection.insecure}</parley-banner
    >`;
  return nothing;
}
