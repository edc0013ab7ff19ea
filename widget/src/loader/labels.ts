/** The few words that are seen before the app is loaded; all others are in `locales/`. */
export interface Labels {
  open: string;
  chat: string;
  unread: (count: number) => string;
  inCall: string;
  start: string;
  startHint: string;
  failed: string;
  retry: string;
}

const en: Labels = {
  open: 'Open chat',
  chat: 'Chat',
  unread: (count) => (count === 1 ? '1 unread message' : `${String(count)} unread messages`),
  inCall: 'Back to the call',
  start: 'Start',
  startHint: 'Private messages and calls. Nothing is stored before you start.',
  failed:
    'Chat did not load. Check your connection. If it stays so, something on this page is in its way.',
  retry: 'Try again',
};

const hi: Labels = {
  open: 'चैट खोलें',
  chat: 'चैट',
  unread: (count) => `${String(count)} अपठित संदेश`,
  inCall: 'कॉल पर वापस जाएँ',
  start: 'शुरू करें',
  startHint: 'निजी संदेश और कॉल। शुरू करने से पहले कुछ भी सहेजा नहीं जाता।',
  failed: 'चैट लोड नहीं हुई। अपना कनेक्शन जाँचें। फिर भी न हो तो इस पेज की कोई चीज़ इसे रोक रही है।',
  retry: 'फिर कोशिश करें',
};

export const labels = { en, hi };
