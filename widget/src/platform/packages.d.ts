declare module 'asmcrypto.js/asmcrypto.all.es8.js';
declare module 'webcrypto-liner/build/webcrypto-liner.shim.min.mjs';
