const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text for HTML content and attributes. */
export const escape = (text) => text.replace(/[&<>"]/g, (sign) => entities[sign]);
