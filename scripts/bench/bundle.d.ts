/** Makes one module of a TypeScript file and what it imports, its packages left outside, to be run by Node.
 * @throws Error with the bundler's messages. */
export declare function bundleModule(
  file: string,
  name: string,
): Promise<{ path: string; exports: string[] }>;
