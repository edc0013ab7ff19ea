/** The server's procedures by path, checked against its router. Types only: nothing of the server is in the bundle. */
import type { AppRouter } from '@parley/server';

type Slices = AppRouter['_def']['record'];

/** `slice.procedure`, as the server has it, of one kind. */
export type Path<Kind extends 'query' | 'mutation' | 'subscription'> = {
  [Slice in keyof Slices]: {
    [Name in keyof Slices[Slice]]: Slices[Slice][Name] extends { _def: { type: Kind } }
      ? `${Slice}.${Extract<Name, string>}`
      : never;
  }[keyof Slices[Slice]];
}[keyof Slices];

/** What a procedure takes. */
export type InputOf<Of extends string> = Of extends `${infer Slice}.${infer Name}`
  ? Slice extends keyof Slices
    ? Slices[Slice] extends Record<Name, { _def: { $types: { input: infer Input } } }>
      ? Input
      : never
    : never
  : never;
