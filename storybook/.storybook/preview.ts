import { setCustomElementsManifest, type Preview } from '@storybook/web-components-vite';
import { css, html } from 'lit';
import { ref } from 'lit/directives/ref.js';
import { tokenDeclarations } from '../../widget/src/elements/tokens/tokens.styles.js';
import { en } from '../../widget/src/locales/en.js';
import { createLocale, useLanguage, useLocale } from '../../widget/src/locales/index.js';
import manifest from '../../widget/custom-elements.json';

setCustomElementsManifest(manifest);

// Outside `parley-app` nobody carries the tokens: the story's root does.
const sheet = css`
  .parley-story {
    ${tokenDeclarations}
    box-sizing: border-box;
    min-height: 100vh;
    padding: 24px;
    background: light-dark(oklch(0.93 0.006 85), oklch(0.14 0.01 250));
    color: var(--_text);
    font: 400 15px/22px var(--_font);
  }
  .parley-story.card {
    position: relative;
    display: grid;
    gap: 12px;
    align-content: start;
    min-height: 120px;
    background: var(--_surface-1);
  }
  @media (max-width: 479.98px) {
    .parley-story.panel {
      padding: 0;
    }
  }
  .sb-main-padded {
    padding: 0 !important;
  }
`.styleSheet;
if (sheet) document.adoptedStyleSheets.push(sheet);

const preview: Preview = {
  tags: ['autodocs'],
  globalTypes: {
    theme: {
      toolbar: { title: 'Theme', icon: 'mirror', items: ['light', 'dark'], dynamicTitle: true },
    },
    language: {
      toolbar: {
        title: 'Language',
        icon: 'globe',
        dynamicTitle: true,
        items: [
          { value: 'en', title: 'English' },
          { value: 'hi', title: 'हिन्दी' },
          { value: 'ar', title: 'Right to left (English words)' },
        ],
      },
    },
  },
  initialGlobals: { theme: 'light', language: 'en' },
  parameters: {
    layout: 'fullscreen',
    a11y: { test: 'error' },
    controls: { expanded: true },
    viewport: {
      options: {
        panel: { name: 'Beside a page', styles: { width: '496px', height: '688px' } },
        phone: { name: 'Phone', styles: { width: '390px', height: '844px' } },
        small: { name: 'Small phone', styles: { width: '320px', height: '568px' } },
      },
    },
  },
  decorators: [
    (story, { globals, parameters }) => {
      const theme = globals['theme'] === 'dark' ? 'dark' : 'light';
      const language = String(globals['language']);
      if (language === 'ar') useLocale(createLocale('ar', en));
      else void useLanguage(language);
      const space = String(parameters['space'] ?? '');
      const scheme = (element?: Element): void => {
        if (element instanceof HTMLElement) element.style.colorScheme = theme;
      };
      return html`<div
        class="parley-story ${space}"
        dir=${language === 'ar' ? 'rtl' : 'ltr'}
        ${ref(scheme)}
      >
        ${story()}
      </div>`;
    },
  ],
};

export default preview;
