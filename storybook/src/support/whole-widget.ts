/** The whole widget in a story, driven by a scripted client. */
import { html, type TemplateResult } from 'lit';
import '../../../widget/src/elements/app/app.js';
import type { ParleyApp } from '../../../widget/src/elements/app/app.js';
import { ScriptedClient, type Scenario } from './scripted-client.js';

export interface WidgetArgs {
  scenario: Scenario;
  newcomer?: boolean;
  mediaStreams?: ParleyApp['mediaStreams'];
}

const noStreams: ParleyApp['mediaStreams'] = { local: null, remote: null };

/** Open, in the theme and language of the toolbar. */
export const renderWidget = (
  { scenario, newcomer = false, mediaStreams = noStreams }: WidgetArgs,
  { globals }: { globals: Record<string, unknown> },
): TemplateResult =>
  html`<parley-app
    open
    .newcomer=${newcomer}
    .client=${new ScriptedClient(scenario)}
    .mediaStreams=${mediaStreams}
    theme=${globals['theme'] === 'dark' ? 'dark' : 'light'}
    lang=${String(globals['language'])}
  ></parley-app>`;

export function appIn(canvas: HTMLElement): ParleyApp {
  const app = canvas.querySelector('parley-app');
  if (!app) throw new Error('no widget');
  return app;
}

export const clientIn = (canvas: HTMLElement): ScriptedClient =>
  appIn(canvas).client as ScriptedClient;
