/** Screens and sheets that a visit may well do without: loaded when first wanted, or in an idle moment. */
import '../closed/closed.js';
import '../explain/encryption-sheet.js';
import '../explain/key-changed-sheet.js';
import '../explain/problem-sheet.js';
import '../explain/sign-out-sheet.js';
import '../safety/safety.js';
import '../settings/settings.js';
