/** The script tag. Loaded twice, or by two versions, the first one stays. */
import { ParleyChat } from './parley-chat.js';

if (customElements.get('parley-chat') === undefined)
  customElements.define('parley-chat', ParleyChat);
