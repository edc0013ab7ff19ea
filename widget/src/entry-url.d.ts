/** See `entryUrl` in vite.config.ts: the address of a module that is an entry of its own. */
declare module '*?entry' {
  const url: string;
  export default url;
}
